// Owns what the token cache means from outside: who is asked again and who is not, for each way to be somebody,
// where the files are, and the switches.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { executables } from '../support/executables.ts';
import { assertOutcome, credentials, onlyPassword, operations, success } from '../support/expect.ts';
import {
  ACCOUNT,
  ALICE,
  BOB,
  type Env,
  HOST,
  keysOf,
  keysProfile,
  openWorld,
  type World,
} from '../support/world.ts';

const ROLE = `arn:aws:iam::${ACCOUNT}:role/puller`;
const HOP = `arn:aws:iam::${ACCOUNT}:role/hop`;
const NO_KEYS: Env = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
const GET_TOKEN = 'ecr:GetAuthorizationToken';

const identities = [
  { name: 'environment keys', config: '', env: {}, first: [GET_TOKEN], arn: ALICE.arn },
  {
    name: 'a static profile',
    config: '',
    env: { ...NO_KEYS, AWS_PROFILE: 'alice' },
    first: [GET_TOKEN],
    arn: ALICE.arn,
  },
  {
    name: 'a role',
    config: `[profile role]\nrole_arn = ${ROLE}\nsource_profile = alice\nrole_session_name = build\n`,
    env: { ...NO_KEYS, AWS_PROFILE: 'role' },
    first: ['sts:AssumeRole', GET_TOKEN],
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/puller/build`,
  },
  {
    name: 'a chain of two roles',
    config:
      `[profile hop]\nrole_arn = ${HOP}\nsource_profile = alice\n` +
      `[profile role]\nrole_arn = ${ROLE}\nsource_profile = hop\nexternal_id = e1\n`,
    env: { ...NO_KEYS, AWS_PROFILE: 'role' },
    first: ['sts:AssumeRole', 'sts:AssumeRole', GET_TOKEN],
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/puller/docker-credential-ecr-login`,
  },
];

