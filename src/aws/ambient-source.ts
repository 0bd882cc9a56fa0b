// Owns the sources that need no profile: keys in the environment, the container endpoint, the instance. Must not choose one.
import type { AwsKeys, Source } from './source.ts';

const ECS_ENDPOINT = 'http://169.254.170.2';

/** Keys from `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`; half a pair counts as none, as in the Go SDK. */
export function environmentKeys(env: NodeJS.ProcessEnv): AwsKeys | undefined {
  // The older names without _ID are read by the Go SDK too.
  const accessKeyId = env.AWS_ACCESS_KEY_ID || env.AWS_ACCESS_KEY;
  const secretAccessKey = env.AWS_SECRET_ACCESS_KEY || env.AWS_SECRET_KEY;
  if (!accessKeyId || !secretAccessKey) return undefined;
  return {
    accessKeyId,
    secretAccessKey,
    ...(env.AWS_SESSION_TOKEN ? { sessionToken: env.AWS_SESSION_TOKEN } : {}),
  };
}

/** ECS, EKS Pod Identity and others that speak the container endpoint; the relative URI wins, as in the SDKs. */
export function containerSource(env: NodeJS.ProcessEnv): Source | undefined {
  const relative = env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI;
  const uri = relative ? `${ECS_ENDPOINT}${relative}` : env.AWS_CONTAINER_CREDENTIALS_FULL_URI;
  if (!uri) return undefined;
  const tokenFile = env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE;
  const token = env.AWS_CONTAINER_AUTHORIZATION_TOKEN;
  return { kind: 'container', uri, ...(tokenFile ? { tokenFile } : token ? { token } : {}) };
}

/** EC2 instance metadata, unless it is switched off. */
export function instanceSource(env: NodeJS.ProcessEnv): Source | undefined {
  return env.AWS_EC2_METADATA_DISABLED?.toLowerCase() === 'true' ? undefined : { kind: 'instance' };
}
