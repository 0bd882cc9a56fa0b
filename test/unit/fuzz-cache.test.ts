// Owns the fuzzing of what lies in the cache directory: entries, locks, failures. Invariants: whatever is there, it is exactly
// right or a miss, nobody is stopped by it, and the log never says what it holds.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe } from 'node:test';
import fc from 'fast-check';
import { openTokenCache } from '../../src/token/cache.ts';
import { acquire, isLocked, readSmallFile, release } from '../../src/token/lock.ts';
import { isRefreshPointless } from '../../src/token/single-flight.ts';
import { aToken, HOST, memoryLog, NOON } from './fixtures.ts';
import { countCases, fuzz, SECRET } from './fuzz.ts';
import { damagedText, objectWith, realHost, strange } from './fuzz-arbitraries.ts';

countCases(6_000);

const directory = mkdtempSync(join(tmpdir(), 'ecr-login-fuzz-'));
after(() => rmSync(directory, { recursive: true }));

const cacheKey = { registry: HOST, identity: '["key","x"]', request: '["ecr"]' };
const entry = objectWith({
  version: fc.constant(1),
  key: fc.oneof(
    { weight: 4, arbitrary: fc.constant(cacheKey) },
    objectWith({ registry: realHost, identity: strange, request: strange }),
  ),
  requestedAt: fc.constantFrom(NOON, NOON - 1000, NOON + 1e12, 0, -1),
  refreshAt: fc.constantFrom(NOON + 1000, NOON, 2 ** 60),
  expiresAt: fc.constantFrom(NOON + 3_600_000, NOON, NOON + 1e12),
  username: fc.constant('AWS'),
  password: fc.constant(SECRET),
});

describe('the cache', () => {
  const log = memoryLog();
  const cache = openTokenCache(directory, log);
  cache.prepare();
  const path = cache.path(cacheKey) ?? assert.fail('there is a path');

  fuzz(
    'an entry is exactly right or a miss, and the log never says what it holds',
    damagedText(entry),
    (text) => {
      writeFileSync(path, text, { mode: 0o600 });
      const token = cache.read(cacheKey, NOON);
      if (token !== undefined) {
        assert.deepEqual([token.username, typeof token.password], ['AWS', 'string']);
        assert.ok(
          token.expiresAt > NOON &&
            token.requestedAt <= token.refreshAt &&
            token.refreshAt <= token.expiresAt,
        );
      }
      for (const { key: found } of cache.entries(NOON))
        assert.deepEqual(Object.keys(found), ['registry', 'identity', 'request']);
      assert.ok(!log.lines.join('').includes(SECRET));
      log.lines.length = 0;
    },
    0.25,
  );
  fuzz(
    'read(write(token)) is the token',
    fc.tuple(fc.stringMatching(/^[!-~]{1,40}$/), fc.integer({ min: 2, max: 86_400_000 })),
    ([password, lifeMs]) => {
      const token = aToken(NOON, { lifeMs, password });
      cache.write(cacheKey, token, NOON);
      assert.deepEqual(cache.read(cacheKey, NOON), token);
    },
    0.25,
  );
  const holder = objectWith({
    pid: fc.constantFrom(process.pid, 1, -1, 0, 2 ** 31),
    place: strange,
    deadlineAt: fc.constantFrom(NOON + 1000, NOON - 1, NOON + 1e12),
    nonce: strange,
  });
  fuzz(
    'a lock of any content is held, taken over or left',
    damagedText(holder),
    (text) => {
      const lock = join(directory, 'lock');
      writeFileSync(lock, text, { mode: 0o600 });
      assert.equal(typeof isLocked(lock, NOON), 'boolean');
      const attempt = acquire({ path: lock, deadlineAt: NOON + 1000, now: NOON });
      if (attempt !== undefined && 'lock' in attempt) release(attempt.lock);
      assert.equal(typeof (readSmallFile(lock) ?? ''), 'string');
    },
    0.5,
  );
  const failure = objectWith({
    at: fc.constantFrom(NOON, NOON - 1e6, NOON + 1e12),
    problem: objectWith({
      kind: fc.constantFrom('timed-out', 'access-denied', 'constructor'),
      limitMs: fc.nat(),
    }),
  });
  fuzz(
    'a failure of any content stops nobody',
    damagedText(failure),
    (text) => {
      writeFileSync(`${path}.failed`, text, { mode: 0o600 });
      assert.equal(typeof isRefreshPointless(cache, cacheKey, NOON), 'boolean');
    },
    0.5,
  );
});
