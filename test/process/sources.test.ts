// Owns every credential source, for real: each executable gets a token as the right identity, the second `get` asks nobody
// but whom the identity needs, and no secret is left behind. What goes wrong with a source is in sources-failures.test.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { executables } from '../support/executables.ts';
import { assertOutcome, credentials, onlyPassword, operations } from '../support/expect.ts';
import {
  INSTANCE_ARN,
  LOGIN_ARN,
  loginFiles,
  NO_KEYS,
  POD_ROLE,
  processFiles,
  ROLE,
  roleArn,
  type SourceWorld,
  SSO_ACCOUNT,
  ssoFiles,
  writeAll,
} from '../support/sources.ts';
import { ACCOUNT, ALICE, BOB, type Env, HOST, keysOf, keysProfile, openWorld } from '../support/world.ts';

/** One source: how it is arranged, whom it makes of us, and who is asked at first and at a hit. */
interface SourceRow {
  readonly name: string;
  /** Prepares AWS and the home; gives the variables. */
  readonly arrange: (world: SourceWorld) => Env;
  readonly arn: string | RegExp;
  readonly asked: readonly string[];
  readonly askedAtHit?: readonly string[];
}

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

const rows: readonly SourceRow[] = [
  { name: 'environment keys', arrange: () => keysOf(ALICE), arn: ALICE.arn, asked: [TOKEN] },
  {
    name: 'environment keys with a session token',
    arrange: ({ aws, addSecret }) => {
      const key = {
        accessKeyId: 'ASIACANARYSESSION001',
        secretAccessKey: 'canary/session+secret/0123456789abcdef',
        sessionToken: 'canary-session-token-'.repeat(20),
      };
      aws.addAccessKey({ ...key, arn: BOB.arn });
      for (const secret of [key.secretAccessKey, key.sessionToken]) addSecret(secret);
      return {
        AWS_ACCESS_KEY_ID: key.accessKeyId,
        AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
        AWS_SESSION_TOKEN: key.sessionToken,
      };
    },
    arn: BOB.arn,
    asked: [TOKEN],
  },
  {
    name: 'AWS_WEB_IDENTITY_TOKEN_FILE',
    arrange: (world) => {
      world.aws.addRole({ arn: ROLE });
      // With the line end that `echo` leaves.
      world.write('token', `${world.aws.signWebIdentityToken({ sub: 'system:serviceaccount:ns:app' })}\n`);
      return {
        AWS_WEB_IDENTITY_TOKEN_FILE: `${world.home.directory}/token`,
        AWS_ROLE_ARN: ROLE,
        AWS_ROLE_SESSION_NAME: 'irsa',
      };
    },
    arn: roleArn('puller', 'irsa'),
    asked: ['sts:AssumeRoleWithWebIdentity', TOKEN],
  },
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
  {
    name: 'container endpoint',
    arrange: ({ aws }) => ({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: aws.addContainerCredentials({ roleArn: POD_ROLE }),
    }),
    arn: roleArn('pod', 'task'),
    asked: ['container:GetCredentials', TOKEN],
  },
  {
    name: 'container endpoint with a token',
    arrange: ({ aws, addSecret }) => {
      addSecret('canary-container-token-1234');
      return {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: aws.addContainerCredentials({
          roleArn: POD_ROLE,
          authorizationToken: 'Basic canary-container-token-1234',
        }),
        AWS_CONTAINER_AUTHORIZATION_TOKEN: 'Basic canary-container-token-1234',
      };
    },
    arn: roleArn('pod', 'task'),
    asked: ['container:GetCredentials', TOKEN],
  },
  {
    name: 'EKS Pod Identity: container endpoint with a token file',
    arrange: (world) => {
      const token = world.aws.signWebIdentityToken({
        sub: 'system:serviceaccount:ns:app',
        aud: 'pods.eks.amazonaws.com',
      });
      world.write('pod-token', `${token}\n`);
      return {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: world.aws.addContainerCredentials({
          roleArn: POD_ROLE,
          path: '/v1/credentials',
          authorizationToken: token,
        }),
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: `${world.home.directory}/pod-token`,
      };
    },
    arn: roleArn('pod', 'task'),
    asked: ['container:GetCredentials', TOKEN],
  },
  {
    name: 'instance metadata, version 2',
    arrange: ({ aws }) => {
      // Version 1 is on offer, and not taken: every request below carries a session token.
      aws.setInstance({ roleArn: `arn:aws:iam::${ACCOUNT}:role/node`, allowVersion1: true });
      return { AWS_EC2_METADATA_DISABLED: undefined, ...aws.environment({ imds: true }) };
    },
    arn: INSTANCE_ARN,
    asked: [...IMDS_KEYS, TOKEN],
    askedAtHit: IMDS_ROLE,
  },
];

for (const executable of executables) {
  describe(`sources, ${executable.name}`, { concurrency: 2 }, () => {
    for (const { name, arrange, arn, asked, askedAtHit = [] } of rows)
      test(name, async (t) => {
        const world = await openWorld(t, executable, { env: NO_KEYS });
        // A proxy that nobody answers at: what is on this machine or its link must not go there.
        const proxy = {
          HTTP_PROXY: 'http://127.0.0.1:9',
          http_proxy: 'http://127.0.0.1:9',
          NODE_USE_ENV_PROXY: '1',
        };
        const env = { ...proxy, ...arrange(world) };
        const first = await world.get(HOST, env);
        assert.equal(first.stderr, '');
        assert.deepEqual(operations(world), asked);
        assertOutcome(first, credentials(HOST, onlyPassword(world)));
        const caller = world.aws.mintedTokens[0]?.arn ?? '';
        if (typeof arn === 'string') assert.equal(caller, arn);
        else assert.match(caller, arn);
        for (const { service, method, headers } of world.aws.requests)
          if (service === 'imds' && method === 'GET') assert.ok(headers['x-aws-ec2-metadata-token']);
        world.aws.requests.length = 0;
        assertOutcome(await world.get(HOST, env), credentials(HOST, onlyPassword(world)));
        assert.deepEqual(operations(world), askedAtHit);
      });
  });
}
