// Owns AWS SSO (IAM Identity Center) in both styles, token refresh included. Must not open a browser.
import { fromSSO } from '@aws-sdk/credential-providers';
import type { AwsKeys, Source } from '../../../aws/source.ts';
import { HelperError, type Problem } from '../../../errors.ts';
import { clientSettings, type FetchContext, SILENT } from '../client.ts';
import { type LastRequest, outage, record } from './recorder.ts';

type SsoSource = Extract<Source, { kind: 'sso' }>;

/** Keys of the SSO role. The SDK finds the session's token in ~/.aws/sso/cache and renews it when it can. */
export async function ssoCredentials(source: SsoSource, context: FetchContext): Promise<AwsKeys> {
  // No endpoint here: the SDK asks two services with these settings, and takes each one's override from the environment.
  const endpoint = { region: source.ssoRegion, fips: false, dualStack: false };
  const recorder = record(context.transport);
  const provider = fromSSO({
    profile: source.profile,
    ssoStartUrl: source.startUrl,
    ssoAccountId: source.accountId,
    ssoRegion: source.ssoRegion,
    ssoRoleName: source.roleName,
    ...(source.session === undefined ? {} : { ssoSession: source.session }),
    clientConfig: clientSettings({ transport: recorder.handler, endpoint }),
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
