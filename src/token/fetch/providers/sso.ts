// Owns AWS SSO (IAM Identity Center) in both styles, token refresh included. Must not open a browser.
import { fromSSO } from '@aws-sdk/credential-providers';
import type { AwsKeys, Source } from '../../../aws/source.ts';
import { clientSettings, type FetchContext, SILENT } from '../client.ts';

/** Keys of the SSO role. The SDK finds the session's token in ~/.aws/sso/cache and renews it when it can. */
export async function ssoCredentials(
  source: Extract<Source, { kind: 'sso' }>,
  context: FetchContext,
): Promise<AwsKeys> {
  // No endpoint here: the SDK asks two services with these settings, and takes each one's override from the environment.
  const endpoint = { region: source.ssoRegion, fips: false, dualStack: false };
  const provider = fromSSO({
    profile: source.profile,
    ssoStartUrl: source.startUrl,
    ssoAccountId: source.accountId,
    ssoRegion: source.ssoRegion,
    ssoRoleName: source.roleName,
    ...(source.session === undefined ? {} : { ssoSession: source.session }),
    clientConfig: clientSettings({ transport: context.transport, endpoint }),
    logger: SILENT,
  });
  return provider();
}
