// Owns EC2 instance metadata, version 2 only: the role's name for the identity, and the role's keys.
// Follows https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html. One second, one try, never a proxy.
import { fromInstanceMetadata } from '@aws-sdk/credential-providers';
import type { AwsKeys } from '../../../aws/source.ts';
import { type FetchContext, SILENT } from '../client.ts';

/** Keys of the instance's role. */
export async function instanceCredentials(_context: FetchContext): Promise<AwsKeys> {
  const provider = fromInstanceMetadata({
    timeout: 1000,
    maxRetries: 0,
    ec2MetadataV1Disabled: true,
    logger: SILENT,
  });
  return provider();
}
