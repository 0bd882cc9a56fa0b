// Owns the sources that need no profile: keys in the environment, the container endpoint, the instance. Must not choose one.
import { HelperError } from '../errors.ts';
import { safeUrl } from './endpoint.ts';
import type { SharedConfig } from './shared-config.ts';
import type { AwsKeys, Source } from './source.ts';

const ECS_ENDPOINT = 'http://169.254.170.2';
const IPV6_METADATA = 'http://[fd00:ec2::254]';

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

/** EC2 instance metadata, unless it is switched off; `name` is the profile whose settings count where no variable does. */
export function instanceSource(
  env: NodeJS.ProcessEnv,
  shared: SharedConfig,
  name: string,
): Extract<Source, { kind: 'instance' }> | undefined {
  if (env.AWS_EC2_METADATA_DISABLED?.toLowerCase() === 'true') return undefined;
  const profile = shared.profiles.get(name);
  const setting = (variable: string, key: string): [value: string, from: string] =>
    env[variable] ? [env[variable], variable] : [profile?.get(key) ?? '', `${key} of profile "${name}"`];
  const [url, urlFrom] = setting('AWS_EC2_METADATA_SERVICE_ENDPOINT', 'ec2_metadata_service_endpoint');
  const [mode, modeFrom] = setting(
    'AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE',
    'ec2_metadata_service_endpoint_mode',
  );
  if (url !== '' && (!/^https?:\/\/[^\s/]+/i.test(url) || !URL.canParse(url)))
    throw invalid(urlFrom, safeUrl(url), 'a URL that begins with http://');
  if (!/^(ipv[46])?$/i.test(mode)) throw invalid(modeFrom, mode, '"IPv4" or "IPv6"');
  const endpoint = url || (mode.toLowerCase() === 'ipv6' ? IPV6_METADATA : '');
  return { kind: 'instance', ...(endpoint === '' ? {} : { endpoint }) };
}

function invalid(name: string, value: string, wanted: string): HelperError {
  return new HelperError({ kind: 'setting-invalid', name, value, wanted });
}
