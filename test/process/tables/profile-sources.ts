// Owns the credential sources that a profile declares.
// It must not run anything.
import {
  LOGIN_ARN,
  loginFiles,
  POD_ROLE,
  processFiles,
  ROLE,
  roleArn,
  SSO_ACCOUNT,
  ssoFiles,
  writeAll,
} from '../../support/sources.ts';
import { ACCOUNT, ALICE, BOB, keysOf, keysProfile } from '../../support/world.ts';
import type { SourceRow } from './sources.ts';

const TOKEN = 'ecr:GetAuthorizationToken';
const ASSUME = 'sts:AssumeRole';
const IMDS_ROLE = ['imds:PUT /latest/api/token', 'imds:GET /latest/meta-data/iam/security-credentials/'];
const IMDS_KEYS = [...IMDS_ROLE, 'imds:GET /latest/meta-data/iam/security-credentials/node'];
const SESSION = 'docker-credential-ecr-login';
const SSO_ARN = new RegExp(
  `^arn:aws:sts::${SSO_ACCOUNT}:assumed-role/AWSReservedSSO_Pull_[0-9a-f]{16}/alice$`,
);

/** The role over whatever base; the caller's session is named by us. */
const roleOver = (base: string): string => `[profile dev]\nrole_arn = ${ROLE}\n${base}\n`;

