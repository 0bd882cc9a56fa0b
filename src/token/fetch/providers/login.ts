// Owns the credentials of `aws login` (a profile with `login_session`). Must not open a browser.
import { fromLoginCredentials } from '@aws-sdk/credential-providers';
import type { AwsKeys, Source } from '../../../aws/source.ts';
import { clientSettings, type FetchContext, SILENT } from '../client.ts';

/** Keys of the signed-in session; the SDK renews them with the session's refresh token. */
export async function loginCredentials(
  source: Extract<Source, { kind: 'login' }>,
  context: FetchContext,
): Promise<AwsKeys> {
  const endpoint = { region: source.region ?? context.registry.region, fips: false, dualStack: false };
  const provider = fromLoginCredentials({
    profile: source.profile,
    clientConfig: clientSettings({ transport: context.transport, endpoint }),
    logger: SILENT,
  });
  return provider();
}
