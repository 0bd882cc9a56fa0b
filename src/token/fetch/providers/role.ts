// Owns AssumeRole for a profile with `role_arn`, or a rule with a role. Must not find the base credentials.
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import type { Endpoint } from '../../../aws/endpoint.ts';
import type { AwsKeys, Source } from '../../../aws/source.ts';
import { HelperError } from '../../../errors.ts';
import { clientSettings, type FetchContext, SILENT } from '../client.ts';

/** What CloudTrail shows where the profile names no `role_session_name`. */
const SESSION_NAME = 'docker-credential-ecr-login';

/** Keys of a session, and when it ends. */
export interface SessionKeys extends AwsKeys {
  /** In ms since 1970. */
  readonly expiresAt?: number;
}

/** What a session is taken on with. */
export interface RoleRequest {
  readonly source: Extract<Source, { kind: 'role' }>;
  readonly base: AwsKeys;
  readonly endpoint: Endpoint;
  /** The MFA code, where the profile names a device. */
  readonly code?: string;
}

/** Session keys of the role, taken on with the base keys. */
export async function assumeRole(
  { source, base, endpoint, code }: RoleRequest,
  context: FetchContext,
): Promise<SessionKeys> {
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
    mfaCodeProvider: async () => code ?? '',
    clientConfig: clientSettings({ ...context, endpoint }),
    logger: SILENT,
  });
  try {
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = await provider();
    return {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
      ...(expiration === undefined ? {} : { expiresAt: expiration.getTime() }),
    };
  } catch (error) {
    throw isWrongCode(error) && mfaSerial !== undefined
      ? new HelperError(
          {
            kind: 'mfa-needed',
            profile: source.profile,
            serial: mfaSerial,
            reason: 'AWS does not accept the code',
          },
          { cause: error },
        )
      : error;
  }
}

/** STS says "access denied" for a wrong code too, and tells it apart in its sentence alone. */
function isWrongCode(error: unknown): boolean {
  return error instanceof Error && /^MultiFactorAuthentication failed/.test(error.message);
}
