// Owns the container endpoint of ECS, EKS Pod Identity and others that speak it. Never through a proxy.
import { fromHttp } from '@aws-sdk/credential-providers';
import type { AwsKeys, Source } from '../../../aws/source.ts';
import { SILENT } from '../client.ts';

/** Keys that the endpoint answers, within a second a try. */
export async function containerCredentials(source: Extract<Source, { kind: 'container' }>): Promise<AwsKeys> {
  const provider = fromHttp({
    // Empty, not absent: an absent option would be taken from the environment.
    awsContainerCredentialsRelativeUri: '',
    awsContainerCredentialsFullUri: source.uri,
    awsContainerAuthorizationTokenFile: source.tokenFile ?? '',
    awsContainerAuthorizationToken: source.token ?? '',
    timeout: 1000,
    maxRetries: 1,
    logger: SILENT,
  });
  return provider();
}
