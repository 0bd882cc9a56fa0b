// Owns AssumeRoleWithWebIdentity (IRSA, GitHub's OIDC, profiles with `web_identity_token_file`).
import { fromTokenFile } from '@aws-sdk/credential-providers';
import type { Endpoint } from '../../../aws/endpoint.ts';
import type { AwsKeys, Source } from '../../../aws/source.ts';
import { clientSettings, type FetchContext, SILENT } from '../client.ts';

/** Session keys of the role; the token file is read anew each time, since it is renewed every hour. */
export async function assumeRoleWithWebIdentity(
  source: Extract<Source, { kind: 'web-identity' }>,
  endpoint: Endpoint,
  context: FetchContext,
): Promise<AwsKeys> {
  const provider = fromTokenFile({
    webIdentityTokenFile: source.tokenFile,
    roleArn: source.roleArn,
    roleSessionName: source.sessionName ?? 'docker-credential-ecr-login',
    clientConfig: clientSettings({ transport: context.transport, endpoint }),
    logger: SILENT,
  });
  return provider();
}
