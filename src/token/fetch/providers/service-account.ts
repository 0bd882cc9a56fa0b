// Owns AssumeRoleWithWebIdentity with a token that the kubelet handed over: it stands in memory alone and in no file.
// Must not choose the role: the request's annotation or the node's variable has named it.
import { fromWebToken } from '@aws-sdk/credential-providers';
import type { Endpoint } from '../../../aws/endpoint.ts';
import type { AwsKeys, Source } from '../../../aws/source.ts';
import { clientSettings, type FetchContext, SILENT } from '../client.ts';

/** What CloudTrail shows; the name that the provider of cloud-provider-aws uses, so that trust policies hold for both. */
const SESSION_NAME = 'ecr-credential-provider';

/** Session keys of the role for the pod's service account. */
export async function assumeRoleWithServiceAccount(
  source: Extract<Source, { kind: 'service-account' }>,
  endpoint: Endpoint,
  context: FetchContext,
): Promise<AwsKeys> {
  const provider = fromWebToken({
    webIdentityToken: source.token,
    roleArn: source.roleArn,
    roleSessionName: SESSION_NAME,
    clientConfig: clientSettings({ ...context, endpoint }),
    logger: SILENT,
  });
  return provider();
}
