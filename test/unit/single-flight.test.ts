// "One asks, the others wait" on real directories: shared answers and failures, and locks that must delay nobody.
// Owns no cache damage. Other processes are played by lock files, and by a child that has ended.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { HelperError } from '../../src/errors.ts';
import type { AuthorizationToken } from '../../src/token/authorization-token.ts';
import { type CacheKey, NO_CACHE, openTokenCache } from '../../src/token/cache.ts';
import { lockContent } from '../../src/token/lock.ts';
import { fetchOnce, isRefreshPointless } from '../../src/token/single-flight.ts';
import {
  aToken,
  HOST,
  HOUR,
  isWindows,
  memoryLog,
  rejection,
  temporaryDirectory,
  withoutPrivilege,
} from './fixtures.ts';

const KEY: CacheKey = { registry: HOST, identity: 'i', request: 'r' };
const DENIED = new HelperError({ kind: 'access-denied', action: 'ecr:GetAuthorizationToken' });

/** A cache on disk and a way to fly on it; `fetches` counts those that asked. */
function airport(t: TestContext) {
  const root = temporaryDirectory(t);
  const cache = openTokenCache(root, memoryLog());
  cache.prepare();
  const path = cache.path(KEY) ?? assert.fail('no path');
  const counter = { fetches: 0 };
  const fly = (answer: () => Promise<AuthorizationToken>, limitMs = 3000): Promise<AuthorizationToken> =>
    fetchOnce({
      cache,
      key: KEY,
      now: Date.now,
      limitMs,
      fetch: () => {
        counter.fetches++;
        return answer();
      },
    });
  return { root, cache, path, lock: `${path}.lock`, directory: join(root, 'tokens-v1'), counter, fly };
}

const soon = async (): Promise<AuthorizationToken> => {
  await new Promise((resolve) => setTimeout(resolve, 40));
  return aToken(Date.now());
};
const denied = async (): Promise<AuthorizationToken> => {
  await new Promise((resolve) => setTimeout(resolve, 40));
  throw DENIED;
};
/** The process id of a child that has ended. */
const deadPid = (): number => spawnSync(process.execPath, ['--version']).pid;
const holder = (pid: number, leftMs: number): string => lockContent(Date.now() + leftMs, pid);

