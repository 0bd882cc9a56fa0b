// Owns the credentials of `aws login` (a profile with `login_session`), renewal included. Must not open a browser.
import { fromLoginCredentials } from '@aws-sdk/credential-providers';
import { endpointUrl } from '../../../aws/endpoint.ts';
import type { AwsKeys, Source } from '../../../aws/source.ts';
import { HelperError, type Problem } from '../../../errors.ts';
import { clientSettings, type FetchContext, SILENT } from '../client.ts';
import { type LastRequest, outage, record } from './recorder.ts';

type LoginSource = Extract<Source, { kind: 'login' }>;

/** Keys of the signed-in session; the SDK renews them with the session's refresh token. */
export async function loginCredentials(source: LoginSource, context: FetchContext): Promise<AwsKeys> {
  const region = source.region ?? context.registry.region;
  const url = endpointUrl('signin', context.settings);
  const endpoint = { region, fips: false, dualStack: false, ...(url === undefined ? {} : { url }) };
  const recorder = record(context.transport);
  const provider = fromLoginCredentials({
    profile: source.profile,
    clientConfig: clientSettings({ ...context, transport: recorder.handler, endpoint }),
    logger: SILENT,
  });
  try {
    return await provider();
  } catch (error) {
    const last = recorder.last();
    if (last !== undefined && 'error' in last) throw last.error;
    throw new HelperError(loginProblem(source, error, last), { cause: error });
  }
}

function loginProblem(source: LoginSource, error: unknown, last: LastRequest | undefined): Problem {
  const expired: Problem = { kind: 'login-expired', profile: source.profile };
  if (last === undefined || 'error' in last) return expired;
  const message = error instanceof Error ? error.message : '';
  if (/insufficient permissions/.test(message))
    return { kind: 'access-denied', action: 'signin:CreateOAuth2Token' };
  return outage(last.status, 'AWS sign-in') ?? expired;
}
