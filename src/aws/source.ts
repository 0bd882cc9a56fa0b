// Owns what a declared credential source is, and its name in words. Where one comes from is in declare.ts and its neighbours.
// Pure; must not import the AWS SDK.

/** Keys that sign. They are secrets: they go into a request's signature and nowhere else. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** A declared credential source; what it names decides both the identity of the cache key and the SDK provider. */
export type Source =
  | { readonly kind: 'environment'; readonly keys: AwsKeys }
  | {
      readonly kind: 'web-identity';
      readonly roleArn: string;
      readonly tokenFile: string;
      readonly sessionName?: string;
      readonly profile?: string;
    }
  | {
      /** A pod's service account, whose token the kubelet hands over with its request: declared by no file and no variable. */
      readonly kind: 'service-account';
      readonly roleArn: string;
      /** A secret: it goes to STS and nowhere else. */
      readonly token: string;
    }
  | { readonly kind: 'static'; readonly profile: string; readonly keys: AwsKeys }
  | {
      readonly kind: 'role';
      /** Empty where a registry rule names the role and no profile. */
      readonly profile: string;
      readonly roleArn: string;
      readonly externalId?: string;
      readonly sessionName?: string;
      readonly durationSeconds?: number;
      readonly mfaSerial?: string;
      /** The region of the STS endpoint, where the profile names one. */
      readonly region?: string;
      readonly base: Source;
    }
  | {
      readonly kind: 'sso';
      readonly profile: string;
      readonly session?: string;
      readonly startUrl: string;
      readonly ssoRegion: string;
      readonly accountId: string;
      readonly roleName: string;
    }
  | {
      readonly kind: 'login';
      readonly profile: string;
      readonly loginSession: string;
      readonly region?: string;
    }
  | { readonly kind: 'process'; readonly profile: string; readonly command: string }
  | { readonly kind: 'container'; readonly uri: string; readonly token?: string; readonly tokenFile?: string }
  | {
      readonly kind: 'instance';
      /** The URL of the metadata service, where it is not at its usual address. */
      readonly endpoint?: string;
    };

/** A source in words for messages and the log: `profile "dev" (role arn:aws:iam::…)`. Names no key. */
export function sourceName(source: Source): string {
  switch (source.kind) {
    case 'environment':
      return 'environment keys';
    case 'web-identity':
      return source.profile === undefined
        ? 'AWS_WEB_IDENTITY_TOKEN_FILE'
        : `profile "${source.profile}" (web identity)`;
    case 'service-account':
      return `service account token (role ${source.roleArn})`;
    case 'static':
      return `profile "${source.profile}"`;
    case 'role':
      return source.profile === ''
        ? `role ${source.roleArn} from ${sourceName(source.base)}`
        : `profile "${source.profile}" (role ${source.roleArn} from ${sourceName(source.base)})`;
    case 'sso':
      return `profile "${source.profile}" (SSO role ${source.roleName} in ${source.accountId})`;
    case 'login':
      return `profile "${source.profile}" (aws login)`;
    case 'process':
      return `profile "${source.profile}" (credential_process)`;
    case 'container':
      return 'container endpoint';
    case 'instance':
      return 'instance metadata';
  }
}
