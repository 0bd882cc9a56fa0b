// IAM Identity Center: the portal's GetRoleCredentials and the OIDC service's CreateToken with a refresh token.
// Owns SSO sessions and their tokens; it must not sign anybody in: a session starts where `aws sso login` ends.
// https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html
// https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html

import { createHash, randomBytes } from 'node:crypto';
import { type Answer, jsonObject, restJson } from './answer.ts';
import { AwsError } from './errors.ts';
import { type Iam, issueSession } from './iam.ts';
import type { WireRequest } from './model.ts';

const ACCESS_TOKEN_LIFE_MS = 3_600_000;
const REGISTRATION_LIFE_MS = 90 * 24 * 3_600_000;

/** A person's signed-in session; times in ms from now, negative for one that is already over. */
export interface SsoSession {
  readonly startUrl?: string;
  readonly region?: string;
  readonly userName?: string;
  /** Permission sets that the portal gives this person. */
  readonly assignments: readonly SsoAssignment[];
  readonly accessTokenLifeMs?: number;
  /** How long the refresh token works; 0 for a session without one. */
  readonly refreshLifeMs?: number;
}

/** One account and permission set of a person. */
export interface SsoAssignment {
  readonly accountId: string;
  readonly roleName: string;
  readonly mayGetToken?: boolean;
}

/** The content of the token file in `~/.aws/sso/cache`, as `aws sso login` writes it. */
export interface SsoTokenFile {
  readonly startUrl: string;
  readonly region: string;
  readonly accessToken: string;
  /** ISO 8601, as are all times of this file. */
  readonly expiresAt: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly registrationExpiresAt?: string;
  readonly refreshToken?: string;
}

/** The two services of one loopback. */
export interface Sso {
  addSession(session: SsoSession): SsoTokenFile;
  answerPortal(request: WireRequest): Answer;
  answerOidc(request: WireRequest): Answer;
}

interface Client {
  readonly secret: string;
  readonly session: SsoSession;
  readonly refreshTokens: Set<string>;
  readonly refreshEndsAt: number;
}

/** Makes the services over a set of keys. */
export function ssoServices(iam: Iam): Sso {
  const accessTokens = new Map<string, { session: SsoSession; expiresAt: number }>();
  const clients = new Map<string, Client>();

  function newAccessToken(session: SsoSession, lifeMs: number): string {
    const token = `aoaAAAAA${randomBytes(240).toString('base64url')}`;
    accessTokens.set(token, { session, expiresAt: iam.now() + lifeMs });
    return token;
  }

  return {
    addSession(session) {
      const lifeMs = session.accessTokenLifeMs ?? ACCESS_TOKEN_LIFE_MS;
      const file = {
        startUrl: session.startUrl ?? 'https://loopback.awsapps.com/start',
        region: session.region ?? 'us-east-1',
        accessToken: newAccessToken(session, lifeMs),
        expiresAt: isoSeconds(iam.now() + lifeMs),
      };
      const refreshLifeMs = session.refreshLifeMs ?? REGISTRATION_LIFE_MS;
      if (refreshLifeMs === 0) return file;
      const clientId = randomBytes(18).toString('base64url');
      const secret = randomBytes(120).toString('base64url');
      const refreshToken = newRefreshToken();
      const refreshEndsAt = iam.now() + refreshLifeMs;
      clients.set(clientId, { secret, session, refreshTokens: new Set([refreshToken]), refreshEndsAt });
      const registrationExpiresAt = isoSeconds(iam.now() + REGISTRATION_LIFE_MS);
      return { ...file, clientId, clientSecret: secret, registrationExpiresAt, refreshToken };
    },

    answerPortal(request) {
      const query = new URL(request.url, 'http://portal').searchParams;
      const token = accessTokens.get(request.headers['x-amz-sso_bearer_token'] ?? '');
      if (!token || token.expiresAt <= iam.now()) {
        throw new AwsError('UnauthorizedException', 401, 'Session token not found or invalid');
      }
      const { assignments, userName = 'alice' } = token.session;
      const found = assignments.find(
        ({ accountId, roleName }) =>
          accountId === query.get('account_id') && roleName === query.get('role_name'),
      );
      if (!found) throw new AwsError('ForbiddenException', 403, 'No access');
      const role = { arn: ssoRoleArn(found), mayGetToken: found.mayGetToken };
      const issued = issueSession(iam, role, userName, 3_600_000);
      const { accessKeyId, secretAccessKey, sessionToken, expiresAt } = issued;
      // The portal counts time in ms, unlike its sisters.
      const roleCredentials = { accessKeyId, secretAccessKey, sessionToken, expiration: expiresAt };
      return { reply: restJson({ roleCredentials }), arn: issued.arn };
    },

    answerOidc(request) {
      const input = jsonObject(request.body);
      if (input.grantType !== 'refresh_token') {
        throw oauthError(
          'UnsupportedGrantTypeException',
          400,
          'unsupported_grant_type',
          'Unsupported grant type',
        );
      }
      const client = clients.get(String(input.clientId));
      if (!client || client.secret !== input.clientSecret) {
        throw oauthError(
          'InvalidClientException',
          401,
          'invalid_client',
          'Invalid client id or secret provided',
        );
      }
      if (!client.refreshTokens.has(String(input.refreshToken)) || client.refreshEndsAt <= iam.now()) {
        throw oauthError('InvalidGrantException', 400, 'invalid_grant', 'Invalid refresh token provided');
      }
      // The old refresh token stays good: AWS does not say that it ends, and two programs may refresh at once.
      const refreshToken = newRefreshToken();
      client.refreshTokens.add(refreshToken);
      const accessToken = newAccessToken(client.session, ACCESS_TOKEN_LIFE_MS);
      const expiresIn = ACCESS_TOKEN_LIFE_MS / 1000;
      return { reply: restJson({ accessToken, tokenType: 'Bearer', expiresIn, refreshToken }) };
    },
  };
}

/** The ARN of the role that Identity Center makes for a permission set. */
export function ssoRoleArn({ accountId, roleName }: SsoAssignment): string {
  const suffix = createHash('sha256').update(`${accountId}/${roleName}`).digest('hex').slice(0, 16);
  return `arn:aws:iam::${accountId}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_${roleName}_${suffix}`;
}

function newRefreshToken(): string {
  return `aorAAAAA${randomBytes(240).toString('base64url')}`;
}

function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+/, '');
}

function oauthError(code: string, status: number, error: string, description: string): AwsError {
  return new AwsError(code, status, description, { error, error_description: description });
}
