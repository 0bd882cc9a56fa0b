// "One asks, the others wait" on real directories: shared answers and failures, and locks that must delay nobody.
// Owns no cache damage. Other processes are played by lock files, and by a child that has ended.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
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
import { describe, test } from 'node:test';
import { NO_CACHE, openTokenCache } from '../../src/token/cache.ts';
import { fetchOnce, isRefreshPointless } from '../../src/token/single-flight.ts';
import { airport, DENIED, deadPid, denied, holder, KEY, soon } from './airport.ts';
import {
  aToken,
  HOUR,
  isWindows,
  memoryLog,
  rejection,
  temporaryDirectory,
  withoutPrivilege,
} from './fixtures.ts';

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
