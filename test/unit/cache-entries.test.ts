// Which entries the token cache lists, erases and prunes, on real directories.
// Owns no damage: what becomes of a bad entry that is asked for is in cache.test.ts.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { NO_CACHE } from '../../src/token/cache.ts';
import { filled, KEY, TOKEN } from './cache-fixture.ts';
import { aToken, HOST, HOUR, NOON } from './fixtures.ts';

describe('erase, list and prune', () => {
  const other = { ...KEY, registry: '000000000001.dkr.ecr.us-east-1.amazonaws.com' };
  test('erase removes every identity of a registry, and of no other', (t) => {
    const { cache } = filled(t);
    cache.write({ ...KEY, identity: 'b' }, TOKEN, NOON);
    cache.write(other, TOKEN, NOON);
    cache.erase(HOST);
    assert.deepEqual(cache.entries(NOON), [{ key: other, token: TOKEN }]);
  });
  test('erase takes the lock and the failure beside the entry along', (t) => {
    const { cache, entry, directory } = filled(t);
    for (const suffix of ['lock', 'failed']) writeFileSync(`${entry}.${suffix}`, '');
    cache.erase(HOST);
    assert.deepEqual(readdirSync(directory), []);
  });
  test('entries are those that read gives: not expired, and under their own name', (t) => {
    const { cache, entry, directory } = filled(t);
    cache.write(other, aToken(NOON, { lifeMs: HOUR }), NOON);
    writeFileSync(join(directory, 'copied.json'), readFileSync(entry), { mode: 0o600 });
    mkdirSync(join(directory, 'dir.json'));
    assert.deepEqual(cache.entries(NOON + 2 * HOUR), [{ key: KEY, token: TOKEN }]);
  });
  test('a write prunes expired and damaged entries, and what killed writers left', (t) => {
    const { cache, entry, directory } = filled(t);
    cache.write(other, aToken(Date.now() - 2 * HOUR, { lifeMs: HOUR }), Date.now() - 1.5 * HOUR);
    for (const name of readdirSync(directory))
      utimesSync(join(directory, name), (Date.now() - HOUR) / 1000, (Date.now() - HOUR) / 1000);
    for (const [name, ageMs] of [
      ['old.tmp', HOUR],
      ['young.tmp', 1000],
      ['old.lock', HOUR],
      ['damaged.json', HOUR],
      // Perhaps it has just been replaced by a good one, and the look at it was a moment before.
      ['young.json', 1000],
    ] as const) {
      writeFileSync(join(directory, name), '{', { mode: 0o600 });
      const at = (Date.now() - ageMs) / 1000;
      utimesSync(join(directory, name), at, at);
    }
    const mine = aToken(Date.now());
    cache.write({ ...KEY, identity: 'now' }, mine, Date.now());
    const left = readdirSync(directory).sort();
    assert.ok(
      left.includes('young.tmp') &&
        left.includes('young.json') &&
        !left.includes('old.tmp') &&
        !left.includes('old.lock'),
      left.join(),
    );
    assert.ok(!left.includes('damaged.json') && !left.some((name) => name.startsWith('000000000001')));
    assert.deepEqual(cache.read({ ...KEY, identity: 'now' }, Date.now()), mine);
    assert.equal(existsSync(entry), Date.now() < TOKEN.expiresAt);
  });
  test('a cache that holds nothing does nothing', () => {
    NO_CACHE.write(KEY, TOKEN, NOON);
    assert.equal(NO_CACHE.read(KEY, NOON), undefined);
    assert.deepEqual(NO_CACHE.entries(NOON), []);
  });
});
