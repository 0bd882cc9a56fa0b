// Owns the log file: what each level writes, to whom it belongs, how it turns over, and that no secret is in it
// while the program is at work.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { assertNoSecretInProcesses } from '../support/canary.ts';
import { executables } from '../support/executables.ts';
import { NO_KEYS, ROLE } from '../support/sources.ts';
import { ACCOUNT, ALICE, type Env, HOST, keysProfile, openWorld, PUBLIC_HOST } from '../support/world.ts';

const LOG = '.ecr/log/ecr-login.log';
const MIB = 1024 * 1024;
const LINE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (error|warn|info|debug) \[\d+\] \S.*$/;
const DEAD_PROXY: Env = { HTTPS_PROXY: 'http://127.0.0.1:9' };
const DENIED: Env = { AWS_ACCESS_KEY_ID: 'AKIANOBODY' };

/** Levels that a failed `get`, a `get` of ECR Public that failed and one from AWS leave behind. */
const levels: readonly (readonly [level: string | undefined, seen: readonly string[]])[] = [
  [undefined, ['error']],
  ['', ['error']],
  ['off', []],
  ['error', ['error']],
  ['WARN', ['error']],
  ['info', ['error', 'info']],
  ['debug', ['debug', 'error', 'debug', 'info', 'debug']],
];

for (const executable of executables) {
  describe(`log, ${executable.name}`, { concurrency: 2 }, () => {
    for (const [level, seen] of levels)
      test(`AWS_ECR_LOG_LEVEL ${level === undefined ? 'unset' : `"${level}"`}`, async (t) => {
        const world = await openWorld(t, executable, { env: { AWS_ECR_LOG_LEVEL: level } });
        await world.get(HOST, DENIED);
        await world.get(PUBLIC_HOST, DENIED);
        await world.get(HOST);
        const [log] = world.home.list('.ecr/log');
        const lines = (log?.text ?? '').split('\n').filter((line) => line !== '');
        for (const line of lines) assert.match(line, LINE);
        assert.deepEqual(
          lines.map((line) => line.split(' ')[1]),
          seen,
        );
        if (log !== undefined) assert.deepEqual([log.path, log.mode], [LOG, '600']);
      });

    test('the cause in the log is the cause on stderr', async (t) => {
      const world = await openWorld(t, executable, { env: { AWS_ECR_LOG_LEVEL: undefined } });
      const { stderr } = await world.get(HOST, DENIED);
      assert.ok(world.home.read(LOG).includes(stderr.split('\n')[0] ?? '-'));
    });

    test('debug tells rule, source, identity, endpoint and what the cache had, in one line', async (t) => {
      const world = await openWorld(t, executable, { env: NO_KEYS });
      world.aws.addRole({ arn: ROLE });
      const { AWS_ENDPOINT_URL_ECR: url } = world.aws.environment();
      const key = hash('sha256', `access key id ${ALICE.accessKeyId}`).slice(0, 32);
      const identity = JSON.stringify(['role', ROLE, '', '', 0, '', ['key', key]]);
      const role = `profile "dev" (role ${ROLE} from profile "alice")`;
      const told = (rule: string, endpoint: string, cache: string): string =>
        `get registry=${HOST} rule=${rule} source=${JSON.stringify(role)} identity=${JSON.stringify(identity)} endpoint=${endpoint} cache=${cache}`;
      world.write('.aws/credentials', keysProfile('alice', ALICE));
      world.write('.aws/config', `[profile dev]\nrole_arn = ${ROLE}\nsource_profile = alice\n`);
      await world.get(HOST, { AWS_PROFILE: 'dev' });
      const rule = { match: { account: ACCOUNT, region: 'us-*' }, profile: 'dev' };
      world.write('.ecr/config.json', JSON.stringify({ registries: [rule] }));
      await world.get(HOST);
      // Refused by the proxy, so that nothing is asked of AWS: the line stands there all the same.
      await world.get(HOST, {
        AWS_ENDPOINT_URL_ECR: undefined,
        AWS_USE_FIPS_ENDPOINT: 'true',
        ...DEAD_PROXY,
      });
      const lines = world.home.read(LOG).split('\n');
      assert.deepEqual(
        lines.filter((line) => / debug /.test(line)).map((line) => line.replace(/^.*?\] /, '')),
        [
          told('none', url ?? '', 'miss'),
          told(JSON.stringify(`account ${ACCOUNT}, region us-*`), url ?? '', 'hit'),
          told(JSON.stringify(`account ${ACCOUNT}, region us-*`), '"ecr us-east-1 fips"', 'miss'),
        ],
      );
    });

    test('AWS_ECR_CACHE_DIR moves the log too', async (t) => {
      const world = await openWorld(t, executable);
      await world.get(HOST, { AWS_ECR_CACHE_DIR: `${world.home.directory}/elsewhere` });
      assert.match(world.home.read('elsewhere/log/ecr-login.log'), /debug/);
      assert.deepEqual(world.home.list('.ecr'), []);
    });

    test('a log below 1 MiB grows, and one that others could read is closed to them', async (t) => {
      const world = await openWorld(t, executable, {
        files: { [LOG]: { text: 'x'.repeat(MIB - 1), mode: 0o644 } },
        env: { AWS_ECR_LOG_LEVEL: 'error' },
      });
      await world.get(HOST, DENIED);
      const [log, ...more] = world.home.list('.ecr/log');
      assert.deepEqual([log?.path, log?.mode, more], [LOG, '600', []]);
      assert.ok((log?.text.length ?? 0) > MIB);
    });

    test('a log of 1 MiB becomes the one predecessor', async (t) => {
      const old = 'x'.repeat(MIB);
      const world = await openWorld(t, executable, {
        files: { [LOG]: old, [`${LOG}.1`]: 'older' },
        env: { AWS_ECR_LOG_LEVEL: 'error' },
      });
      await world.get(HOST, DENIED);
      const [log, predecessor, ...more] = world.home.list('.ecr/log');
      assert.deepEqual([log?.path, predecessor?.path, more], [LOG, `${LOG}.1`, []]);
      assert.equal(log?.text.split('\n').length, 2);
      assert.equal(predecessor?.text, old);
    });

    test('no secret in a command line while the program is at work', async (t) => {
      const world = await openWorld(t, executable, {
        files: { '.aws/config': `[profile p]\ncredential_process = sleep 0.5\n` },
      });
      world.aws.fault({ service: 'ecr' }, { kind: 'slow', delayMs: 500 });
      const profile = { AWS_PROFILE: 'p', AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
      for (const env of [{}, profile]) {
        let looked = 0;
        await world.run(['get'], {
          stdin: HOST,
          env,
          onStart: async ({ pid }) => {
            await delay(350);
            assert.ok(pid !== undefined);
            assertNoSecretInProcesses(world.secrets, pid);
            looked += 1;
          },
        });
        assert.equal(looked, 1);
      }
    });
  });
}
