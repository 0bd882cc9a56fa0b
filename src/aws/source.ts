// Owns the declared credential source: which AWS identity the environment and the shared config files name, with the
// precedence of the AWS CLI and the Go SDK (aws-sdk-go-v2 config/resolve_credentials.go), before anybody is asked for a key.
// Must not contact anyone, and must not import the AWS SDK.
import { HelperError } from '../errors.ts';
import type { SharedConfig } from './shared-config.ts';

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
  | { readonly kind: 'instance' };

/** What the declaration reads; all of it given, so that a test is a table. */
export interface Declaration {
  readonly env: NodeJS.ProcessEnv;
  readonly shared: SharedConfig;
  /** The profile that a registry rule names: it wins over everything in the environment. */
  readonly ruleProfile?: string;
}

const ECS_ENDPOINT = 'http://169.254.170.2';

/** The credential source in force; throws `profile-not-found`, `profile-invalid` or `no-credentials`. */
export function declareSource({ env, shared, ruleProfile }: Declaration): Source {
  if (ruleProfile !== undefined) {
    if (!shared.profiles.has(ruleProfile)) throw profileNotFound(ruleProfile, shared, { byRule: true });
    return profileSource(ruleProfile, env, shared) ?? holdsNothing(ruleProfile);
  }
  const keys = environmentKeys(env);
  if (keys !== undefined) return { kind: 'environment', keys };
  const { AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile, AWS_ROLE_ARN: roleArn } = env;
  if (tokenFile) {
    // As in the AWS CLI and the Go SDK: going on would end at another identity, silently.
    if (!roleArn)
      throw new HelperError({
        kind: 'setting-invalid',
        name: 'AWS_ROLE_ARN',
        value: '',
        wanted: 'the ARN of a role, because AWS_WEB_IDENTITY_TOKEN_FILE is set',
      });
    return {
      kind: 'web-identity',
      roleArn,
      tokenFile,
      ...(env.AWS_ROLE_SESSION_NAME ? { sessionName: env.AWS_ROLE_SESSION_NAME } : {}),
    };
  }
  const name = activeProfile(env);
  const declared = profileSource(name, env, shared);
  return declared ?? containerSource(env) ?? instanceSource(env) ?? noCredentials(env, shared, name);
}

/** The profile in force where no rule names one: `AWS_PROFILE`, `AWS_DEFAULT_PROFILE`, else `default`. */
export function activeProfile(env: NodeJS.ProcessEnv): string {
  return env.AWS_PROFILE || env.AWS_DEFAULT_PROFILE || 'default';
}

/** Keys from `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`; half a pair counts as none, as in the Go SDK. */
function environmentKeys(env: NodeJS.ProcessEnv): AwsKeys | undefined {
  // The older names without _ID are read by the Go SDK too.
  const accessKeyId = env.AWS_ACCESS_KEY_ID || env.AWS_ACCESS_KEY;
  const secretAccessKey = env.AWS_SECRET_ACCESS_KEY || env.AWS_SECRET_KEY;
  if (!accessKeyId || !secretAccessKey) return undefined;
  return {
    accessKeyId,
    secretAccessKey,
    ...(env.AWS_SESSION_TOKEN ? { sessionToken: env.AWS_SESSION_TOKEN } : {}),
  };
}

/** What a profile declares, or undefined when it holds no credentials and the search goes on. */
function profileSource(name: string, env: NodeJS.ProcessEnv, shared: SharedConfig): Source | undefined {
  if (!shared.profiles.has(name)) {
    // Where nobody asked for `default`, its absence is no mistake.
    if (name === 'default') return undefined;
    throw profileNotFound(name, shared);
  }
  return resolveProfile(name, env, shared, []);
}

