// Owns the identity fingerprint: who a declared credential source is, told from what is declared and not from keys that
// rotate, so that one identity's token serves it for the token's whole life and never serves another identity.
// Must not import the AWS SDK, and must not contact anyone: where only AWS or a process knows, it asks `discover`.
import { existsSync, readFileSync } from 'node:fs';
import { HelperError } from '../errors.ts';
import { errorCode, hashHex, homeDirectory } from '../runtime.ts';
import { safeUrl } from './endpoint.ts';
import type { Source } from './source.ts';

/** Who asks, as text: equal text means equal identity. It holds no secret, only names, ARNs and hashes of access key ids. */
export type Identity = string;

/** Answers what a source does not declare: the instance's role name, the access key id that a credential process gives. */
export type Discover = (source: Extract<Source, { kind: 'instance' | 'process' }>) => Promise<string>;

/** The fingerprint of a source; `env` gives the home directory where SSO and login sessions keep their tokens. */
export async function identify(
  source: Source,
  env: NodeJS.ProcessEnv,
  discover: Discover,
): Promise<Identity> {
  return JSON.stringify(await describe(source, env, discover));
}

// Arrays, not objects: an order that no key sorting can change.
async function describe(source: Source, env: NodeJS.ProcessEnv, discover: Discover): Promise<unknown[]> {
  switch (source.kind) {
    case 'environment':
    case 'static':
      // The same key is the same identity wherever it stands.
      return ['key', hashAccessKeyId(source.keys.accessKeyId)];
    case 'web-identity':
      return ['web-identity', source.roleArn, source.sessionName ?? '', ...tokenSubject(source.tokenFile)];
    case 'service-account':
      return ['service-account', source.roleArn, ...tokenClaims(source.token)];
    case 'role':
      return [
        'role',
        source.roleArn,
        source.externalId ?? '',
        source.sessionName ?? '',
        source.durationSeconds ?? 0,
        source.mfaSerial ?? '',
        await describe(source.base, env, discover),
      ];
    case 'sso': {
      const signedIn = existsSync(ssoTokenFile(source, env) ?? '');
      // Logged out: no token may be found, whatever is cached, until the person signs in again.
      if (!signedIn) throw new HelperError(ssoExpired(source));
      return ['sso', source.session ?? '', source.startUrl, source.accountId, source.roleName];
    }
    case 'login': {
      if (!existsSync(loginTokenFile(source.loginSession, env) ?? ''))
        throw new HelperError({ kind: 'login-expired', profile: source.profile });
      return ['login', source.loginSession];
    }
    case 'container':
      return ['container', ...urlFingerprint(source.uri), ...containerSubject(source)];
    case 'instance':
      return ['instance', await discover(source)];
    case 'process':
      return ['process', hashAccessKeyId(await discover(source))];
  }
}

/** SHA-256 of an access key id, shortened: it tells keys apart and names none. */
export function hashAccessKeyId(accessKeyId: string): string {
  return hashHex('sha256', `access key id ${accessKeyId}`).slice(0, 32);
}

/** Where the AWS CLI and the SDKs keep an SSO session's token: SHA-1 of the session name, or of the start URL for the legacy style. */
export function ssoTokenFile(
  source: Extract<Source, { kind: 'sso' }>,
  env: NodeJS.ProcessEnv,
): string | undefined {
  const home = homeDirectory(env);
  return home && `${home}/.aws/sso/cache/${hashHex('sha1', source.session ?? source.startUrl)}.json`;
}

/** Where `aws login` keeps a session's token: SHA-256 of the session's ARN, below AWS_LOGIN_CACHE_DIRECTORY or ~/.aws/login/cache. */
export function loginTokenFile(loginSession: string, env: NodeJS.ProcessEnv): string | undefined {
  const home = homeDirectory(env);
  const directory = env.AWS_LOGIN_CACHE_DIRECTORY || (home && `${home}/.aws/login/cache`);
  return directory && `${directory}/${hashHex('sha256', loginSession.trim())}.json`;
}

function ssoExpired(source: Extract<Source, { kind: 'sso' }>): HelperError['problem'] {
  return {
    kind: 'sso-expired',
    profile: source.profile,
    ...(source.session === undefined ? {} : { session: source.session }),
  };
}

/** Issuer and subject of the token in a file; the token itself is renewed every hour and must not count. */
function tokenSubject(tokenFile: string): [by: string, issuer: string, subject: string] {
  let token: string;
  try {
    token = readFileSync(tokenFile, 'utf8');
  } catch (error) {
    throw new HelperError(
      { kind: 'unreadable-file', file: tokenFile, code: errorCode(error) || 'unknown error' },
      { cause: error },
    );
  }
  const claims = jwtClaims(token);
  return claims === undefined ? ['path', tokenFile, ''] : ['subject', ...claims];
}

function containerSubject(source: Extract<Source, { kind: 'container' }>): string[] {
  if (source.tokenFile !== undefined) return tokenSubject(source.tokenFile);
  if (source.token === undefined) return [];
  return tokenClaims(source.token);
}

/** A URL in a fingerprint or a cache key, which stand in the log and in files: user info and query, which may be secrets, count as a hash. */
export function urlFingerprint(url: string): string[] {
  const safe = safeUrl(url);
  return safe === url ? [url] : [safe, hashHex('sha256', `url ${url}`).slice(0, 32)];
}

/** A token that tells no subject is one per task or session, so it is the identity itself, hashed. */
function tokenClaims(token: string): string[] {
  const claims = jwtClaims(token);
  return claims === undefined
    ? ['token', hashHex('sha256', `token ${token}`).slice(0, 32)]
    : ['subject', ...claims];
}

/** `iss` and `sub` of a JSON Web Token (RFC 7519), unverified: whoever could forge it could write the cache as well. */
function jwtClaims(token: string): [issuer: string, subject: string] | undefined {
  try {
    const payload = token.trim().split('.')[1] ?? '';
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
    if (typeof claims !== 'object' || claims === null) return undefined;
    const { iss, sub } = claims as { iss?: unknown; sub?: unknown };
    return typeof iss === 'string' && typeof sub === 'string' ? [iss, sub] : undefined;
  } catch {
    return undefined;
  }
}
