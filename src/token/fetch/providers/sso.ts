// Owns AWS SSO (IAM Identity Center) in both styles, token refresh included. Must not open a browser.
import { fromSSO } from '@aws-sdk/credential-providers';
import { HttpRequest } from '@smithy/core/protocols';
import { endpointUrl } from '../../../aws/endpoint.ts';
import type { AwsKeys, Source } from '../../../aws/source.ts';
import { HelperError, type Problem } from '../../../errors.ts';
import { clientSettings, type FetchContext, SILENT } from '../client.ts';
import type { HttpHandler } from '../transport.ts';
import { type LastRequest, outage, record } from './recorder.ts';

type SsoSource = Extract<Source, { kind: 'sso' }>;

/** Keys of the SSO role. The SDK finds the session's token in ~/.aws/sso/cache and renews it when it can. */
export async function ssoCredentials(source: SsoSource, context: FetchContext): Promise<AwsKeys> {
  const endpoint = { region: source.ssoRegion, fips: false, dualStack: false };
  const recorder = record(directed(context));
  const provider = fromSSO({
    profile: source.profile,
    ssoStartUrl: source.startUrl,
    ssoAccountId: source.accountId,
    ssoRegion: source.ssoRegion,
    ssoRoleName: source.roleName,
    ...(source.session === undefined ? {} : { ssoSession: source.session }),
    clientConfig: clientSettings({ ...context, transport: recorder.handler, endpoint }),
    logger: SILENT,
  });
  try {
    return await provider();
  } catch (error) {
    const last = recorder.last();
    if (last !== undefined && 'error' in last) throw last.error;
    throw new HelperError(ssoProblem(source, error, last), { cause: error });
  }
}

/** The SDK asks two services with the same settings, so the override of each, where there is one, is applied on the way. */
function directed({ transport, settings }: FetchContext): HttpHandler {
  return {
    ...transport,
    handle(request, options) {
      const url = endpointUrl(request.path === '/token' ? 'sso_oidc' : 'sso', settings);
      if (url === undefined) return transport.handle(request, options);
      const { protocol, hostname, port, pathname } = new URL(url);
      const directedTo = HttpRequest.clone(request);
      Object.assign(directedTo, {
        protocol,
        hostname,
        port: port === '' ? undefined : Number(port),
        path: pathname.replace(/\/$/, '') + request.path,
      });
      directedTo.headers.host = new URL(url).host;
      return transport.handle(directedTo, options);
    },
  };
}

function ssoProblem(source: SsoSource, error: unknown, last: LastRequest | undefined): Problem {
  const expired: Problem = {
    kind: 'sso-expired',
    profile: source.profile,
    ...(source.session === undefined ? {} : { session: source.session }),
  };
  if (last === undefined || 'error' in last) {
    const message = error instanceof Error ? error.message : '';
    // The SDK reads the profile for itself; should it not find there what we found, signing in again would be no help.
    return /could not be found|missing required property|Incomplete configuration/.test(message)
      ? { kind: 'profile-invalid', profile: source.profile, reason: message }
      : expired;
  }
  const failed = outage(last.status, 'AWS SSO');
  if (failed !== undefined) return failed;
  if (last.status === 401 || last.path.endsWith('/token')) return expired;
  return {
    kind: 'source-failed',
    source: `profile "${source.profile}"`,
    reason: `AWS SSO does not give you role "${source.roleName}" in account ${source.accountId} (status ${last.status})`,
    hint: `choose an account and a role that you have: aws configure sso --profile ${source.profile}`,
  };
}