function resolveProfile(
  name: string,
  env: NodeJS.ProcessEnv,
  shared: SharedConfig,
  visited: readonly string[],
): Source | undefined {
  const profile = shared.profiles.get(name);
  if (profile === undefined) throw profileNotFound(name, shared, namedBy(visited.at(-1)));
  const roleArn = profile.get('role_arn');
  const tokenFile = profile.get('web_identity_token_file');
  const sourceProfile = profile.get('source_profile');
  const credentialSource = profile.get('credential_source');
  // The AWS CLI takes a source_profile's own keys before its role, and the JavaScript SDK follows it.
  const ownKeys = visited.length > 0 ? staticKeys(name, profile) : undefined;
  if (ownKeys !== undefined) return { kind: 'static', profile: name, keys: ownKeys };
  if (roleArn && sourceProfile && credentialSource)
    throw invalid(name, 'it has both source_profile and credential_source');
  if (roleArn && (sourceProfile || credentialSource)) {
    const base = sourceProfile
      ? sourceProfileBase(name, sourceProfile, env, shared, visited)
      : credentialSourceBase(name, credentialSource ?? '', env);
    return roleSource(name, roleArn, profile, base);
  }
  if (roleArn && tokenFile) {
    const sessionName = profile.get('role_session_name');
    return {
      kind: 'web-identity',
      roleArn,
      tokenFile,
      profile: name,
      ...(sessionName ? { sessionName } : {}),
    };
  }
  if (tokenFile) throw invalid(name, 'it has web_identity_token_file but no role_arn');
  // Never the profile's own keys instead of the role: that would be another identity, silently.
  if (roleArn)
    throw invalid(
      name,
      'it has role_arn but neither source_profile nor credential_source nor web_identity_token_file',
    );
  const keys = staticKeys(name, profile);
  if (keys !== undefined) return { kind: 'static', profile: name, keys };
  return ssoSource(name, profile, shared) ?? loginSource(name, profile) ?? processSource(name, profile);
}

/** The credentials that a role's profile builds on; a profile may name itself when it also has static keys. */
function sourceProfileBase(
  name: string,
  source: string,
  env: NodeJS.ProcessEnv,
  shared: SharedConfig,
  visited: readonly string[],
): Source {
  const path = [...visited, name];
  const profile = shared.profiles.get(source);
  if (profile === undefined) throw profileNotFound(source, shared, namedBy(name));
  if (path.includes(source)) {
    const keys = source === name ? staticKeys(name, profile) : undefined;
    if (keys === undefined)
      throw invalid(name, `source_profile goes in a circle: ${[...path, source].join(' → ')}`);
    return { kind: 'static', profile: name, keys };
  }
  const base = resolveProfile(source, env, shared, path);
  if (base === undefined)
    throw invalid(source, `it is the source_profile of "${name}" but holds no credentials`);
  return base;
}

function credentialSourceBase(name: string, credentialSource: string, env: NodeJS.ProcessEnv): Source {
  switch (credentialSource) {
    case 'Environment': {
      const keys = environmentKeys(env);
      if (keys === undefined)
        throw invalid(
          name,
          'its credential_source is Environment but AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set',
        );
      return { kind: 'environment', keys };
    }
    case 'EcsContainer': {
      const container = containerSource(env);
      if (container === undefined)
        throw invalid(
          name,
          'its credential_source is EcsContainer but AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not set',
        );
      return container;
    }
    case 'Ec2InstanceMetadata': {
      const instance = instanceSource(env);
      if (instance === undefined)
        throw invalid(
          name,
          'its credential_source is Ec2InstanceMetadata but AWS_EC2_METADATA_DISABLED is true',
        );
      return instance;
    }
    default:
      throw invalid(
        name,
        `credential_source is "${credentialSource}", must be Environment, EcsContainer or Ec2InstanceMetadata`,
      );
  }
}

function roleSource(
  name: string,
  roleArn: string,
  profile: ReadonlyMap<string, string>,
  base: Source,
): Source {
  const externalId = profile.get('external_id');
  const sessionName = profile.get('role_session_name');
  const mfaSerial = profile.get('mfa_serial');
  const region = profile.get('region');
  const duration = profile.get('duration_seconds');
  if (duration !== undefined && !/^[1-9]\d{2,4}$/.test(duration))
    throw invalid(name, `duration_seconds is "${duration}", must be a number of seconds from 900 to 43200`);
  return {
    kind: 'role',
    profile: name,
    roleArn,
    base,
    ...(externalId ? { externalId } : {}),
    ...(sessionName ? { sessionName } : {}),
    ...(mfaSerial ? { mfaSerial } : {}),
    ...(region ? { region } : {}),
    ...(duration ? { durationSeconds: Number(duration) } : {}),
  };
}

