// Owns what becomes of credentials that a client hands over: kept only as a last resort, and only when they are a token of ECR
// that did not come from here.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { executables } from '../support/executables.ts';
import { assertOutcome, credentials, onlyPassword, success } from '../support/expect.ts';
import { requestFor } from '../support/kubelet.ts';
import { foreignPassword, storeMessage, unusablePasswords } from '../support/stored.ts';
import { type Env, HOST, openWorld } from '../support/world.ts';

const NO_KEYS: Env = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
const LISTED = success(`{"https://${HOST}":"AWS"}\n`);

for (const executable of executables) {
  describe(`store, ${executable.name}`, { concurrency: 2 }, () => {
    test('a foreign token serves where there are no AWS credentials, and only there', async (t) => {
      const world = await openWorld(t, executable);
      const password = foreignPassword();
      assertOutcome(await world.run(['store'], { stdin: storeMessage(password) }), success(''));
      assertOutcome(await world.get(HOST, NO_KEYS), credentials(HOST, password));
      assertOutcome(await world.run(['list'], { env: NO_KEYS }), LISTED);
      assert.deepEqual(world.aws.requests, []);
      assertOutcome(await world.run(['list']), success('{}\n'));
      assertOutcome(await world.get(HOST), credentials(HOST, onlyPassword(world)));
      assertOutcome(await world.get(HOST, NO_KEYS), credentials(HOST, password));
    });

    test('a foreign token serves and is listed where only the machine could have credentials', async (t) => {
      const nobody = {
        AWS_EC2_METADATA_DISABLED: undefined,
        AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:9',
      };
      const world = await openWorld(t, executable, { env: { ...NO_KEYS, ...nobody } });
      const password = foreignPassword();
      await world.run(['store'], { stdin: storeMessage(password) });
      assertOutcome(await world.run(['list']), LISTED);
      assertOutcome(await world.get(HOST), credentials(HOST, password));
      assert.deepEqual(world.aws.requests, []);
    });

    test('a foreign token does not hide a refusal of AWS', async (t) => {
      const world = await openWorld(t, executable);
      await world.run(['store'], { stdin: storeMessage(foreignPassword()) });
      world.aws.fault({ service: 'ecr' }, { kind: 'access-denied' });
      const { stdout, code } = await world.get(HOST);
      assert.deepEqual([stdout, code], ['credentials not found in native keychain\n', 1]);
    });

    test('a foreign token serves its own registry only, and erase removes it', async (t) => {
      const world = await openWorld(t, executable, { env: NO_KEYS });
      await world.run(['store'], {
        stdin: storeMessage(foreignPassword(), { serverUrl: `https://${HOST}` }),
      });
      assert.equal((await world.get(HOST)).code, 0);
      assert.equal((await world.get(HOST.replace('us-east-1', 'eu-west-1'))).code, 1);
      assertOutcome(await world.run(['erase'], { stdin: HOST }), success(''));
      assert.equal((await world.get(HOST)).code, 1);
    });

    test('a foreign token is for get alone: token, login and a kubelet say that there are no AWS credentials', async (t) => {
      const world = await openWorld(t, executable, { env: NO_KEYS });
      await world.run(['store'], { stdin: storeMessage(foreignPassword()) });
      for (const [argv, stdin] of [
        [['token', HOST], ''],
        [['login', HOST], ''],
        [['kubelet'], requestFor(`${HOST}/app`)],
      ] as const) {
        const { stdout, stderr, code } = await world.run(argv, { stdin });
        assert.deepEqual([stdout, code], ['', 1]);
        assert.match(stderr, new RegExp(`^docker-credential-ecr-login: ${HOST}: no AWS credentials found: `));
      }
      assert.equal((await world.get(HOST)).code, 0);
    });

    test('a foreign token ends with its life', async (t) => {
      const world = await openWorld(t, executable, { env: NO_KEYS });
      await world.run(['store'], { stdin: storeMessage(foreignPassword({ expiresInS: 2 })) });
      assert.equal((await world.get(HOST)).code, 0);
      await new Promise((resolve) => setTimeout(resolve, 2100));
      assert.equal((await world.get(HOST)).code, 1);
      assertOutcome(await world.run(['list']), success('{}\n'));
    });

    test('our own token, which docker login hands back, is not kept', async (t) => {
      const world = await openWorld(t, executable);
      await world.get(HOST);
      const before = world.home.list('.ecr/tokens-v1');
      assertOutcome(await world.run(['store'], { stdin: storeMessage(onlyPassword(world)) }), success(''));
      assert.deepEqual(world.home.list('.ecr/tokens-v1'), before);
      assert.equal((await world.get(HOST, NO_KEYS)).code, 1);
    });

    test('what is no usable token is not kept', async (t) => {
      const world = await openWorld(t, executable, { env: NO_KEYS });
      for (const [name, password] of Object.entries(unusablePasswords())) {
        assertOutcome(await world.run(['store'], { stdin: storeMessage(password) }), success(''));
        assert.deepEqual(world.home.list('.ecr/tokens-v1'), [], name);
      }
      for (const username of ['<token>', 'alice'])
        await world.run(['store'], { stdin: storeMessage(foreignPassword(), { username }) });
      assert.deepEqual(world.home.list('.ecr/tokens-v1'), []);
    });

    for (const [value, isKept] of [
      ['', true],
      ['false', true],
      ['true', false],
      ['1', false],
    ] as const)
      test(`AWS_ECR_IGNORE_CREDS_STORAGE="${value}": ${isKept ? 'kept' : 'not kept'}`, async (t) => {
        const world = await openWorld(t, executable, {
          env: { ...NO_KEYS, AWS_ECR_IGNORE_CREDS_STORAGE: value },
        });
        assertOutcome(await world.run(['store'], { stdin: storeMessage(foreignPassword()) }), success(''));
        assert.equal(world.home.list('.ecr/tokens-v1').length, isKept ? 1 : 0);
        const result = await world.get(HOST);
        assert.equal(result.code, isKept ? 0 : 1);
      });
  });
}
