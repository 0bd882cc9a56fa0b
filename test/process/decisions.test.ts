// Owns what the helper decides where the protocol leaves it open: failures of private registries, public ones, and the
// opt-in that makes a failure hard.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { executables } from '../support/executables.ts';
import {
  assertOutcome,
  credentials,
  explained,
  NOT_FOUND,
  onlyPassword,
  operations,
} from '../support/expect.ts';
import { type Env, HOST, openWorld, PUBLIC_HOST, type World, type WorldOptions } from '../support/world.ts';

const NO_KEYS = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };

/** Ways to fail; the words of each are tested with the failures. */
const failures: readonly {
  readonly name: string;
  readonly options?: WorldOptions;
  readonly arrange?: (world: World) => void;
  readonly env?: Env;
}[] = [
  { name: 'no credentials', env: NO_KEYS },
  {
    name: 'expired SSO',
    env: { ...NO_KEYS, AWS_PROFILE: 'sso' },
    options: {
      files: {
        '.aws/config':
          '[profile sso]\nsso_session = work\nsso_account_id = 123456789012\nsso_role_name = Dev\n' +
          '[sso-session work]\nsso_start_url = https://work.awsapps.com/start\nsso_region = us-east-1\n',
      },
    },
  },
  { name: 'denied', arrange: ({ aws }) => aws.fault({ service: 'ecr' }, { kind: 'access-denied' }) },
  { name: 'network down', env: { AWS_ENDPOINT_URL_ECR: 'http://127.0.0.1:1' } },
];

for (const executable of executables) {
  describe(`decisions, ${executable.name}`, { concurrency: 2 }, () => {
    for (const { name, options, arrange, env = {} } of failures) {
      test(`a private registry, ${name}: the sentinel alone, cause and hint on stderr`, async (t) => {
        const world = await openWorld(t, executable, options);
        arrange?.(world);
        const result = await world.get(HOST, env);
        assertTwoLines(result.stderr);
        assertOutcome(result, { ...NOT_FOUND, stderr: result.stderr });
      });

      test(`a private registry, ${name}: with AWS_ECR_ON_ERROR=fail the cause is on stdout`, async (t) => {
        const world = await openWorld(t, executable, options);
        arrange?.(world);
        const result = await world.get(HOST, { ...env, AWS_ECR_ON_ERROR: 'fail' });
        assertTwoLines(result.stderr);
        const [cause = ''] = result.stderr.split('\n');
        assertOutcome(result, { stdout: `${cause}\n`, stderr: result.stderr, code: 1 });
        assert.ok(!result.stdout.includes('credentials not found in native keychain'));
      });

      test(`ECR Public, ${name}: the sentinel and silence`, async (t) => {
        const world = await openWorld(t, executable, options);
        arrange?.(world);
        world.aws.fault({ service: 'ecr-public' }, { kind: 'access-denied' });
        const changes = { AWS_ENDPOINT_URL_ECR_PUBLIC: env.AWS_ENDPOINT_URL_ECR, ...env };
        for (const host of [PUBLIC_HOST, 'ecr-public.aws.com'])
          for (const onError of [undefined, 'fail'])
            assertOutcome(await world.get(host, { ...changes, AWS_ECR_ON_ERROR: onError }), NOT_FOUND);
      });
    }

    test('AWS_ECR_ON_ERROR=fail by config file', async (t) => {
      const world = await openWorld(t, executable, {
        files: { '.ecr/config.json': '{ "onError": "fail" }' },
        env: NO_KEYS,
      });
      const result = await world.get(HOST);
      assertTwoLines(result.stderr);
      assert.equal(result.stdout, `${result.stderr.split('\n')[0]}\n`);
      assert.equal(result.code, 1);
      // The variable is nearer than the file.
      assert.equal((await world.get(HOST, { AWS_ECR_ON_ERROR: 'not-found' })).stdout, NOT_FOUND.stdout);
    });

    test('the sentinel in the cause does not reach stdout', async (t) => {
      const world = await openWorld(t, executable);
      world.aws.fault(
        { service: 'ecr' },
        { kind: 'status', status: 400, message: 'credentials not found in native keychain' },
      );
      const result = await world.get(HOST, { AWS_ECR_ON_ERROR: 'fail' });
      assert.match(result.stdout, /^docker-credential-ecr-login: .*: no such credentials\n$/);
      assert.ok(!result.stdout.includes('native keychain'));
    });

    test('ECR Public with credentials: a token of ECR Public', async (t) => {
      const world = await openWorld(t, executable);
      const result = await world.get(PUBLIC_HOST);
      assertOutcome(result, credentials(PUBLIC_HOST, onlyPassword(world)));
      assert.deepEqual(operations(world), ['ecr-public:GetAuthorizationToken']);
      assert.equal(world.aws.requests[0]?.region, 'us-east-1');
    });

    for (const env of [{}, { CI: 'true' }])
      test(`MFA is needed and nobody can be asked, ${JSON.stringify(env)}`, async (t) => {
        const role = 'arn:aws:iam::123456789012:role/puller';
        const serial = 'arn:aws:iam::123456789012:mfa/alice';
        const world = await openWorld(t, executable, {
          files: {
            '.aws/config': `[profile mfa]\nrole_arn = ${role}\ncredential_source = Environment\nmfa_serial = ${serial}\n`,
          },
        });
        world.aws.addRole({ arn: role, mfaSerial: serial, mfaCode: '123456' });
        // Keys in the environment would come before the default profile, so the profile is reached through one of a rule.
        world.write('.ecr/config.json', `{ "registries": [{ "match": "${HOST}", "profile": "mfa" }] }`);
        const result = await world.get(HOST, env);
        assertTwoLines(result.stderr);
        assertOutcome(
          result,
          explained(
            result.stderr.slice(result.stderr.indexOf('profile'), result.stderr.indexOf('\n')),
            `docker-credential-ecr-login login ${HOST}`,
          ),
        );
        assert.match(
          result.stderr,
          /profile "mfa" needs the MFA code of arn:aws:iam::123456789012:mfa\/alice/,
        );
        assert.deepEqual(world.aws.requests, []);
      });
  });
}

function assertTwoLines(stderr: string): void {
  assert.match(
    stderr,
    /^docker-credential-ecr-login: 123456789012\.dkr\.ecr\.us-east-1\.amazonaws\.com: [^\n]+\nhint: [^\n]+\n$/,
  );
}