function staticKeys(name: string, profile: ReadonlyMap<string, string>): AwsKeys | undefined {
  const accessKeyId = profile.get('aws_access_key_id');
  const secretAccessKey = profile.get('aws_secret_access_key');
  const sessionToken = profile.get('aws_session_token');
  if (!accessKeyId && !secretAccessKey) return undefined;
  if (!accessKeyId || !secretAccessKey)
    throw invalid(
      name,
      `it has ${accessKeyId ? 'aws_access_key_id' : 'aws_secret_access_key'} without ${accessKeyId ? 'aws_secret_access_key' : 'aws_access_key_id'}`,
    );
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

function ssoSource(
  name: string,
  profile: ReadonlyMap<string, string>,
  shared: SharedConfig,
): Source | undefined {
  const accountId = profile.get('sso_account_id');
  const roleName = profile.get('sso_role_name');
  // A profile with only an SSO session serves bearer tokens of other services; it holds no AWS credentials.
  if (!accountId && !roleName) return undefined;
  const session = profile.get('sso_session');
  const sessionSettings = session === undefined ? undefined : shared.ssoSessions.get(session);
  if (session !== undefined && sessionSettings === undefined)
    throw invalid(name, `its sso_session "${session}" has no section [sso-session ${session}]`);
  const startUrl = sessionSettings?.get('sso_start_url') ?? profile.get('sso_start_url');
  const ssoRegion = sessionSettings?.get('sso_region') ?? profile.get('sso_region');
  const settings = {
    sso_start_url: startUrl,
    sso_region: ssoRegion,
    sso_account_id: accountId,
    sso_role_name: roleName,
  };
  const missing = Object.entries(settings).filter(([, value]) => !value);
  if (!startUrl || !ssoRegion || !accountId || !roleName)
    throw invalid(
      name,
      `its SSO settings lack ${missing.map(([key]) => key).join(', ')}`,
      `aws configure sso --profile ${name}`,
    );
  return {
    kind: 'sso',
    profile: name,
    startUrl,
    ssoRegion,
    accountId,
    roleName,
    ...(session ? { session } : {}),
  };
}

function loginSource(name: string, profile: ReadonlyMap<string, string>): Source | undefined {
  const loginSession = profile.get('login_session');
  const region = profile.get('region');
  return loginSession
    ? { kind: 'login', profile: name, loginSession, ...(region ? { region } : {}) }
    : undefined;
}

function processSource(name: string, profile: ReadonlyMap<string, string>): Source | undefined {
  const command = profile.get('credential_process');
  return command ? { kind: 'process', profile: name, command } : undefined;
}

/** ECS, EKS Pod Identity and others that speak the container endpoint; the relative URI wins, as in the SDKs. */
function containerSource(env: NodeJS.ProcessEnv): Source | undefined {
  const relative = env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI;
  const uri = relative ? `${ECS_ENDPOINT}${relative}` : env.AWS_CONTAINER_CREDENTIALS_FULL_URI;
  if (!uri) return undefined;
  const tokenFile = env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE;
  const token = env.AWS_CONTAINER_AUTHORIZATION_TOKEN;
  return { kind: 'container', uri, ...(tokenFile ? { tokenFile } : token ? { token } : {}) };
}

function instanceSource(env: NodeJS.ProcessEnv): Source | undefined {
  return env.AWS_EC2_METADATA_DISABLED?.toLowerCase() === 'true' ? undefined : { kind: 'instance' };
}

/** The places that were looked at, in order, for the error that nothing was found. */
export function triedSources(env: NodeJS.ProcessEnv, shared: SharedConfig, profile: string): string[] {
  const halfPair = env.AWS_ACCESS_KEY_ID ? ' (AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY)' : '';
  return [
    `environment keys${halfPair}`,
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    `profile "${profile}" (${shared.profiles.has(profile) ? 'holds no credentials' : `not in ${shared.files.join(' or ') || 'any file'}`})`,
    'container endpoint',
    instanceSource(env) === undefined ? 'instance metadata (disabled)' : 'instance metadata',
  ];
}

function noCredentials(env: NodeJS.ProcessEnv, shared: SharedConfig, profile: string): never {
  throw new HelperError({ kind: 'no-credentials', tried: triedSources(env, shared, profile) });
}

function holdsNothing(profile: string): never {
  throw invalid(profile, 'a registry rule names it, but it holds no credentials');
}

function profileNotFound(
  profile: string,
  shared: SharedConfig,
  by: { readonly namedBy?: string; readonly byRule?: boolean } = {},
): HelperError {
  return new HelperError({
    kind: 'profile-not-found',
    profile,
    known: [...shared.profiles.keys()],
    files: shared.files,
    ...by,
  });
}

function namedBy(profile: string | undefined): { readonly namedBy?: string } {
  return profile === undefined ? {} : { namedBy: profile };
}

function invalid(profile: string, reason: string, hint?: string): HelperError {
  return new HelperError({
    kind: 'profile-invalid',
    profile,
    reason,
    ...(hint === undefined ? {} : { hint }),
  });
}

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
