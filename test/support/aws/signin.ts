// The sign-in service behind `aws login`: CreateOAuth2Token with a refresh token and a DPoP proof (RFC 9449).
// Owns login sessions; it must not sign anybody in: a session starts where `aws login` ends.
// https://docs.aws.amazon.com/signin/latest/APIReference/API_CreateOAuth2Token.html

import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, verify } from 'node:crypto';
import { type Answer, jsonObject, restJson } from './answer.ts';
import { AwsError } from './errors.ts';
import { accountOf, type Iam, issueKeys } from './iam.ts';
import type { WireRequest } from './model.ts';

const ACCESS_LIFE_MS = 15 * 60_000;
const PROOF_WINDOW_MS = 5 * 60_000;
const CLIENT_ID = 'arn:aws:signin:::devtools/same-device';

/** A console session; times in ms from now, negative for one that is already over. */
export interface LoginSession {
  /** Caller's ARN: a user, or a session of a role. */
  readonly arn: string;
  readonly accessLifeMs?: number;
  readonly refreshLifeMs?: number;
  /** Why a refresh is refused, as the service names it: `USER_CREDENTIALS_CHANGED`, `INSUFFICIENT_PERMISSIONS`. */
  readonly refusal?: string;
  readonly mayGetToken?: boolean;
}

/** The content of the token file in `~/.aws/login/cache`, as `aws login` writes it. */
export interface LoginTokenFile {
  readonly accessToken: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
    readonly accountId: string;
    /** ISO 8601. */
    readonly expiresAt: string;
  };
  readonly tokenType: string;
  readonly clientId: string;
  readonly refreshToken: string;
  /** SEC 1 private key in PEM, P-256. */
  readonly dpopKey: string;
}

/** The sign-in service of one loopback. */
export interface Signin {
  addSession(session: LoginSession): LoginTokenFile;
  answer(request: WireRequest, url: string): Answer;
}

interface Grant {
  readonly session: LoginSession;
  readonly publicKey: KeyObject;
  readonly endsAt: number;
}

/** Makes the service over a set of keys. */
export function signinService(iam: Iam): Signin {
  const grants = new Map<string, Grant>();
  const proofIds = new Set<string>();

  function newGrant(grant: Grant): string {
    const token = randomBytes(300).toString('base64url');
    grants.set(token, grant);
    return token;
  }

  return {
    addSession(session) {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const keys = issueKeys(iam, session.arn, session.accessLifeMs ?? ACCESS_LIFE_MS, session);
      const { accessKeyId, secretAccessKey, sessionToken } = keys;
      const endsAt = iam.now() + (session.refreshLifeMs ?? 12 * 3_600_000);
      return {
        accessToken: {
          accessKeyId,
          secretAccessKey,
          sessionToken,
          accountId: accountOf(session.arn),
          expiresAt: new Date(keys.expiresAt).toISOString(),
        },
        tokenType: 'aws_sigv4',
        clientId: CLIENT_ID,
        refreshToken: newGrant({ session, publicKey, endsAt }),
        dpopKey: privateKey.export({ type: 'sec1', format: 'pem' }).toString(),
      };
    },

    answer(request, url) {
      const input = jsonObject(request.body);
      const grant = grants.get(String(input.refreshToken));
      if (input.grantType !== 'refresh_token' || input.clientId !== CLIENT_ID || !grant) {
        throw refusal(
          'ValidationException',
          'INVALID_REQUEST',
          'The grant type, client or refresh token is invalid.',
        );
      }
      checkProof(request, url, grant.publicKey, iam.now(), proofIds);
      if (grant.endsAt <= iam.now())
        throw refusal('AccessDeniedException', 'TOKEN_EXPIRED', 'Your session has expired.');
      const { session } = grant;
      if (session.refusal)
        throw refusal('AccessDeniedException', session.refusal, 'The session cannot be refreshed.');
      const { accessKeyId, secretAccessKey, sessionToken } = issueKeys(
        iam,
        session.arn,
        ACCESS_LIFE_MS,
        session,
      );
      const reply = restJson({
        accessToken: { accessKeyId, secretAccessKey, sessionToken },
        tokenType: 'aws_sigv4',
        expiresIn: ACCESS_LIFE_MS / 1000,
        refreshToken: newGrant(grant),
      });
      return { reply, arn: session.arn };
    },
  };
}

// RFC 9449, section 4.3: the key of the session signed this method, this URL, now, and only once.
function checkProof(
  request: WireRequest,
  url: string,
  publicKey: KeyObject,
  now: number,
  used: Set<string>,
): void {
  const [header = '', payload = '', signature = ''] = (request.headers.dpop ?? '').split('.');
  const invalid = (reason: string) =>
    refusal('ValidationException', 'INVALID_REQUEST', `DPoP proof: ${reason}`);
  const head = decode(header);
  const claims = decode(payload);
  if (!head || !claims) throw invalid('absent or unreadable');
  if (head.typ !== 'dpop+jwt' || head.alg !== 'ES256') throw invalid('wrong type or algorithm');
  if (!isSameKey(head.jwk, publicKey)) throw invalid('not the key of this session');
  const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
  if (!verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))) {
    throw invalid('wrong signature');
  }
  if (claims.htm !== request.method || claims.htu !== `${url}${request.url.split('?', 1)[0]}`) {
    throw invalid('for another method or URL');
  }
  if (Math.abs(Number(claims.iat) * 1000 - now) > PROOF_WINDOW_MS) throw invalid('too old or too new');
  if (typeof claims.jti !== 'string' || used.has(claims.jti)) throw invalid('used before');
  used.add(claims.jti);
}

function isSameKey(jwk: unknown, publicKey: KeyObject): boolean {
  try {
    return !!jwk && createPublicKey({ key: jwk, format: 'jwk' }).equals(publicKey);
  } catch {
    return false;
  }
}

function decode(part: string): Record<string, unknown> | undefined {
  try {
    return jsonObject(Buffer.from(part, 'base64url'));
  } catch {
    return undefined;
  }
}

function refusal(code: string, error: string, message: string): AwsError {
  return new AwsError(code, 400, message, { error });
}
