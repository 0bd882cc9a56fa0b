// Owns the machines on which nothing is wrong, one for each kind of credentials: the twins of the staged faults.

import {
  INSTANCE_ARN,
  loginFiles,
  NO_KEYS,
  POD_ROLE,
  processFiles,
  ROLE,
  ssoFiles,
  writeAll,
} from '../sources.ts';
import { ACCOUNT, BOB, type Env, keysProfile } from '../world.ts';
import type { Clinic, ClinicOptions } from './clinic.ts';

/** A machine without a fault, and words that its page holds. */
export interface HealthyRow {
  readonly name: string;
  readonly options?: ClinicOptions;
  readonly arrange?: (clinic: Clinic) => Env | undefined;
  readonly argument?: (clinic: Clinic) => string[];
  readonly says: readonly RegExp[];
}

const registry = (clinic: Clinic): string[] => [clinic.registry.host];
const image = (clinic: Clinic): string[] => [`${clinic.registry.host}/team/app:1.0`];
const dev: Env = { ...NO_KEYS, AWS_PROFILE: 'dev' };

export const HEALTHY: readonly HealthyRow[] = [
  {
    name: 'an image, environment keys',
    argument: image,
    says: [
      /credentials come from environment keys, because AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set/,
      /AWS knows the caller as arn:aws:iam::123456789012:user\/alice/,
      /the clock of this machine agrees with AWS's/,
      /AWS gives a token \(ecr:GetAuthorizationToken is allowed\)/,
      /\/v2\/ accepts the token/,
      /\/team\/app:1\.0 is there, and this identity may read its manifest/,
    ],
  },
  {
    name: 'the machine alone',
    says: [/sends 2 registries to this helper/, /to check identity, network and registry too: .* doctor \d/],
  },
  {
    name: 'a role over a role over SSO',
    arrange(clinic) {
      const hop = `arn:aws:iam::${ACCOUNT}:role/hop`;
      clinic.aws.addRole({ arn: hop });
      clinic.aws.addRole({ arn: ROLE, trustedArns: [hop] });
      const sso = ssoFiles(clinic, { profile: 'person' });
      const config = `[profile dev]\nrole_arn = ${ROLE}\nsource_profile = hop\n[profile hop]\nrole_arn = ${hop}\nsource_profile = person\n`;
      writeAll(clinic, { ...sso, '.aws/config': config + sso['.aws/config'] });
      return dev;
    },
    argument: registry,
    says: [
      /credentials come from role \S+role\/puller of profile "dev", because AWS_PROFILE names the profile\n {2}ok: whose credentials come from role \S+role\/hop of profile "hop"\n {2}ok: whose credentials come from profile "person" \(SSO role Pull in 210987654321\)/,
      /the SSO sign-in holds until /,
      /caller as arn:aws:sts::123456789012:assumed-role\/puller\//,
    ],
  },
  {
    name: 'an image by its digest, as a URL',
    argument: (clinic) => [`https://${clinic.registry.host}/team/app@sha256:${'0'.repeat(64)}`],
    says: [/\/team\/app@sha256:0{64} is there/],
  },
  {
    name: 'a registry that wants a bearer token',
    options: { mood: 'bearer' },
    argument: image,
    says: [/\/v2\/ accepts the token/, /\/team\/app:1\.0 is there/],
  },
  {
    name: 'a profile with keys, by a rule',
    arrange({ write, registry: { host } }) {
      write('.aws/credentials', keysProfile('bob', BOB));
      const rule = { match: host, account: ACCOUNT, region: 'us-east-1', profile: 'bob' };
      write('.ecr/config.json', JSON.stringify({ registries: [rule, { ...rule, profile: 'x' }] }));
      return {};
    },
    argument: registry,
    says: [
      /the rule for host 127\S+ applies, as the first that fits; the one for host 127\S+ is passed over/,
      /credentials come from profile "bob", because the rule names the profile/,
      /caller as \S+user\/bob/,
    ],
  },
  {
    name: 'an SSO sign-in that is renewed',
    arrange(clinic) {
      writeAll(clinic, ssoFiles(clinic, { accessTokenLifeMs: -1000 }));
      return dev;
    },
    argument: registry,
    says: [/the SSO sign-in ended at .* and is renewed without asking/, /assumed-role\/AWSReservedSSO_Pull/],
  },
  {
    name: 'aws login',
    arrange(clinic) {
      writeAll(clinic, loginFiles(clinic, {}));
      return dev;
    },
    argument: registry,
    says: [/the keys of the AWS sign-in hold until /, /caller as \S+user\/carol/],
  },
  {
    name: 'a web identity',
    arrange({ aws, write, home }) {
      aws.addRole({ arn: ROLE });
      write('token', aws.signWebIdentityToken({ sub: 'system:serviceaccount:ns:app' }));
      return { ...NO_KEYS, AWS_WEB_IDENTITY_TOKEN_FILE: `${home.directory}/token`, AWS_ROLE_ARN: ROLE };
    },
    argument: registry,
    says: [
      /AWS_WEB_IDENTITY_TOKEN_FILE \(role \S+\), because AWS_WEB_IDENTITY_TOKEN_FILE is set/,
      /the web identity token in \S+ holds until/,
    ],
  },
  {
    name: 'a credential process',
    arrange(clinic) {
      for (const [path, content] of Object.entries(processFiles(clinic, BOB))) clinic.write(path, content);
      // Nothing of the machine's own directories, where another helper may lie.
      clinic.writeScript('bin/cat', 'exec /bin/cat "$@"');
      return dev;
    },
    argument: registry,
    says: [/caller as \S+user\/bob/],
  },
  {
    name: 'a container endpoint',
    arrange: ({ aws }) => ({
      ...NO_KEYS,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: aws.addContainerCredentials({ roleArn: POD_ROLE }),
    }),
    argument: registry,
    says: [/container endpoint, because AWS_CONTAINER_CREDENTIALS_\* is set/],
  },
  {
    name: 'instance metadata',
    arrange({ aws }) {
      aws.setInstance({ roleArn: `arn:aws:iam::${ACCOUNT}:role/node` });
      return { ...NO_KEYS, AWS_EC2_METADATA_DISABLED: undefined, ...aws.environment({ imds: true }) };
    },
    argument: registry,
    says: [
      /instance metadata answers, its hop limit is wide enough for here; the role is node/,
      new RegExp(INSTANCE_ARN),
    ],
  },
];
