// Owns what a killed `get` leaves behind: the old entry or the new one, whole, and no debris that stays for ever. Killed at random
// instants, and, where strace can be had, once at each system call that touches a file.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type Executable, executables } from '../support/executables.ts';
import { killGroup, type Victim, victimOf } from '../support/killing.ts';
import { forEach, scaled } from '../support/scale.ts';
import { openWorld } from '../support/world.ts';

const KILLS = { native: 500, npm: 250, pkg: 250 };
/** Each at its own cache; the machine has two processors at least. */
const AT_ONCE = 2;

interface Tally {
  killed: number;
  finished: number;
  old: number;
  new: number;
  debris: number;
}

for (const executable of executables) {
  describe(`crash, ${executable.name}`, () => {
    test('killed at random instants: the old entry or the new one', { timeout: 600_000 }, async (t) => {
      const kills = scaled(KILLS[executable.name], executable);
      const tally: Tally = { killed: 0, finished: 0, old: 0, new: 0, debris: 0 };
      await forEach(AT_ONCE, AT_ONCE, () => killAtRandom(t, executable, kills / AT_ONCE, tally));
      t.diagnostic(`${kills} kills wanted: ${JSON.stringify(tally)}`);
      assert.ok(tally.killed >= kills);
      // Else the instants were badly chosen and nothing was shown.
      assert.ok(tally.old > 0 && (kills < 100 || (tally.new > 0 && tally.debris > 0)));
    });
  });
}

async function killAtRandom(
  t: TestContext,
  executable: Executable,
  kills: number,
  tally: Tally,
): Promise<void> {
  const victim = await victimOf(await openWorld(t, executable, { env: { AWS_ECR_LOG_LEVEL: 'warn' } }));
  let usualMs = await usualTime(victim);
  for (let killed = 0; killed < kills; ) {
    victim.reset();
    // The first half of the time belongs to the runtime, which has no file of ours open.
    const afterMs = usualMs * (0.4 + 0.7 * Math.random());
    const result = await victim.get({
      onStart: ({ pid }) => setTimeout(() => killGroup(pid), afterMs).unref(),
    });
    const found = victim.found();
    tally[found]++;
    tally.debris += victim.debris().length > 0 ? 1 : 0;
    if (result.signal === 'SIGKILL') {
      killed++;
      tally.killed++;
    } else {
      tally.finished++;
      assert.equal(result.code, 0);
      // A machine that gets faster or slower meanwhile must not make all the kills too late or too early.
      usualMs = 0.9 * usualMs + 0.1 * result.ms;
    }
  }
  await assertRecovers(victim);
}

/** After all that: a `get` serves, and when the debris is old the next one takes it away. */
async function assertRecovers(victim: Victim): Promise<void> {
  victim.reset();
  const result = await victim.get();
  assert.deepEqual([result.code, result.stderr], [0, '']);
  assert.ok(result.ms < 2500, `${result.ms} ms`);
  victim.ageDebris();
  victim.reset();
  assert.equal((await victim.get()).code, 0);
  assert.deepEqual([victim.found(), victim.debris()], ['new', []]);
}

async function usualTime(victim: Victim): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < 3; count++) {
    victim.reset();
    times.push((await victim.get()).ms);
  }
  return Math.min(...times);
}

const STEPS = [
  'openat',
  'write',
  'fsync',
  'rename',
  'unlink',
  'close',
  'mkdir',
  'renameat',
  'unlinkat',
  'mkdirat',
  'pwrite64',
];
const canTrace = spawnSync('strace', ['-qq', '-e', 'trace=none', 'true']).status === 0;

