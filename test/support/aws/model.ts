// The nouns of the loopback AWS: services, requests, replies, keys, roles, tokens and faults.
// Owns shapes only; it must not import anything or run anything.

/** A service that the loopback answers for; faults and recorded requests are named by it. */
export type Service =
  | 'ecr'
  | 'ecr-public'
  | 'sts'
  | 'sso'
  | 'oidc'
  | 'signin'
  | 'imds'
  | 'container'
  | 'unknown';

/** One request as it came off the wire, body complete. */
export interface WireRequest {
  readonly method: string;
  /** Path with query, as sent. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** One answer before it goes on the wire. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a test can ask about a request afterwards. */
export interface RecordedRequest {
  readonly service: Service;
  /** AWS operation name, or the method and path where there is none; `FollowedRedirect` after a redirect fault. */
  readonly operation: string;
  /** Region and access key of the credential scope, if the request was signed. */
  readonly region: string | undefined;
  readonly accessKeyId: string | undefined;
  /** ARN of the caller, set only when the signature or bearer token proved it. */
  readonly identity: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly userAgent: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Arrival by the server's clock, in ms since the epoch. */
  readonly at: number;
  /** TCP connection number, from 1: equal numbers mean a reused connection. */
  readonly connection: number;
}

/** An access key that the loopback knows, registered by a test or issued by one of its services. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  /** Caller's ARN, as GetCallerIdentity shows it. */
  readonly arn: string;
  /** `ecr:GetAuthorizationToken` and `ecr-public:GetAuthorizationToken`; true when left out. */
  readonly mayGetToken?: boolean | undefined;
  /** `sts:GetServiceBearerToken`, which ECR Public needs too; true when left out. */
  readonly mayGetBearerToken?: boolean | undefined;
  /** True makes every use answer "expired". */
  readonly expired?: boolean | undefined;
  /** End of life in ms since the epoch; without it the key does not expire. */
  readonly expiresAt?: number | undefined;
}

/** An IAM role with the part of its trust policy that tests need. */
export interface Role {
  readonly arn: string;
  readonly externalId?: string | undefined;
  /** User, role, session or `:root` ARNs that may assume it; everyone with a valid signature when left out. */
  readonly trustedArns?: readonly string[] | undefined;
  /** MFA device that must be named, and the only code that it accepts. */
  readonly mfaSerial?: string | undefined;
  readonly mfaCode?: string | undefined;
  /** What a web identity token must say; any token of this server when left out. */
  readonly webIdentity?: { readonly iss?: string; readonly sub?: string; readonly aud?: string } | undefined;
  /** MaxSessionDuration in seconds; 3600, as in IAM, when left out. */
  readonly maxSessionSeconds?: number | undefined;
  readonly mayGetToken?: boolean | undefined;
  readonly mayGetBearerToken?: boolean | undefined;
}

/** Temporary AWS credentials as one of the services issued them. */
export interface IssuedCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly arn: string;
  /** ms since the epoch. */
  readonly expiresAt: number;
}

/** An authorization token that was handed out, and to whom. */
export interface MintedToken {
  readonly service: 'ecr' | 'ecr-public';
  readonly password: string;
  /** Registry ID (account) that the token is for; the caller's account for ECR Public. */
  readonly registryId: string;
  readonly region: string;
  /** ARN of the caller it is bound to. */
  readonly arn: string;
  /** ms since the epoch. */
  readonly expiresAt: number;
  readonly proxyEndpoint: string | undefined;
}

/** What goes wrong; `slow` waits `delayMs` ms, `redirect` answers 302 to `to` (else to this server). */
export type Fault =
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'redirect'; readonly to?: string }
  | { readonly kind: 'status'; readonly status: number; readonly code?: string; readonly message?: string }
  | {
      readonly kind:
        | 'connection-reset'
        | 'hang-before-headers'
        | 'hang-after-headers'
        | 'internal-error'
        | 'unavailable'
        | 'throttled'
        | 'access-denied'
        | 'expired-token'
        | 'clock-skew'
        | 'truncated-body'
        | 'wrong-content-type'
        | 'html-page'
        | 'malformed-body'
        | 'empty-data'
        | 'bad-base64-token'
        | 'token-without-colon'
        | 'expiry-in-the-past'
        | 'expiry-absent'
        | 'huge-body';
    };

/** Which requests a fault hits; without `times` all of them until `clearFaults()`. */
export interface FaultMatch {
  readonly service: Service;
  readonly operation?: string;
  readonly times?: number;
}