describe('sharing', () => {
  test('twenty at once: one asks, all get its token, and nothing but the entry is left', async (t) => {
    const { fly, counter, directory, cache } = airport(t);
    const tokens = await Promise.all(Array.from({ length: 20 }, () => fly(soon)));
    assert.equal(counter.fetches, 1);
    assert.equal(new Set(tokens.map((token) => JSON.stringify(token))).size, 1);
    assert.deepEqual(cache.read(KEY, Date.now()), tokens[0]);
    assert.deepEqual(
      readdirSync(directory).filter((name) => !name.endsWith('.json')),
      [],
    );
  });
  test('a failure is shared as well', async (t) => {
    const { fly, counter } = airport(t);
    const problems = await Promise.all(Array.from({ length: 5 }, () => rejection(fly(denied))));
    assert.equal(counter.fetches, 1);
    assert.deepEqual(problems, Array(5).fill(DENIED.problem));
  });
  test('a failure of before is not: whoever comes later asks again', async (t) => {
    const { fly, counter, path } = airport(t);
    await rejection(fly(denied));
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.ok(existsSync(`${path}.failed`));
    await fly(soon);
    assert.equal(counter.fetches, 2);
    assert.equal(existsSync(`${path}.failed`), false);
  });
  test('a bug of ours is not shared: the next one tries for itself', async (t) => {
    const { fly, counter } = airport(t);
    const results = await Promise.allSettled([
      fly(async () => {
        await soon();
        throw new TypeError('a bug');
      }),
      fly(soon),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'fulfilled'],
    );
    assert.equal(counter.fetches, 2);
  });
  test('a stale entry of before is replaced, a fresh one of another process is taken', async (t) => {
    const { fly, counter, cache } = airport(t);
    cache.write(KEY, aToken(Date.now() - 7 * HOUR), Date.now());
    await fly(soon);
    assert.equal(counter.fetches, 1);
    await fly(soon);
    assert.equal(counter.fetches, 1);
  });
  test('a holder that says nothing is waited for half of the time, then succeeded', async (t) => {
    const { fly, lock, counter } = airport(t);
    writeFileSync(lock, holder(process.pid, 5000));
    const startedAt = performance.now();
    await fly(soon, 400);
    const ms = performance.now() - startedAt;
    assert.ok(ms >= 200 && ms < 400, `${ms} ms`);
    assert.equal(counter.fetches, 1);
    assert.equal(existsSync(lock), false);
  });
  test('of fifty that wait for such a holder one succeeds it', async (t) => {
    const { fly, lock, counter } = airport(t);
    writeFileSync(lock, holder(process.pid, 5000));
    const tokens = await Promise.all(Array.from({ length: 50 }, () => fly(soon, 1000)));
    assert.equal(counter.fetches, 1);
    assert.equal(new Set(tokens.map(({ requestedAt }) => requestedAt)).size, 1);
  });
  test('where one holder after the other brings nothing, each asks for himself', async (t) => {
    const { fly, lock, counter } = airport(t);
    const timer = setInterval(() => writeFileSync(lock, holder(process.pid, 5000)), 1);
    t.after(() => clearInterval(timer));
    await fly(soon, 5000);
    assert.equal(counter.fetches, 1);
  });
  test('who has no time left does not ask, and says what it waited for', async (t) => {
    const { fly, lock, counter } = airport(t);
    writeFileSync(lock, holder(process.pid, 5000));
    const startedAt = performance.now();
    const problem = await rejection(fly(soon, 60));
    assert.ok(problem.kind === 'timed-out' && problem.limitMs === 60);
    assert.match(problem.step, /waiting for another process/);
    assert.equal(counter.fetches, 0);
    assert.ok(performance.now() - startedAt < 1000);
  });
  test('what is left of the limit is what the fetch gets, and the failure names the whole', async (t) => {
    const { cache, lock } = airport(t);
    writeFileSync(lock, holder(process.pid, 100));
    const problem = await rejection(
      fetchOnce({
        cache,
        key: KEY,
        now: Date.now,
        limitMs: 1000,
        fetch: async (leftMs) => {
          assert.ok(leftMs > 500 && leftMs <= 900, `${leftMs} ms`);
          throw new HelperError({ kind: 'timed-out', step: 's', limitMs: leftMs });
        },
      }),
    );
    assert.deepEqual(problem, { kind: 'timed-out', step: 's', limitMs: 1000 });
  });
  test('the time-out of a shorter limit is not shared', async (t) => {
    const { fly, counter } = airport(t);
    const short = async (): Promise<AuthorizationToken> => {
      await soon();
      throw new HelperError({ kind: 'timed-out', step: 's', limitMs: 50 });
    };
    const [first, second] = await Promise.allSettled([fly(short, 50), fly(soon, 3000)]);
    assert.deepEqual([first?.status, second?.status], ['rejected', 'fulfilled']);
    assert.equal(counter.fetches, 2);
  });
  test('who wants a new token gets no older one, however fresh', async (t) => {
    const { fly, cache, counter } = airport(t);
    const old = aToken(Date.now() - 1000);
    cache.write(KEY, old, Date.now());
    assert.deepEqual(await fly(soon), old);
    const flight = { cache, key: KEY, now: Date.now, limitMs: 1000, fetch: soon, isForced: true };
    assert.notDeepEqual(await fetchOnce(flight), old);
    assert.equal(counter.fetches, 0);
  });
  test('who has a valid token in hand asks, or gives that one at once', async (t) => {
    const { cache, lock } = airport(t);
    const inHand = aToken(Date.now() - 7 * HOUR);
    cache.write(KEY, inHand, Date.now());
    const flight = { cache, key: KEY, now: Date.now, limitMs: 1000, fetch: soon, inHand };
    writeFileSync(lock, holder(process.pid, 5000));
    const startedAt = performance.now();
    assert.equal(await fetchOnce(flight), inHand);
    assert.ok(performance.now() - startedAt < 200);
    writeFileSync(lock, holder(deadPid(), 5000));
    assert.notDeepEqual(await fetchOnce(flight), inHand);
  });
  test('a clock that is set back makes nobody wait longer', async (t) => {
    const { cache, lock } = airport(t);
    let back = 0;
    writeFileSync(lock, holder(process.pid, 5000));
    const timer = setTimeout(() => {
      back = 300_000;
    }, 50);
    t.after(() => clearTimeout(timer));
    const startedAt = performance.now();
    await fetchOnce({ cache, key: KEY, now: () => Date.now() - back, limitMs: 600, fetch: soon });
    assert.ok(performance.now() - startedAt < 600);
  });
});

