// Owns the home directories that helpers run in: one for each program, credential source and way to AWS, with the shared
// config files and the environment that declare the source. Nothing of the caller's environment gets in.
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KEYS, type Place, REGION, ROLE_ARN, SSO } from './aws.ts';

/** Where the AWS credentials come from. */
export type SourceName = 'keys' | 'role' | 'sso' | 'instance';

/** A home and what is set in it. */
export interface Home {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
}

const CONFIG = `[profile base]
aws_access_key_id = ${KEYS.accessKeyId}
aws_secret_access_key = ${KEYS.secretAccessKey}
[profile role]
role_arn = ${ROLE_ARN}
source_profile = base
region = ${REGION}
[profile sso]
sso_start_url = ${SSO.startUrl}
sso_region = ${REGION}
sso_account_id = ${SSO.accountId}
sso_role_name = ${SSO.roleName}
region = ${REGION}
`;

/** Makes the home `directory` for a source; `transport` are the variables that lead to the loopback at `place`. */
export function makeHome(
  directory: string,
  source: SourceName,
  place: Place,
  transport: Readonly<Record<string, string>>,
): Home {
  const environment = { HOME: directory, PATH: '/usr/bin:/bin', ...transport };
  mkdirSync(directory, { recursive: true });
  switch (source) {
    case 'keys':
      return {
        directory,
        environment: {
          ...environment,
          AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
          AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
        },
      };
    case 'instance':
      return { directory, environment: { ...environment, AWS_EC2_METADATA_SERVICE_ENDPOINT: place.url } };
    case 'role':
    case 'sso':
      writeProfiles(directory, place);
      return { directory, environment: { ...environment, AWS_PROFILE: source } };
  }
}

/** Removes what a helper keeps between runs, so that the next run finds nothing. */
export function forgetTokens({ directory }: Home): void {
  rmSync(join(directory, '.ecr'), { recursive: true, force: true });
}

function writeProfiles(directory: string, place: Place): void {
  const ssoCache = join(directory, '.aws/sso/cache');
  mkdirSync(ssoCache, { recursive: true });
  writeFileSync(join(directory, '.aws/config'), CONFIG);
  const name = createHash('sha1').update(SSO.startUrl).digest('hex');
  writeFileSync(join(ssoCache, `${name}.json`), place.ssoTokenFile, { mode: 0o600 });
}
