// Owns what goes wrong with each credential source: it ends in time, is told by its cause with the next command, and asks
// nobody that it must not. What a person is told never repeats what a source said.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { executables } from '../support/executables.ts';
import { assertOutcome, credentials, onlyPassword, operations } from '../support/expect.ts';
import { NO_KEYS, processAnswer } from '../support/sources.ts';
import { ALICE, HOST, openWorld, SENTINEL } from '../support/world.ts';
import { processFailures, script } from './tables/process-failures.ts';
import { container, sourceFailures } from './tables/source-failures.ts';

for (const executable of executables) {
  describe(`source failures, ${executable.name}`, { concurrency: 3 }, () => {
    for (const { name, arrange, cause, hint, asked, withinMs = 3500 } of [
      ...sourceFailures,
      ...processFailures,
    ])
      test(name, async (t) => {
        const world = await openWorld(t, executable, { env: NO_KEYS });
        const result = await world.get(HOST, arrange(world));
        const [first = '', second = ''] = result.stderr.split('\n');
        const prefix = `docker-credential-ecr-login: ${HOST}: `;
        assertOutcome(result, { stdout: SENTINEL, stderr: `${first}\n${second}\n`, code: 1 });
        assert.ok(first.startsWith(prefix), first);
        assert.match(first.slice(prefix.length), cause);
        assert.match(second.replace(/^hint: /, ''), hint);
        assert.ok(!/canary/.test(result.stderr));
        if (asked !== undefined) assert.deepEqual(operations(world), asked);
        assert.ok(result.ms < withinMs, `${result.ms} ms`);
      });

    test('container: busy at first', async (t) => {
      const world = await openWorld(t, executable, { env: NO_KEYS });
      world.aws.fault({ service: 'container', times: 2 }, { kind: 'status', status: 429 });
      assertOutcome(await world.get(HOST, container()(world)), credentials(HOST, onlyPassword(world)));
    });

    test('process: one that takes too long ends with all that it started', async (t) => {
      const world = await openWorld(t, executable, { env: NO_KEYS });
      const env = script(
        `sleep 600 & echo $! >"${world.home.directory}/child"; echo $$ >"${world.home.directory}/self"; wait`,
      )(world);
      const result = await world.get(HOST, { ...env, AWS_ECR_TIMEOUT: '1' });
      assert.match(result.stderr, /: timed out after 1 s: running credential_process of profile "dev"\n/);
      assert.ok(result.ms < 3000, `${result.ms} ms`);
      for (const file of ['child', 'self']) await assertEnded(Number(world.home.read(file)));
    });

    test('process: what it leaves running does not hold up the answer', async (t) => {
      const world = await openWorld(t, executable, { env: NO_KEYS });
      const env = script(`sleep 5 & echo '${processAnswer(ALICE)}'`)(world);
      const result = await world.get(HOST, env);
      assertOutcome(result, credentials(HOST, onlyPassword(world)));
      assert.ok(result.ms < 3000, `${result.ms} ms`);
    });
  });
}

/** A killed process is gone, or dead and not yet collected, within a moment. */
async function assertEnded(pid: number): Promise<void> {
  for (let tries = 0; tries < 50; tries += 1) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      if (/\) [ZX] /.test(stat)) return;
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(`process ${pid} still runs`);
}
