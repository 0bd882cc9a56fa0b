// Who is calling: the access keys and roles that exist, and the check of a signed request against them.
// Owns keys and authentication; what a caller may do is each service's decision.

import { randomBytes } from 'node:crypto';
import { commonError, fromBasic, skewError } from './errors.ts';
import type { AccessKey, IssuedCredentials, Role, Service, WireRequest } from './model.ts';
import { isSignedWith, parseAuthorization } from './sigv4.ts';

const CLOCK_SKEW_MS = 5 * 60_000;

/** A caller whose signature was right. */
export interface Caller {
  readonly key: AccessKey;
  readonly arn: string;
  readonly account: string;
  readonly region: string;
}

/** The keys and roles of one loopback. */
export interface Iam {
  readonly now: () => number;
  readonly keys: Map<string, AccessKey>;
  readonly roles: Map<string, Role>;
}

/** Checks signature, scope, clock and session of a request; throws the AwsError that the service would answer. */
export function authenticate(iam: Iam, request: WireRequest, service: Service): Caller {
  const authorization = parseAuthorization(request.headers.authorization);
  if (!authorization) throw commonError(service, 'no-signature');
  if (!authorization.signedHeaders.includes('host')) {
    throw commonError(
      service,
      'bad-signature',
      "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    );
  }
  const signedAt = request.headers['x-amz-date'] ?? '';
  const signedAtMs = Date.parse(fromBasic(signedAt));
  if (Number.isNaN(signedAtMs) || !signedAt.startsWith(authorization.date)) {
    const scope = `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP`;
    throw commonError(service, 'bad-signature', `${scope}: '${authorization.date}' != '${signedAt}'.`);
  }
  if (Math.abs(signedAtMs - iam.now()) > CLOCK_SKEW_MS)
    throw skewError(service, signedAt, iam.now(), CLOCK_SKEW_MS);
  if (authorization.service !== service) {
    throw commonError(
      service,
      'bad-signature',
      `Credential should be scoped to correct service: '${service}'.`,
    );
  }
  // ECR Public signs for us-east-1 only: https://docs.aws.amazon.com/general/latest/gr/ecr-public.html
  if (service === 'ecr-public' && authorization.region !== 'us-east-1') {
    throw commonError(service, 'bad-signature', 'Credential should be scoped to a valid region.');
  }
  const key = iam.keys.get(authorization.accessKeyId);
  if (!key || !isSessionOf(key, request, authorization.signedHeaders))
    throw commonError(service, 'unknown-key');
  if (!isSignedWith(request, authorization, key.secretAccessKey)) throw commonError(service, 'bad-signature');
  if (key.expired || (key.expiresAt !== undefined && key.expiresAt <= iam.now())) {
    throw commonError(service, 'expired-token');
  }
  return { key, arn: key.arn, account: accountOf(key.arn), region: authorization.region };
}

function isSessionOf(key: AccessKey, request: WireRequest, signedHeaders: readonly string[]): boolean {
  const given = request.headers['x-amz-security-token'];
  if (given !== key.sessionToken) return false;
  return given === undefined || signedHeaders.includes('x-amz-security-token');
}

/** What a caller may do, as far as tokens go. */
export type Permissions = Pick<AccessKey, 'mayGetToken' | 'mayGetBearerToken'>;

/** Makes temporary keys of a caller that live `lifeMs` ms, and remembers them. */
export function issueKeys(
  iam: Iam,
  arn: string,
  lifeMs: number,
  permissions: Permissions,
): IssuedCredentials {
  const issued = {
    accessKeyId: `ASIA${randomId(16)}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    sessionToken: `IQoJb3JpZ2luX2Vj${randomBytes(480).toString('base64')}`,
    arn,
    // The wire formats of STS and IMDS have whole seconds.
    expiresAt: Math.floor((iam.now() + lifeMs) / 1000) * 1000,
  };
  const { mayGetToken, mayGetBearerToken } = permissions;
  iam.keys.set(issued.accessKeyId, { ...issued, mayGetToken, mayGetBearerToken });
  return issued;
}

/** Makes temporary keys for a session of a role; the session ARN is the one STS would show. */
export function issueSession(iam: Iam, role: Role, sessionName: string, lifeMs: number): IssuedCredentials {
  const [, partition = 'aws', , , account = '', resource = ''] = role.arn.split(':');
  const roleName = resource.split('/').at(-1);
  return issueKeys(
    iam,
    `arn:${partition}:sts::${account}:assumed-role/${roleName}/${sessionName}`,
    lifeMs,
    role,
  );
}

/** The account ID in an ARN, zeros kept. */
export function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}

/** `length` characters of AWS's identifier alphabet, A-Z and 2-7. */
export function randomId(length: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return Array.from(randomBytes(length), (byte) => alphabet.charAt(byte % 32)).join('');
}
