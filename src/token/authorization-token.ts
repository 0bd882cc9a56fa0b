// Owns what an ECR authorization token is: its decoding, its check before anybody trusts it, and its three times.
// Must not know where a token comes from or is kept. Follows the GetAuthorizationToken page of the ECR API reference.
import { HelperError } from '../errors.ts';

/** A decoded authorization token; all times in ms since 1970 by this machine's clock. */
export interface AuthorizationToken {
  readonly username: string;
  /** The secret. It leaves through the protocol's answer, `token`, and the cache file. */
  readonly password: string;
  readonly requestedAt: number;
  /** Half of the token's life: from here on a new one is asked for. */
  readonly refreshAt: number;
  /** From here on the token is never given to anybody. */
  readonly expiresAt: number;
}

/** The username of every ECR token. */
export const ECR_USERNAME = 'AWS';

/** A token from the API's two fields; throws `bad-response`, naming the service, for whatever a registry would not accept. */
export function decodeAuthorizationToken(
  answer: { readonly authorizationToken?: unknown; readonly expiresAt?: unknown },
  times: { readonly requestedAt: number; readonly service: string },
): AuthorizationToken {
  const bad = (reason: string): HelperError =>
    new HelperError({ kind: 'bad-response', service: times.service, reason });
  const { authorizationToken, expiresAt } = answer;
  if (typeof authorizationToken !== 'string' || authorizationToken === '')
    throw bad('it holds no authorization token');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(authorizationToken)) throw bad('its authorization token is not base64');
  const decoded = decodeBase64(authorizationToken);
  const colon = decoded?.indexOf(':') ?? -1;
  if (decoded === undefined || colon < 1 || colon === decoded.length - 1)
    throw bad('its authorization token is not of the form user:password');
  // A control character would break the one-line answer of clients that do not unescape.
  if (!/^[\x21-\x7e]+$/.test(decoded))
    throw bad('its authorization token holds characters that no password has');
  const username = decoded.slice(0, colon);
  if (username !== ECR_USERNAME) throw bad(`its authorization token is not for user ${ECR_USERNAME}`);
  if (!(expiresAt instanceof Date) || Number.isNaN(expiresAt.getTime()))
    throw bad('it says no time of expiry');
  if (expiresAt.getTime() <= times.requestedAt) throw bad('its authorization token has already expired');
  return {
    username,
    password: decoded.slice(colon + 1),
    requestedAt: times.requestedAt,
    refreshAt: times.requestedAt + Math.floor((expiresAt.getTime() - times.requestedAt) / 2),
    expiresAt: expiresAt.getTime(),
  };
}

/**
 * The token behind a password that a client asks to keep (`docker login --password-stdin`), or undefined when it is none:
 * ECR's password is base64 of JSON with `expiration` in seconds. Undocumented but stable since 2017, hence checked, not trusted.
 */
export function parseStoredPassword(password: string, now: number): AuthorizationToken | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(password)) return undefined;
  let content: unknown;
  try {
    content = JSON.parse(decodeBase64(password) ?? '');
  } catch {
    return undefined;
  }
  if (typeof content !== 'object' || content === null) return undefined;
  const { payload, expiration } = content as { payload?: unknown; expiration?: unknown };
  if (typeof payload !== 'string' || typeof expiration !== 'number') return undefined;
  const expiresAt = expiration * 1000;
  if (!Number.isSafeInteger(expiresAt) || expiresAt <= now || expiresAt > now + MAX_LIFE_MS) return undefined;
  return { username: ECR_USERNAME, password, requestedAt: now, refreshAt: expiresAt, expiresAt };
}

/** No ECR token lives longer than 12 hours; twice that leaves room for clocks and for a change of AWS's mind. */
export const MAX_LIFE_MS = 24 * 60 * 60 * 1000;

function decodeBase64(text: string): string | undefined {
  try {
    return atob(text);
  } catch {
    return undefined;
  }
}
