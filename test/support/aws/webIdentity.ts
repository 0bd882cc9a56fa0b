// An OpenID Connect issuer in miniature: signs the tokens that AssumeRoleWithWebIdentity takes, and reads them back.
// Owns its key and the JWT form; whether a role trusts a token is the decision of sts.ts.

import { generateKeyPairSync, type KeyObject, randomUUID, sign, verify } from 'node:crypto';

/** What a web identity token says about its bearer; `exp` in seconds since the epoch. */
export interface WebIdentityClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
  readonly exp: number;
}

/** Input for a new token: a negative `lifeMs` (ms, default one hour) makes one that is already expired. */
export interface WebIdentityRequest {
  readonly sub: string;
  readonly iss?: string;
  readonly aud?: string;
  readonly lifeMs?: number;
}

/** Signs and reads the web identity tokens of one loopback. */
export interface WebIdentityIssuer {
  sign(request: WebIdentityRequest): string;
  /** The claims, or undefined when this issuer did not sign the token. */
  read(token: string): WebIdentityClaims | undefined;
}

/** Makes an issuer with a key of its own; `now` gives ms since the epoch. */
export function webIdentityIssuer(now: () => number): WebIdentityIssuer {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    sign: (request) => signToken(request, now(), privateKey),
    read: (token) => readToken(token, publicKey),
  };
}

function signToken(request: WebIdentityRequest, now: number, privateKey: KeyObject): string {
  const iat = Math.floor(now / 1000);
  const claims = {
    iss: request.iss ?? 'https://oidc.eks.us-east-1.amazonaws.com/id/LOOPBACK',
    sub: request.sub,
    aud: request.aud ?? 'sts.amazonaws.com',
    iat,
    exp: iat + Math.floor((request.lifeMs ?? 3_600_000) / 1000),
    jti: randomUUID(),
  };
  const signed = `${encode({ alg: 'ES256', typ: 'JWT', kid: 'loopback' })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

function readToken(token: string, publicKey: KeyObject): WebIdentityClaims | undefined {
  const [header, payload, signature] = token.split('.');
  if (!header || !payload || !signature) return undefined;
  const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
  if (!verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')))
    return undefined;
  // Our own signature vouches for the shape.
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as WebIdentityClaims;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
