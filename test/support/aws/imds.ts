// The EC2 instance metadata service, version 2 and, where allowed, 1: session tokens, role name, role credentials.
// Owns the instance's state; it must not answer paths that no credential helper asks for.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html

import { randomBytes } from 'node:crypto';
import type { Answer } from './answer.ts';
import { AwsError } from './errors.ts';
import { accountOf, type Iam, issueSession } from './iam.ts';
import type { IssuedCredentials, Reply, WireRequest } from './model.ts';

const CREDENTIALS = '/latest/meta-data/iam/security-credentials';
const INSTANCE_ID = 'i-0123456789abcdef0';
const CREDENTIAL_LIFE_MS = 6 * 3_600_000;

/** The instance that the metadata service speaks for. */
export interface Instance {
  /** `hop-limit`: the answer to the token PUT is lost on the way, as in a container one hop too far. */
  readonly mode?: 'ok' | 'hop-limit' | 'disabled' | 'no-role';
  readonly roleArn: string;
  readonly region?: string;
  /** Whether requests without a session token are answered (HttpTokens=optional); false when left out. */
  readonly allowVersion1?: boolean;
  readonly mayGetToken?: boolean;
}

/** The metadata service of one loopback. */
export interface InstanceMetadata {
  setInstance(instance: Instance): void;
  answer(request: WireRequest): Answer;
}

/** Makes the service over a set of keys; until an instance is set it has no role. */
export function instanceMetadata(iam: Iam): InstanceMetadata {
  let instance: Instance = { mode: 'no-role', roleArn: '' };
  let credentials: IssuedCredentials | undefined;
  const sessionEnds = new Map<string, number>();

  /** The same credentials until five minutes before their end, like the real service. */
  function currentCredentials(): IssuedCredentials {
    if (!credentials || credentials.expiresAt - iam.now() < 300_000) {
      const { roleArn: arn, mayGetToken } = instance;
      credentials = issueSession(iam, { arn, mayGetToken }, INSTANCE_ID, CREDENTIAL_LIFE_MS);
    }
    return credentials;
  }

  function startSession(request: WireRequest): Answer {
    const seconds = Number(request.headers['x-aws-ec2-metadata-token-ttl-seconds']);
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > 21_600)
      throw new AwsError('', 400, 'Bad Request');
    if (request.headers['x-forwarded-for'] !== undefined) throw new AwsError('', 403, 'Forbidden');
    const token = randomBytes(40).toString('base64');
    sessionEnds.set(token, iam.now() + seconds * 1000);
    const reply = textReply(token, { 'x-aws-ec2-metadata-token-ttl-seconds': String(seconds) });
    return { reply, lost: instance.mode === 'hop-limit' };
  }

  function checkSession(token: string | undefined): void {
    if (token === undefined && instance.allowVersion1) return;
    if ((sessionEnds.get(token ?? '') ?? 0) <= iam.now()) throw new AwsError('', 401, 'Unauthorized');
  }

  return {
    setInstance(next) {
      instance = next;
      credentials = undefined;
    },

    answer(request) {
      const path = request.url.split('?', 1)[0]?.replace(/\/$/, '') ?? '';
      if (instance.mode === 'disabled') throw new AwsError('', 403, 'Forbidden');
      if (path === '/latest/api/token') {
        if (request.method !== 'PUT') throw new AwsError('', 405, 'Method Not Allowed');
        return startSession(request);
      }
      checkSession(request.headers['x-aws-ec2-metadata-token']);
      const region = instance.region ?? 'us-east-1';
      if (path === '/latest/meta-data/placement/region') return { reply: textReply(region) };
      if (path === '/latest/meta-data/placement/availability-zone') return { reply: textReply(`${region}a`) };
      if (path === '/latest/dynamic/instance-identity/document') {
        const document = { accountId: accountOf(instance.roleArn), instanceId: INSTANCE_ID, region };
        return { reply: textReply(JSON.stringify(document, null, 2)) };
      }
      const roleName = instance.roleArn.split('/').at(-1) ?? '';
      const hasRole = instance.mode !== 'no-role';
      if (hasRole && path === CREDENTIALS) return { reply: textReply(roleName) };
      if (!hasRole || path !== `${CREDENTIALS}/${roleName}`) throw new AwsError('', 404, 'Not Found');
      const current = currentCredentials();
      return { reply: credentialReply(current, iam.now()), arn: current.arn };
    },
  };
}

function credentialReply(credentials: IssuedCredentials, now: number): Reply {
  const body = {
    Code: 'Success',
    LastUpdated: isoSeconds(now),
    Type: 'AWS-HMAC',
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    Token: credentials.sessionToken,
    Expiration: isoSeconds(credentials.expiresAt),
  };
  return textReply(JSON.stringify(body, null, 2));
}

function textReply(body: string, headers: Record<string, string> = {}): Reply {
  return { status: 200, headers: { 'content-type': 'text/plain', server: 'EC2ws', ...headers }, body };
}

function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+/, '');
}