for (const executable of executables) {
  describe(`cache, ${executable.name}`, { concurrency: 2 }, () => {
    for (const { name, config, env, first, arn } of identities)
      test(`${name}: the second get asks nobody`, async (t) => {
        const world = await openWorld(t, executable, {
          files: { '.aws/credentials': keysProfile('alice', ALICE), '.aws/config': config },
          env,
        });
        for (const role of [ROLE, HOP]) world.aws.addRole({ arn: role });
        const answer = credentials(HOST, await firstPassword(world));
        assert.deepEqual(operations(world), first);
        assert.equal(world.aws.mintedTokens[0]?.arn, arn);
        assertOutcome(await world.get(HOST), answer);
        assert.deepEqual(operations(world), first);
      });

    test('temporary keys in the environment: new keys are another identity', async (t) => {
      const world = await openWorld(t, executable);
      for (const id of ['ASIAFIRST', 'ASIASECOND']) {
        const secret = { secretAccessKey: `canary-secret-of-${id}`, sessionToken: `canary-session-of-${id}` };
        world.aws.addAccessKey({ accessKeyId: id, ...secret, arn: ALICE.arn });
        const env = {
          AWS_ACCESS_KEY_ID: id,
          AWS_SECRET_ACCESS_KEY: secret.secretAccessKey,
          AWS_SESSION_TOKEN: secret.sessionToken,
        };
        for (const each of Object.values(secret)) world.addSecret(each);
        for (const _ of [1, 2])
          assertOutcome(
            await world.get(HOST, env),
            credentials(HOST, world.aws.mintedTokens.at(-1)?.password ?? ''),
          );
      }
      assert.equal(world.aws.requests.length, 2);
    });

    test('two people never share a token', async (t) => {
      const world = await openWorld(t, executable, {
        files: { '.aws/credentials': keysProfile('bob', BOB), '.aws/config': roleProfiles('alice', 'bob') },
      });
      for (const role of [ROLE]) world.aws.addRole({ arn: role });
      const people: Record<string, Env> = {
        alice: keysOf(ALICE),
        bob: keysOf(BOB),
        bobByProfile: { ...NO_KEYS, AWS_PROFILE: 'bob' },
        role: { ...NO_KEYS, AWS_PROFILE: 'role-bob' },
        otherSession: { ...NO_KEYS, AWS_PROFILE: 'role-alice' },
      };
      const answers = new Map<string, string>();
      for (const _ of [1, 2])
        for (const [name, env] of Object.entries(people)) {
          const { stdout, code } = await world.get(HOST, env);
          assert.equal(code, 0, name);
          assert.equal(answers.get(name) ?? stdout, stdout, name);
          answers.set(name, stdout);
        }
      const arns = world.aws.mintedTokens.map(({ arn }) => arn);
      const session = `arn:aws:sts::${ACCOUNT}:assumed-role/puller`;
      assert.deepEqual(arns, [ALICE.arn, BOB.arn, `${session}/bob`, `${session}/alice`]);
      // The same key is the same person, wherever it stands.
      assert.equal(answers.get('bobByProfile'), answers.get('bob'));
      assert.equal(new Set(answers.values()).size, 4);
      for (const [name, arn] of [
        ['alice', ALICE.arn],
        ['bob', BOB.arn],
      ] as const)
        assert.ok(
          answers
            .get(name)
            ?.includes(world.aws.mintedTokens.find((token) => token.arn === arn)?.password ?? '-'),
        );
    });

    test('two registries never share a token', async (t) => {
      const world = await openWorld(t, executable);
      for (const host of [HOST, HOST.replace('us-east-1', 'eu-west-1')])
        assertOutcome(
          await world.get(host),
          credentials(host, world.aws.mintedTokens.at(-1)?.password ?? ''),
        );
      assert.deepEqual(
        world.aws.mintedTokens.map(({ region }) => region),
        ['us-east-1', 'eu-west-1'],
      );
    });

    for (const place of ['.ecr', 'elsewhere/cache'])
      test(`files 0600 in directories 0700, in ${place}`, async (t) => {
        const world = await openWorld(t, executable);
        const env = place === '.ecr' ? {} : { AWS_ECR_CACHE_DIR: `${world.home.directory}/${place}` };
        await world.get(HOST, env);
        assert.deepEqual(
          world.home
            .list()
            .filter(({ isDirectory }) => isDirectory)
            .map(({ path, mode }) => `${path} ${mode}`),
          [...parentsOf(place), place, `${place}/log`, `${place}/tokens-v1`].map((path) => `${path} 700`),
        );
        const files = world.home.list().filter(({ isDirectory }) => !isDirectory);
        assert.deepEqual(
          files.map(({ mode }) => mode),
          ['600', '600'],
        );
        assert.match(
          files[1]?.path ?? '',
          /tokens-v1\/123456789012\.dkr\.ecr\.us-east-1\.amazonaws\.com\.[0-9a-f]+\.json$/,
        );
      });

    for (const [value, isOn] of [
      ['', true],
      ['0', true],
      ['false', true],
      ['FALSE', true],
      ['no', true],
      ['1', false],
      ['true', false],
      ['yes', false],
      ['anything', false],
    ] as const)
      test(`AWS_ECR_DISABLE_CACHE="${value}": the cache is ${isOn ? 'on' : 'off'}`, async (t) => {
        const world = await openWorld(t, executable, { env: { AWS_ECR_DISABLE_CACHE: value } });
        for (const _ of [1, 2]) assert.equal((await world.get(HOST)).code, 0);
        assert.equal(world.aws.requests.length, isOn ? 1 : 2);
        assert.equal(world.home.list('.ecr/tokens-v1').length, isOn ? 1 : 0);
      });

    test('erase removes the tokens of its registry, whoever they belong to, and no other', async (t) => {
      const world = await openWorld(t, executable);
      const other = HOST.replace('us-east-1', 'eu-west-1');
      for (const host of [HOST, other]) for (const key of [ALICE, BOB]) await world.get(host, keysOf(key));
      assert.equal(world.aws.requests.length, 4);
      assertOutcome(await world.run(['erase'], { stdin: `https://${HOST}/v2/` }), success(''));
      assert.deepEqual(
        world.home.list('.ecr/tokens-v1').map(({ path }) => path.includes('eu-west-1')),
        [true, true],
      );
      await world.get(other);
      assert.equal(world.aws.requests.length, 4);
      await world.get(HOST);
      assert.equal(world.aws.requests.length, 5);
    });

    test('list names the unexpired tokens of this identity and asks nobody', async (t) => {
      const world = await openWorld(t, executable);
      const hosts = {
        alice: HOST.replace('us-east-1', 'eu-west-1'),
        bob: HOST,
        expired: `2${HOST.slice(1)}`,
      };
      await world.get(hosts.alice);
      await world.get(hosts.bob, keysOf(BOB));
      await world.get(hosts.expired);
      const expired = world.home.list('.ecr/tokens-v1').find(({ path }) => path.includes(hosts.expired));
      assert.ok(expired !== undefined);
      world.home.write(expired.path, agedBy(24, expired.text));
      const requests = world.aws.requests.length;
      assertOutcome(
        await world.run(['list'], { stdin: 'unused' }),
        success(`{"https://${hosts.alice}":"AWS"}\n`),
      );
      assertOutcome(
        await world.run(['list'], { stdin: 'unused', env: keysOf(BOB) }),
        success(`{"https://${hosts.bob}":"AWS"}\n`),
      );
      assertOutcome(await world.run(['list'], { stdin: 'unused', env: NO_KEYS }), success('{}\n'));
      assert.equal(world.aws.requests.length, requests);
    });
  });
}

async function firstPassword(world: World): Promise<string> {
  const { code } = await world.get(HOST);
  assert.equal(code, 0);
  return onlyPassword(world);
}

function parentsOf(path: string): string[] {
  return path.includes('/') ? [path.slice(0, path.indexOf('/'))] : [];
}

/** One role, taken on by one person under several session names. */
function roleProfiles(...names: readonly string[]): string {
  return names
    .map(
      (name) =>
        `[profile role-${name}]\nrole_arn = ${ROLE}\nsource_profile = bob\nrole_session_name = ${name}\n`,
    )
    .join('');
}

/** A cache entry as if everything in it had happened some hours earlier. */
function agedBy(hours: number, text: string): string {
  return text.replace(
    /"(requestedAt|refreshAt|expiresAt)":(\d+)/g,
    (_, name, time) => `"${name}":${time - hours * 3_600_000}`,
  );
}
