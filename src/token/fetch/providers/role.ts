// Owns AssumeRole for a profile with `role_arn`. Must not find the base credentials.
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import type { Endpoint } from '../../../aws/endpoint.ts';
import type { AwsKeys, Source } from '../../../aws/source.ts';
import { HelperError } from '../../../errors.ts';
import { clientSettings, type FetchContext, SILENT } from '../client.ts';

/** What CloudTrail shows where the profile names no `role_session_name`. */
const SESSION_NAME = 'docker-credential-ecr-login';

/** Session keys of the role, taken on with the base keys. */
export async function assumeRole(
  source: Extract<Source, { kind: 'role' }>,
  base: AwsKeys,
  endpoint: Endpoint,
  context: FetchContext,
): Promise<AwsKeys> {
  const { roleArn, externalId, sessionName, durationSeconds, mfaSerial } = source;
  const provider = fromTemporaryCredentials({
    masterCredentials: base,
    params: {
      RoleArn: roleArn,
      RoleSessionName: sessionName ?? SESSION_NAME,
      ...(externalId === undefined ? {} : { ExternalId: externalId }),
      ...(durationSeconds === undefined ? {} : { DurationSeconds: durationSeconds }),
      ...(mfaSerial === undefined ? {} : { SerialNumber: mfaSerial }),
    },
    mfaCodeProvider: async (serial) => {
      throw new HelperError({
        kind: 'mfa-needed',
        profile: source.profile,
        serial,
        reason: 'nobody is there to be asked',
      });
    },
    clientConfig: clientSettings({ transport: context.transport, endpoint }),
    logger: SILENT,
  });
  return provider();
}
