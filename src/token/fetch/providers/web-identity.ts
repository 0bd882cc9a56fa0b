// Owns AssumeRoleWithWebIdentity (IRSA, GitHub's OIDC, profiles with `web_identity_token_file`).
import { readFileSync } from 'node:fs';
import { fromWebToken } from '@aws-sdk/credential-providers';
import type { Endpoint } from '../../../aws/endpoint.ts';
import type { AwsKeys, Source } from '../../../aws/source.ts';
import { HelperError } from '../../../errors.ts';
import { errorCode } from '../../../runtime.ts';
import { clientSettings, type FetchContext, SILENT } from '../client.ts';

/** Session keys of the role; the token file is read anew each time, since it is renewed every hour. */
export async function assumeRoleWithWebIdentity(
  source: Extract<Source, { kind: 'web-identity' }>,
  endpoint: Endpoint,
  context: FetchContext,
): Promise<AwsKeys> {
  const provider = fromWebToken({
    webIdentityToken: readToken(source.tokenFile),
    roleArn: source.roleArn,
    roleSessionName: source.sessionName ?? 'docker-credential-ecr-login',
    clientConfig: clientSettings({ ...context, endpoint }),
    logger: SILENT,
  });
  return provider();
}

/** The token without the line end that an `echo` leaves, which STS would refuse. */
function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new HelperError(
      { kind: 'unreadable-file', file, code: errorCode(error) || 'unknown error' },
      { cause: error },
    );
  }
}
