// Owns strange surroundings: no home, a read-only one, no Node on PATH, options meant for a runtime, a hostile directory.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { executables } from '../support/executables.ts';
import { assertOutcome, credentials, success } from '../support/expect.ts';
import { foreignPassword } from '../support/stored.ts';
import { ALICE, type Env, HOST, keysProfile, openWorld } from '../support/world.ts';

/** No home: the system is asked whose it is, and that home must be left alone by a test. */
const NO_HOME: Env = {
  HOME: undefined,
  AWS_ECR_DISABLE_CACHE: '1',
  AWS_ECR_LOG_LEVEL: 'off',
  AWS_CONFIG_FILE: '/nonexistent/config',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
};

/** Places where nothing can be written, not even by root. */
const unwritable: readonly string[] = ['/proc', '/sys', '/dev/null'];

for (const executable of executables) {
  describe(`surroundings, ${executable.name}`, { concurrency: 2 }, () => {
    test('HOME unset', async (t) => {
      const world = await openWorld(t, executable, { env: NO_HOME });
      assertOutcome(await world.get(HOST), credentials(HOST, world.aws.mintedTokens[0]?.password ?? ''));
    });

    for (const home of [undefined, ''])
      test(`HOME ${home === undefined ? 'unset' : 'empty'} with AWS_ECR_CACHE_DIR: the cache works`, async (t) => {
        const world = await openWorld(t, executable, { env: { ...NO_HOME, HOME: home } });
        const env = { AWS_ECR_DISABLE_CACHE: undefined, AWS_ECR_CACHE_DIR: `${world.home.directory}/cache` };
        const first = await world.get(HOST, env);
        assertOutcome(await world.get(HOST, env), success(first.stdout));
        assert.equal(world.aws.requests.length, 1);
      });

    for (const home of unwritable)
      test(`HOME=${home}: every verb works without a cache`, async (t) => {
        const world = await openWorld(t, executable, { env: { HOME: home } });
        for (const count of [1, 2]) {
          const result = await world.run(['get'], { stdin: HOST, timeoutMs: 4000 });
          assertOutcome(result, credentials(HOST, world.aws.mintedTokens.at(-1)?.password ?? ''));
          assert.equal(world.aws.requests.length, count);
        }
        assertOutcome(await world.run(['list'], { stdin: 'unused' }), success('{}\n'));
        assertOutcome(await world.run(['erase'], { stdin: HOST }), success(''));
        const stdin = JSON.stringify({ ServerURL: HOST, Username: 'AWS', Secret: foreignPassword() });
        assertOutcome(await world.run(['store'], { stdin }), success(''));
      });

    test('a file where the cache directory should be', async (t) => {
      const world = await openWorld(t, executable, { files: { '.ecr': 'not a directory' } });
      assertOutcome(await world.get(HOST), credentials(HOST, world.aws.mintedTokens[0]?.password ?? ''));
      assert.equal(world.home.read('.ecr'), 'not a directory');
    });

    test('a cache directory that others could write is not trusted', async (t) => {
      const world = await openWorld(t, executable, {
        files: { '.ecr/tokens-v1/x': { text: '', mode: 0o600 } },
      });
      world.home.chmod('.ecr/tokens-v1', 0o777);
      for (const count of [1, 2]) {
        const result = await world.get(HOST);
        assertOutcome(result, credentials(HOST, world.aws.mintedTokens.at(-1)?.password ?? ''));
        assert.equal(world.aws.requests.length, count);
      }
    });

    test('a working directory that is gone or says other things', async (t) => {
      const world = await openWorld(t, executable, {
        files: {
          'project/.env': `AWS_ACCESS_KEY_ID=AKIAEVIL\nAWS_SECRET_ACCESS_KEY=evil\nAWS_PROFILE=evil\nAWS_ECR_ON_ERROR=fail\n`,
          'project/bunfig.toml': 'preload = ["./evil.ts"]\n',
          'project/evil.ts': 'console.log("evil"); process.exit(7);\n',
          'project/package.json': '{ "type": "commonjs", "imports": { "#x": "./evil.ts" } }',
          'project/tsconfig.json': '{ "compilerOptions": { "paths": { "*": ["./evil.ts"] } } }',
          'project/.aws/credentials': keysProfile('default', { ...ALICE, accessKeyId: 'AKIAEVIL' }),
          'project/.ecr/config.json': '{ "onError": "fail" }',
          'project/node_modules/commander/index.js': 'process.exit(7);\n',
        },
      });
      const cwd = `${world.home.directory}/project`;
      const result = await world.run(['get'], { stdin: HOST, cwd });
      assertOutcome(result, credentials(HOST, world.aws.mintedTokens[0]?.password ?? ''));
      assert.equal(world.aws.requests[0]?.identity, ALICE.arn);
      const failed = await world.run(['get'], { stdin: HOST, cwd, env: { AWS_ACCESS_KEY_ID: undefined } });
      assert.equal(failed.stdout, 'credentials not found in native keychain\n');
    });

    test('a PATH without Node', async (t) => {
      for (const path of ['', '/nonexistent', undefined]) {
        const world = await openWorld(t, executable, { env: { PATH: path } });
        assertOutcome(await world.get(HOST), credentials(HOST, world.aws.mintedTokens[0]?.password ?? ''));
      }
    });

    test('NODE_OPTIONS=--inspect', async (t) => {
      const world = await openWorld(t, executable, { env: { NODE_OPTIONS: '--inspect=127.0.0.1:0' } });
      const result = await world.get(HOST);
      const { stdout, code } = credentials(HOST, world.aws.mintedTokens[0]?.password ?? '');
      assert.deepEqual([result.stdout, result.code], [stdout, code]);
      // Node itself prints this before any program runs, and a program cannot refuse it.
      if (executable.name === 'npm')
        assert.match(result.stderr, /^Debugger listening on [^\n]+\nFor help, [^\n]+\n$/);
      else assert.equal(result.stderr, '');
    });

    test('options that Node does not know', async (t) => {
      const world = await openWorld(t, executable, { env: { NODE_OPTIONS: '--no-such-option' } });
      const result = await world.get(HOST);
      // Node itself ends here, before any program runs; only what holds its own runtime can do better.
      if (executable.name === 'npm') assert.deepEqual([result.stdout, result.code], ['', 9]);
      else assertOutcome(result, credentials(HOST, world.aws.mintedTokens[0]?.password ?? ''));
    });

    for (const env of [
      { BUN_CONFIG_PRELOAD: './evil.js' },
      { BUN_OPTIONS: '--preload ./evil.js' },
      { BUN_INSPECT: '1' },
      { BUN_BE_BUN: '1' },
    ])
      test(`variables for Bun: ${JSON.stringify(env)}`, async (t) => {
        const world = await openWorld(t, executable, {
          files: { 'evil.js': 'console.log("evil"); process.exit(7);\n' },
          env,
        });
        assertOutcome(await world.get(HOST), credentials(HOST, world.aws.mintedTokens[0]?.password ?? ''));
      });
  });
}