export const profileSources: readonly SourceRow[] = [
  {
    name: 'profile: static keys',
    arrange: (world) => {
      world.write('.aws/credentials', keysProfile('dev', BOB));
      return { AWS_PROFILE: 'dev' };
    },
    arn: BOB.arn,
    asked: [TOKEN],
  },
  {
    name: 'profile: role over source_profile',
    arrange: (world) => {
      world.aws.addRole({ arn: ROLE, externalId: 'e-1', trustedArns: [ALICE.arn], maxSessionSeconds: 7200 });
      world.write('.aws/credentials', keysProfile('alice', ALICE));
      const more = 'external_id = e-1\nrole_session_name = build\nduration_seconds = 7200';
      world.write('.aws/config', roleOver(`source_profile = alice\n${more}`));
      return { AWS_PROFILE: 'dev' };
    },
    arn: roleArn('puller', 'build'),
    asked: [ASSUME, TOKEN],
  },
  {
    name: 'profile: role over role over SSO',
    arrange: (world) => {
      const hop = `arn:aws:iam::${ACCOUNT}:role/hop`;
      world.aws.addRole({ arn: hop });
      world.aws.addRole({ arn: ROLE, trustedArns: [hop] });
      const sso = ssoFiles(world, { profile: 'person' });
      const config = `[profile hop]\nrole_arn = ${hop}\nsource_profile = person\n`;
      writeAll(world, {
        ...sso,
        '.aws/config': `${roleOver('source_profile = hop')}${config}${sso['.aws/config']}`,
      });
      return { AWS_PROFILE: 'dev' };
    },
    arn: roleArn('puller', SESSION),
    asked: ['sso:GetRoleCredentials', ASSUME, ASSUME, TOKEN],
  },
  {
    name: 'profile: role, credential_source = Environment',
    arrange: (world) => {
      world.aws.addRole({ arn: ROLE, trustedArns: [BOB.arn] });
      // The profile is named by a registry rule, since keys in the environment come before AWS_PROFILE.
      world.write(
        '.ecr/config.json',
        JSON.stringify({ registries: [{ match: { account: ACCOUNT }, profile: 'dev' }] }),
      );
      world.write('.aws/config', roleOver('credential_source = Environment'));
      return keysOf(BOB);
    },
    arn: roleArn('puller', SESSION),
    asked: [ASSUME, TOKEN],
  },
  {
    name: 'profile: role, credential_source = EcsContainer',
    arrange: (world) => {
      world.aws.addRole({ arn: ROLE });
      world.write('.aws/config', roleOver('credential_source = EcsContainer'));
      const uri = world.aws.addContainerCredentials({ roleArn: POD_ROLE });
      return { AWS_PROFILE: 'dev', AWS_CONTAINER_CREDENTIALS_FULL_URI: uri };
    },
    arn: roleArn('puller', SESSION),
    asked: ['container:GetCredentials', ASSUME, TOKEN],
  },
  {
    name: 'profile: role, credential_source = Ec2InstanceMetadata',
    arrange: (world) => {
      world.aws.addRole({ arn: ROLE });
      world.aws.setInstance({ roleArn: `arn:aws:iam::${ACCOUNT}:role/node` });
      world.write('.aws/config', roleOver('credential_source = Ec2InstanceMetadata'));
      return {
        AWS_PROFILE: 'dev',
        AWS_EC2_METADATA_DISABLED: undefined,
        ...world.aws.environment({ imds: true }),
      };
    },
    arn: roleArn('puller', SESSION),
    asked: [...IMDS_KEYS, ASSUME, TOKEN],
    askedAtHit: IMDS_ROLE,
  },
  {
    name: 'profile: web_identity_token_file',
    arrange: (world) => {
      world.aws.addRole({ arn: ROLE });
      world.write('token', world.aws.signWebIdentityToken({ sub: 'repo:org/app' }));
      const path = `${world.home.directory}/token`;
      world.write('.aws/config', roleOver(`web_identity_token_file = ${path}\nrole_session_name = web`));
      return { AWS_PROFILE: 'dev' };
    },
    arn: roleArn('puller', 'web'),
    asked: ['sts:AssumeRoleWithWebIdentity', TOKEN],
  },
  {
    name: 'profile: sso_session',
    arrange: (world) => {
      writeAll(world, ssoFiles(world, {}));
      return { AWS_PROFILE: 'dev' };
    },
    arn: SSO_ARN,
    asked: ['sso:GetRoleCredentials', TOKEN],
  },
  {
    name: 'profile: sso_session, its token renewed through OIDC',
    arrange: (world) => {
      writeAll(world, ssoFiles(world, { accessTokenLifeMs: -1000 }));
      return { AWS_PROFILE: 'dev' };
    },
    arn: SSO_ARN,
    asked: ['oidc:CreateToken', 'sso:GetRoleCredentials', TOKEN],
  },
  {
    name: 'profile: SSO in the legacy style',
    arrange: (world) => {
      writeAll(world, ssoFiles(world, { isLegacy: true }));
      return { AWS_PROFILE: 'dev' };
    },
    arn: SSO_ARN,
    asked: ['sso:GetRoleCredentials', TOKEN],
  },
  {
    name: 'profile: login_session',
    arrange: (world) => {
      writeAll(world, loginFiles(world, {}));
      return { AWS_PROFILE: 'dev' };
    },
    arn: LOGIN_ARN,
    asked: [TOKEN],
  },
  {
    name: 'profile: login_session, renewed',
    arrange: (world) => {
      writeAll(world, loginFiles(world, { accessLifeMs: -1000 }));
      return { AWS_PROFILE: 'dev' };
    },
    arn: LOGIN_ARN,
    asked: ['signin:CreateOAuth2Token', TOKEN],
  },
  {
    name: 'profile: credential_process',
    arrange: (world) => {
      writeAll(world, processFiles(world, ALICE));
      return { AWS_PROFILE: 'dev' };
    },
    arn: ALICE.arn,
    asked: [TOKEN],
  },
  {
    name: 'profile: role over credential_process',
    arrange: (world) => {
      world.aws.addRole({ arn: ROLE });
      const files = processFiles(world, ALICE);
      const config = files['.aws/config'].replace('[profile dev]', '[profile base]');
      writeAll(world, { ...files, '.aws/config': `${config}${roleOver('source_profile = base')}` });
      return { AWS_PROFILE: 'dev' };
    },
    arn: roleArn('puller', SESSION),
    asked: [ASSUME, TOKEN],
  },
];
