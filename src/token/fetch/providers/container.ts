// Owns the container endpoint of ECS, EKS Pod Identity and others that speak it. Never through a proxy.
// Follows https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html. Not the SDK's provider: that one
// waits for ever on an endpoint that begins to answer, and tries again what was refused.
import { readFileSync } from 'node:fs';
import { safeUrl } from '../../../aws/endpoint.ts';
import type { AwsKeys, Source } from '../../../aws/source.ts';
import { HelperError } from '../../../errors.ts';
import { errorCode } from '../../../runtime.ts';
import { parseObject, readKeys } from './answer.ts';
import { askDirectly, type DirectAnswer, NoAnswer } from './direct.ts';

type ContainerSource = Extract<Source, { kind: 'container' }>;

const LIMIT_MS = 2000;

/** Keys that the endpoint answers. Throws `source-failed`. */
export async function containerCredentials(source: ContainerSource): Promise<AwsKeys> {
  const url = checkedUrl(source.uri);
  const authorization = authorizationToken(source);
  const headers = {
    accept: 'application/json',
    ...(authorization === undefined ? {} : { authorization }),
  };
  const answer = await ask(url, headers);
  const value = parseObject(answer.body);
  if (answer.status !== 200) throw failed(`it answered with status ${answer.status}${codeOf(value)}`);
  if (value === undefined) throw failed('its answer is not JSON');
  const keys = readKeys(value, { sessionToken: 'Token', isSessionTokenRequired: true });
  if (typeof keys === 'string') throw failed(keys);
  return keys;
}

async function ask(url: URL, headers: Readonly<Record<string, string>>): Promise<DirectAnswer> {
  try {
    return await askDirectly(url, { headers }, LIMIT_MS);
  } catch (error) {
    throw error instanceof NoAnswer ? failed(error.reason) : error;
  }
}

/** The hosts that the SDKs allow without TLS: this machine, the agents of ECS and of EKS. A token must not go further. */
const PLAIN_HOSTS =
  /^(localhost|127(\.\d{1,3}){3}|\[::1\]|169\.254\.170\.2|169\.254\.170\.23|\[fd00:ec2::23\])$/;

function checkedUrl(uri: string): URL {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && PLAIN_HOSTS.test(url.hostname))) return url;
  throw failed(
    `${safeUrl(uri)} is not allowed: it must be https, this machine, or the address of the ECS or EKS agent`,
    'check AWS_CONTAINER_CREDENTIALS_FULL_URI',
  );
}

/** The whole Authorization header; a file is read anew each time, because its token is renewed. */
function authorizationToken({ token, tokenFile }: ContainerSource): string | undefined {
  let value = token;
  if (tokenFile !== undefined) {
    try {
      value = readFileSync(tokenFile, 'utf8').trim();
    } catch (error) {
      throw new HelperError(
        { kind: 'unreadable-file', file: tokenFile, code: errorCode(error) || 'unknown error' },
        { cause: error },
      );
    }
  }
  if (value !== undefined && !/^[\x20-\x7e]*$/.test(value))
    throw failed('its authorization token has characters that no header can carry');
  return value;
}

/** The error's code where the answer has one; its message is left out, for it may repeat the token. */
function codeOf(value: Readonly<Record<string, unknown>> | undefined): string {
  const code = value?.code ?? value?.Code;
  return typeof code === 'string' && /^\w{1,80}$/.test(code) ? `: ${code}` : '';
}

function failed(reason: string, hint?: string): HelperError {
  return new HelperError({
    kind: 'source-failed',
    source: 'the container endpoint',
    reason,
    ...(hint === undefined ? {} : { hint }),
  });
}