describe('crash, native, step by step', { skip: canTrace ? false : 'strace cannot be had here' }, () => {
  for (const kind of ['cold', 'refresh'] as const)
    test(`${kind}: killed once at every call that touches a file of the cache`, async (t) => {
      const [executable] = executables;
      assert.ok(executable !== undefined);
      const directory = mkdtempSync(join(tmpdir(), 'ecr-login-trace-'));
      t.after(() => rmSync(directory, { recursive: true }));
      const world = await openWorld(t, executable, { env: { AWS_ECR_LOG_LEVEL: 'warn' } });
      const victim = await victimOf(world);
      const prepare = (): void => {
        if (kind === 'cold') rmSync(join(world.home.directory, '.ecr'), { recursive: true, force: true });
        else victim.reset();
      };
      const trace = (file: string, ...options: readonly string[]) =>
        victim.get({
          command: [
            'strace',
            '-f',
            '-qq',
            '-o',
            join(directory, file),
            ...options,
            executable.command,
            'get',
          ],
        });

      prepare();
      assert.equal((await trace('whole', '-e', `trace=${STEPS.join()}`)).code, 0);
      const steps = stepsOf(readFileSync(join(directory, 'whole'), 'utf8'));
      const outcomes = { none: 0, old: 0, new: 0, debris: 0 };
      const missed: string[] = [];
      const missedOfCache: string[] = [];
      for (const { call, when, isOfCache } of steps) {
        // How often the runtime writes to its own pipes differs from run to run, so that a call may not come; then once more.
        let isKilled = false;
        for (let attempt = 0; attempt < 3 && !isKilled; attempt++) {
          prepare();
          await trace('one', '-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL:when=${when}`);
          isKilled = readFileSync(join(directory, 'one'), 'utf8').includes('killed by SIGKILL');
        }
        if (!isKilled) missed.push(call);
        if (!isKilled && isOfCache) missedOfCache.push(call);
        if (world.home.list('.ecr/tokens-v1').some(({ path }) => path.endsWith('.json')))
          outcomes[victim.found()]++;
        else {
          assert.equal(kind, 'cold');
          outcomes.none++;
        }
        if (world.home.list('.ecr/tokens-v1').some(({ path }) => !path.endsWith('.json'))) outcomes.debris++;
        const next = await victim.get();
        assert.deepEqual([next.code, next.stderr], [0, ''], `after ${call} ${when}`);
        assert.ok(next.ms < 2500, `${next.ms} ms after ${call} ${when}`);
      }
      t.diagnostic(
        `${steps.length} steps: ${JSON.stringify(outcomes)}, not met: ${missed.join(' ') || 'none'}`,
      );
      assert.ok(steps.length - missed.length >= 15 && outcomes.new > 0 && outcomes.debris > 0);
      // The runtime opens, writes and closes files of its own, now more and now fewer; these calls are the cache's alone.
      assert.deepEqual(missedOfCache, []);
      assert.ok(kind === 'cold' ? outcomes.none > 0 : outcomes.old > 0);
      await assertRecovers(victim);
    });
});

interface Step {
  readonly call: string;
  readonly when: number;
  /** Not of the runtime's own files, and not of the log, which a slow run may have and the next one not. */
  readonly isOfCache: boolean;
}

/** Each call of the main thread from the first that names the cache: its name, and which one of that name it is. */
function stepsOf(log: string): Step[] {
  const calls = log.split('\n').flatMap((line) => {
    const [, thread, call] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
    return thread === undefined || call === undefined ? [] : [{ thread, call, line }];
  });
  const main = calls[0]?.thread;
  const counts = new Map<string, number>();
  const steps: Step[] = [];
  let isBegun = false;
  for (const { thread, call, line } of calls) {
    if (thread !== main) continue;
    const when = (counts.get(call) ?? 0) + 1;
    counts.set(call, when);
    isBegun ||= /^\S+ +(mkdir|openat)\([^"]*"[^"]*\.ecr(\/tokens-v1[^"]*\.lock)?", (0700|O_WRONLY)/.test(
      line,
    );
    const isOfCache = /^(rename|fsync|unlink|mkdir)/.test(call) && !/\/log[/"]/.test(line);
    if (isBegun) steps.push({ call, when, isOfCache });
  }
  return steps;
}
