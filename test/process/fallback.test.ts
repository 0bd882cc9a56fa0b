// The good neighbour as a process: requests for hosts that are not ECR's reach another helper byte for byte and its answers
// come back so, within the deadline. Which helper that is: fallback-choice.test.ts.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { executables } from '../support/executables.ts';
import { assertOutcome, credentials, onlyPassword, operations, refusal, success } from '../support/expect.ts';
import { THEIRS, worldWith } from '../support/neighbour.ts';
import { SYSTEM_PATH } from '../support/run.ts';
import { HOST, openWorld, SENTINEL } from '../support/world.ts';

for (const executable of executables) {
  describe(executable.name, () => {
    test('get: bytes in, bytes out, exit 0, silence', async (t) => {
      const answer = '{"ServerURL":"x", "Username":"\\u00fc\t","Secret":"s3cr3t", "More":[1]}';
      const { world, stdin, argv } = await worldWith(
        t,
        executable,
        `printf '%s' '${answer}'; echo warning >&2`,
      );
      for (const request of [
        THEIRS,
        `${THEIRS}\r\n`,
        `\uFEFF  ${THEIRS} \n`,
        'ghcr.io',
        '127.0.0.1:5000/a/b',
      ]) {
        assertOutcome(await world.run(['get'], { stdin: request }), success(answer));
        assert.equal(stdin(), request);
        assert.equal(argv(), 'get');
      }
      assert.deepEqual(operations(world), []);
    });

    test('get: bytes that are no UTF-8 come back as they are', async (t) => {
      const { world } = await worldWith(t, executable, `printf '\\376\\377{}'`);
      const { stdout, code } = await world.run(['get'], { stdin: THEIRS });
      assert.deepEqual([stdout, code], ['\uFFFD\uFFFD{}', 0]);
    });

    for (const [name, script, stdout, stderr] of [
      ['not found', `echo '${SENTINEL.trim()}'; exit 1`, SENTINEL, ''],
      ['another exit code', 'echo no; echo why >&2; exit 7', 'no\n', 'why\n'],
      ['a signal', 'kill -9 $$', '', ''],
    ] as const)
      test(`get: ${name} is exit 1, with its words`, async (t) => {
        const { world } = await worldWith(t, executable, script);
        assertOutcome(await world.run(['get'], { stdin: THEIRS }), { stdout, stderr, code: 1 });
      });

    test('store and erase: bytes in, result out', async (t) => {
      const { world, stdin, argv } = await worldWith(
        t,
        executable,
        '[ "$1" = store ] || { echo bad; exit 3; }',
      );
      const message = `{"ServerURL" : "${THEIRS}","Username":"\\u003ctoken\\u003e","Secret":"canary"}\n`;
      assertOutcome(await world.run(['store'], { stdin: message }), success(''));
      assert.equal(stdin(), message);
      assertOutcome(await world.run(['erase'], { stdin: `${THEIRS}\n` }), refusal('bad\n'));
      assert.equal(argv() + stdin(), `erase${THEIRS}\n`);
    });

    test('our own hosts never reach it', async (t) => {
      const { world } = await worldWith(t, executable, 'exit 1');
      const result = await world.run(['get'], { stdin: HOST });
      assertOutcome(result, credentials(HOST, onlyPassword(world)));
      assertOutcome(
        await world.run(['store'], { stdin: `{"ServerURL":"${HOST}","Username":"AWS","Secret":"x"}` }),
        success(''),
      );
      assertOutcome(await world.run(['erase'], { stdin: HOST }), success(''));
      assert.throws(() => world.home.read('argv'), /ENOENT/);
    });

    test('list: ours and theirs, but not what they hold of ours', async (t) => {
      const theirs = `{"${THEIRS}":"me","https://${HOST}":"stale","https://123456789012.dkr.ecr.eu-west-1.amazonaws.com":"AWS"}`;
      const { world, argv } = await worldWith(t, executable, `echo '${theirs}'`);
      assertOutcome(await world.run(['list'], { stdin: 'unused' }), success(`{"${THEIRS}":"me"}\n`));
      assert.equal(argv(), 'list');
      await world.run(['get'], { stdin: HOST });
      assertOutcome(
        await world.run(['list'], { stdin: 'unused' }),
        success(`{"${THEIRS}":"me","https://${HOST}":"AWS"}\n`),
      );
    });

    for (const [name, script] of [
      ['fails', 'echo no; exit 1'],
      ['says no JSON', 'echo no'],
      ['says no strings', `echo '{"a":{}}'`],
      ['says null', 'echo null'],
    ] as const)
      test(`list: a fallback that ${name} leaves ours alone`, async (t) => {
        const { world } = await worldWith(t, executable, script);
        assertOutcome(await world.run(['list'], { stdin: 'unused' }), success('{}\n'));
      });

    test('the deadline', async (t) => {
      const { world } = await worldWith(t, executable, 'exec sleep 30', { AWS_ECR_TIMEOUT: '1' });
      const cause =
        "docker-credential-ecr-login: docker-credential-other: cannot ask docker-credential-other, the helper for hosts that are not ECR's: it gave no answer in 1 s";
      const got = await world.run(['get'], { stdin: THEIRS });
      assert.ok(got.ms < 5000, `${got.ms} ms`);
      assert.deepEqual([got.stdout, got.code], [SENTINEL, 1]);
      assert.equal(got.stderr.split('\n')[0], cause);
      assert.match(got.stderr, /\nhint: [^\n]+\n$/);
      const stored = await world.run(['store'], {
        stdin: `{"ServerURL":"${THEIRS}","Username":"a","Secret":"b"}`,
      });
      assertOutcome(stored, refusal(`${cause}\n`));
      assertOutcome(await world.run(['erase'], { stdin: THEIRS }), success(''));
      assertOutcome(await world.run(['list'], { stdin: '' }), success('{}\n'));
    });

    test('what it leaves running holds nobody up', async (t) => {
      const { world } = await worldWith(t, executable, 'sleep 20 & echo "{}"');
      const got = await world.run(['get'], { stdin: THEIRS });
      assert.ok(got.ms < 5000, `${got.ms} ms`);
      assert.deepEqual([got.stdout, got.stderr, got.code], ['{}\n', '', 0]);
    });

    test('it may leave without reading, and may talk without end on stderr', async (t) => {
      const world = await openWorld(t, executable, {
        files: {
          'bin/docker-credential-other': {
            text: '#!/bin/sh\nhead -c 300000 /dev/zero | tr "\\0" x >&2\necho "{}"\nexit 1\n',
            mode: 0o755,
          },
        },
        env: { AWS_ECR_FALLBACK: 'other' },
      });
      const message = `{"ServerURL":"${THEIRS}","Username":"a","Secret":"${'y'.repeat(60_000)}"}`;
      const env = { PATH: `${join(world.home.directory, 'bin')}:${SYSTEM_PATH}` };
      const { stdout, stderr, code } = await world.run(['store'], { stdin: message, env });
      assert.deepEqual([stdout, stderr.length, code], ['{}\n', 16384, 1]);
    });
  });
}
