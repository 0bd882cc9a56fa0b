// Owns EC2 instance metadata, version 2 only: the role's name for the identity, and the role's keys.
// Follows https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html. One second for each
// question, never a proxy, never version 1: the SDK's provider falls back to it on a failed PUT, and does not say why the PUT failed.
import type { AwsKeys, Source } from '../../../aws/source.ts';
import { HelperError } from '../../../errors.ts';
import { parseObject, readKeys } from './answer.ts';
import { askDirectly, type DirectAnswer, type DirectRequest, NoAnswer } from './direct.ts';

const USUAL_ADDRESS = 'http://169.254.169.254';
const LIMIT_MS = 1000;
/** A listener that takes the connection and never answers shows within this; it runs while the answer is waited for. */
const PROBE_AFTER_MS = 600;
const ROLES = '/latest/meta-data/iam/security-credentials/';
const HOP_LIMIT_HINT =
  'aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 2 --http-endpoint enabled --instance-id <id>';

/** A session with the metadata service, and the role that the instance has in it. */
interface InstanceSession {
  readonly token: string;
  readonly role: string;
}

type InstanceSource = Extract<Source, { kind: 'instance' }>;

// What named the identity must also give the keys, or a role swapped between would have its token kept under the other's name.
// An environment stands for one request: of this process, or of one call to the library, whose next call must ask anew.
const sessions = new WeakMap<NodeJS.ProcessEnv, Promise<InstanceSession>>();

/** The name of the role of this instance. Throws `source-failed`. */
export async function instanceRole(source: InstanceSource, env: NodeJS.ProcessEnv): Promise<string> {
  return (await session(source, env)).role;
}

/** Keys of the instance's role. Throws `source-failed`. */
export async function instanceKeys(source: InstanceSource, env: NodeJS.ProcessEnv): Promise<AwsKeys> {
  const { token, role } = await session(source, env);
  const answer = await ask(source, `${ROLES}${encodeURIComponent(role)}`, withToken(token));
  if (answer.status !== 200) throw failed(`it answered with status ${answer.status}`);
  const value = parseObject(answer.body);
  if (value === undefined) throw failed('its answer is not JSON');
  if (typeof value.Code === 'string' && value.Code !== 'Success')
    throw failed(`it has no credentials for role ${role}: ${value.Code.slice(0, 80)}`);
  const keys = readKeys(value, { sessionToken: 'Token', isSessionTokenRequired: true });
  if (typeof keys === 'string') throw failed(keys);
  return keys;
}

function session(source: InstanceSource, env: NodeJS.ProcessEnv): Promise<InstanceSession> {
  const current = sessions.get(env) ?? openSession(source);
  sessions.set(env, current);
  return current;
}

async function openSession(source: InstanceSource): Promise<InstanceSession> {
  const token = await ask(source, '/latest/api/token', {
    method: 'PUT',
    headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '60' },
  });
  if (token.status === 403)
    throw failed(
      'it is disabled for this instance (status 403)',
      'aws ec2 modify-instance-metadata-options --http-endpoint enabled --instance-id <id>',
    );
  const value = token.body.trim();
  if (token.status !== 200 || !/^[\x21-\x7e]+$/.test(value))
    throw failed(`it gave no session token (status ${token.status})`);
  const answer = await ask(source, ROLES, withToken(value));
  const role = answer.body.trim();
  if (answer.status === 404 || (answer.status === 200 && role === ''))
    throw failed(
      'this instance has no role',
      'aws ec2 associate-iam-instance-profile --instance-id <id> --iam-instance-profile Name=<name>',
    );
  if (answer.status !== 200) throw failed(`it answered with status ${answer.status}`);
  if (!/^[\w+=,.@-]{1,128}$/.test(role)) throw failed('its answer is not the name of a role');
  return { token: value, role };
}

function withToken(token: string): DirectRequest {
  return { headers: { 'x-aws-ec2-metadata-token': token } };
}

async function ask(source: InstanceSource, path: string, request: DirectRequest): Promise<DirectAnswer> {
  const base = new URL(source.endpoint ?? USUAL_ADDRESS);
  const probe = probeLater(base);
  try {
    return await askDirectly(new URL(path, base), request, LIMIT_MS);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    // The answer to the PUT alone is sent with a limited number of hops, one by default, and a container is the second.
    if (error.isTimeout && request.method === 'PUT' && probe.connected())
      throw failed(
        'it takes connections but its answers do not arrive within 1 s, as in a container whose instance has a hop limit of 1',
        HOP_LIMIT_HINT,
      );
    throw failed(error.reason);
  } finally {
    probe.stop();
  }
}

/** Whether anybody listens at all: off EC2 nobody does, and then the hop limit has no part in it. */
function probeLater(base: URL): { connected(): boolean; stop(): void } {
  let isConnected = false;
  let stop = (): void => {};
  const timer = setTimeout(() => {
    const socket = process.getBuiltinModule('node:net').createConnection({
      host: base.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(base.port || 80),
    });
    socket.once('connect', () => {
      isConnected = true;
      socket.destroy();
    });
    socket.once('error', () => {});
    stop = () => socket.destroy();
  }, PROBE_AFTER_MS);
  return {
    connected: () => isConnected,
    stop() {
      clearTimeout(timer);
      stop();
    },
  };
}

function failed(reason: string, hint?: string): HelperError {
  return new HelperError({
    kind: 'source-failed',
    source: 'instance metadata',
    reason,
    ...(hint === undefined ? {} : { hint }),
  });
}