describe('a lock that nobody holds delays nobody', () => {
  const rows: readonly (readonly [name: string, place: (lock: string) => void, unix?: true])[] = [
    ['of a dead process', (lock) => writeFileSync(lock, holder(deadPid(), 5000))],
    ['whose time is over', (lock) => writeFileSync(lock, holder(process.pid, -1))],
    ['of a clock that jumped', (lock) => writeFileSync(lock, holder(process.pid, 24 * HOUR))],
    [
      'in the form of another release',
      (lock) => writeFileSync(lock, `{"pid":${process.pid},"deadlineAt":${Date.now() + 5000}}`),
    ],
    ['of process 0', (lock) => writeFileSync(lock, holder(0, 5000))],
    ['of a negative process, which would be a group', (lock) => writeFileSync(lock, holder(-1, 5000))],
    ['of half a process', (lock) => writeFileSync(lock, holder(1.5, 5000))],
    ['with garbage', (lock) => writeFileSync(lock, 'garbage')],
    ['with null', (lock) => writeFileSync(lock, 'null')],
    ['with other types', (lock) => writeFileSync(lock, '{"pid":"1","deadlineAt":[]}')],
    ['with binary', (lock) => writeFileSync(lock, Uint8Array.of(0, 255, 1))],
    ['of a megabyte', (lock) => writeFileSync(lock, ' '.repeat(1_000_000))],
    [
      'empty and old',
      (lock) => {
        writeFileSync(lock, '');
        utimesSync(lock, 1000, 1000);
      },
    ],
    ['that is a dangling link', (lock) => symlinkSync('/nowhere', lock), true],
    ['that is a link to a live lock', (lock) => symlinkSync('/proc/self/stat', lock), true],
    ['that is a FIFO', (lock) => execFileSync('mkfifo', [lock]), true],
    ['that is a directory', (lock) => mkdirSync(lock)],
  ];
  for (const [name, place, unix] of rows)
    test(`a lock ${name}`, { skip: unix === true && isWindows, timeout: 10_000 }, async (t) => {
      const { fly, lock, counter, cache } = airport(t);
      place(lock);
      const startedAt = performance.now();
      const token = await fly(soon, 8000);
      assert.ok(performance.now() - startedAt < 1500);
      assert.equal(counter.fetches, 1);
      assert.deepEqual(cache.read(KEY, Date.now()), token);
    });

  test('a lock that was just made and is still empty is waited for, for a moment', async (t) => {
    const { fly, lock, counter } = airport(t);
    writeFileSync(lock, '');
    const startedAt = performance.now();
    await fly(soon);
    assert.equal(counter.fetches, 1);
    assert.ok(performance.now() - startedAt < 2500);
  });
  test('a leftover lock where nothing can be written', { skip: isWindows, timeout: 10_000 }, async (t) => {
    const { root, fly, lock, counter, directory } = airport(t);
    writeFileSync(lock, holder(deadPid(), 5000));
    chmodSync(directory, 0o500);
    await withoutPrivilege(root, async () => {
      const startedAt = performance.now();
      await fly(soon, 8000);
      assert.ok(performance.now() - startedAt < 1500);
    });
    assert.equal(counter.fetches, 1);
  });
  test('no directory, and none to be made: everyone for himself', async (t) => {
    const root = temporaryDirectory(t);
    writeFileSync(join(root, 'file'), '');
    for (const cache of [openTokenCache(join(root, 'file'), memoryLog()), NO_CACHE]) {
      const flight = { cache, key: KEY, now: Date.now, limitMs: 1000, fetch: soon };
      assert.equal((await fetchOnce(flight)).username, 'AWS');
    }
  });
  test('a lock that another took over meanwhile is left to him', async (t) => {
    const { fly, lock } = airport(t);
    const other = holder(process.pid, 4000);
    await fly(async () => {
      writeFileSync(lock, other);
      return aToken(Date.now());
    });
    assert.ok(existsSync(lock));
  });
});

describe('a failure on disk that cannot be told is none', () => {
  for (const problem of [
    '"text"',
    '{}',
    '{"kind":"of-a-later-release"}',
    '{"kind":"no-credentials"}',
    '{"kind":1}',
  ])
    test(problem, async (t) => {
      const { fly, lock, path, counter } = airport(t);
      writeFileSync(lock, holder(process.pid, 150));
      writeFileSync(`${path}.failed`, `{"at":${Date.now() + 60_000},"problem":${problem}}`);
      await fly(soon);
      assert.equal(counter.fetches, 1);
    });
});

describe('a refresh is pointless', () => {
  test('while another is at it, or within a minute of a failure; else it is not', (t) => {
    const { cache, lock, path } = airport(t);
    const now = Date.now();
    const pointless = (): boolean => isRefreshPointless(cache, KEY, now);
    assert.equal(pointless(), false);
    writeFileSync(lock, holder(process.pid, 5000));
    assert.equal(pointless(), true);
    writeFileSync(lock, holder(deadPid(), 5000));
    assert.equal(pointless(), false);
    for (const [at, expected] of [
      [now, true],
      [now - 59_000, true],
      [now - 61_000, false],
      [now + 5000, false],
    ] as const) {
      writeFileSync(`${path}.failed`, JSON.stringify({ at, problem: DENIED.problem }));
      assert.equal(pointless(), expected, String(at - now));
    }
    assert.equal(isRefreshPointless(NO_CACHE, KEY, now), false);
  });
});
