// Owns what only the outside can say about an identity: the instance's role name, and whose key a credential process gives.
// Must not be imported statically from outside this folder.
import type { Source } from '../../aws/source.ts';
import { HelperError } from '../../errors.ts';
import { processCredentials } from './providers/process.ts';

const IMDS_LIMIT_MS = 1000;

/** See `Discover` of the identity module. Throws `source-failed` when the source does not answer within its limit. */
export async function discoverIdentity(
  source: Extract<Source, { kind: 'instance' | 'process' }>,
  env: NodeJS.ProcessEnv,
  limitMs: number,
): Promise<string> {
  if (source.kind === 'process')
    return (await processCredentials(source, AbortSignal.timeout(limitMs))).accessKeyId;
  return instanceRole(env);
}

/** The name of the role of this instance, from instance metadata version 2. */
async function instanceRole(env: NodeJS.ProcessEnv): Promise<string> {
  const base =
    env.AWS_EC2_METADATA_SERVICE_ENDPOINT ||
    (env.AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE?.toLowerCase() === 'ipv6'
      ? 'http://[fd00:ec2::254]'
      : 'http://169.254.169.254');
  const fail = (reason: string): HelperError =>
    new HelperError({ kind: 'source-failed', source: 'instance metadata', reason });
  const ask = async (path: string, init: RequestInit): Promise<Response> => {
    try {
      return await fetch(`${base.replace(/\/$/, '')}${path}`, {
        ...init,
        redirect: 'error',
        signal: AbortSignal.timeout(IMDS_LIMIT_MS),
      });
    } catch (error) {
      throw fail(
        error instanceof Error && error.name === 'TimeoutError' ? 'no answer within 1 s' : 'not reachable',
      );
    }
  };
  const token = await ask('/latest/api/token', {
    method: 'PUT',
    headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '60' },
  });
  if (!token.ok) throw fail(`it refused a session token with status ${token.status}`);
  const role = await ask('/latest/meta-data/iam/security-credentials/', {
    headers: { 'x-aws-ec2-metadata-token': (await token.text()).trim() },
  });
  if (role.status === 404) throw fail('this instance has no role');
  if (!role.ok) throw fail(`it answered with status ${role.status}`);
  const name = (await role.text()).trim();
  if (!/^[\w+=,.@-]{1,128}$/.test(name)) throw fail('its answer is not the name of a role');
  return name;
}
