// The token cache on real directories: what is written is read, and whatever else stands there is a miss, never a throw.
// Owns no damage (tables/cache-damage.ts) and no policy: fresh and stale are decided elsewhere.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { openTokenCache, type TokenCache } from '../../src/token/cache.ts';
import { filled, KEY, TOKEN } from './cache-fixture.ts';
import {
  aToken,
  HOST,
  isRoot,
  isWindows,
  KEYS,
  memoryLog,
  NOON,
  temporaryDirectory,
  withoutPrivilege,
} from './fixtures.ts';
import { check } from './property.ts';
import { CONTENT, type Entry, FILES } from './tables/cache-damage.ts';

/** After any damage: a miss everywhere, no throw, and no secret in the log. */
function assertMiss({ cache, log }: { cache: TokenCache; log: { lines: string[] } }): void {
  assert.equal(cache.read(KEY, NOON), undefined);
  assert.deepEqual(
    cache.entries(NOON).filter(({ key }) => JSON.stringify(key) === JSON.stringify(KEY)),
    [],
  );
  assert.ok(!log.lines.join().includes(TOKEN.password));
}

describe('damage is a miss', () => {
  for (const [name, content] of CONTENT)
    test(`an entry that is ${name}`, (t) => {
      const cache = filled(t);
      const good: Entry = JSON.parse(readFileSync(cache.entry, 'utf8'));
      writeFileSync(cache.entry, content(good));
      assertMiss(cache);
      // The next write mends it.
      cache.cache.write(KEY, TOKEN, NOON);
      assert.deepEqual(cache.cache.read(KEY, NOON), TOKEN);
    });

  for (const { name, damage, needs } of FILES) {
    const skip = (needs !== undefined && isWindows) || (needs === 'root' && !isRoot);
    test(`in the entry's place: ${name}`, { skip, timeout: 5000 }, (t) => {
      const cache = filled(t);
      damage(cache.entry, cache.directory);
      assertMiss(cache);
      // None of these throws either, whatever they can do.
      cache.cache.prepare();
      cache.cache.write(KEY, TOKEN, NOON);
      cache.cache.erase(HOST);
    });
  }

  test('an entry that cannot be read', { skip: isWindows }, async (t) => {
    const cache = filled(t);
    chmodSync(cache.entry, 0);
    await withoutPrivilege(join(cache.directory, '..'), () => assertMiss(cache));
    assert.match(cache.log.lines.join('\n'), /warn cannot read a cache entry .*EACCES/);
  });
  test('a directory that cannot be written: the answer matters more', { skip: isWindows }, async (t) => {
    const { cache, directory, log } = filled(t);
    const other = { ...KEY, identity: 'other' };
    chmodSync(directory, 0o500);
    await withoutPrivilege(join(directory, '..'), () => {
      cache.write(other, TOKEN, NOON);
      assert.equal(cache.read(other, NOON), undefined);
      assert.deepEqual(cache.read(KEY, NOON), TOKEN);
      cache.erase(HOST);
    });
    assert.match(log.lines.join('\n'), /warn cannot write the token cache .*EACCES/);
  });
  test('a directory that cannot be made', (t) => {
    const root = temporaryDirectory(t);
    writeFileSync(join(root, 'file'), '');
    const log = memoryLog();
    const cache = openTokenCache(join(root, 'file', 'below'), log);
    assert.equal(cache.prepare(), false);
    cache.write(KEY, TOKEN, NOON);
    assert.equal(cache.read(KEY, NOON), undefined);
    assert.match(log.lines.join('\n'), /warn cannot use the cache directory .*ENOTDIR/);
  });
});

describe('what is written is read', () => {
  test('under its key alone', (t) => {
    const { cache } = filled(t);
    for (const change of [{ registry: 'x' }, { identity: 'x' }, { request: 'x' }])
      assert.equal(cache.read({ ...KEY, ...change }, NOON), undefined, JSON.stringify(change));
  });
  test('until its end, and not at it', (t) => {
    const { cache } = filled(t);
    assert.deepEqual(cache.read(KEY, TOKEN.expiresAt - 1), TOKEN);
    assert.equal(cache.read(KEY, TOKEN.expiresAt), undefined);
  });
  test('by a clock that was set back a little, not by one set back much', (t) => {
    const { cache } = filled(t);
    assert.deepEqual(cache.read(KEY, TOKEN.requestedAt - 4 * 60_000), TOKEN);
    assert.equal(cache.read(KEY, TOKEN.requestedAt - 6 * 60_000), undefined);
  });
  test('again by another process', (t) => {
    const { directory } = filled(t);
    assert.deepEqual(openTokenCache(join(directory, '..'), memoryLog()).read(KEY, NOON), TOKEN);
  });
  test('the later of two, with nothing left beside it', (t) => {
    const { cache, directory } = filled(t);
    const later = aToken(NOON, { password: 'bmV3' });
    cache.write(KEY, later, NOON);
    assert.deepEqual(cache.read(KEY, NOON), later);
    assert.equal(readdirSync(directory).length, 1);
  });
  test('in a directory with spaces and other letters in its name', (t) => {
    const cache = openTokenCache(join(temporaryDirectory(t), 'a b', 'ü 日本 "q"'), memoryLog());
    cache.write(KEY, TOKEN, NOON);
    assert.deepEqual(cache.read(KEY, NOON), TOKEN);
  });
  test('for a host too long for a file name, and for one with a port', (t) => {
    const { cache } = filled(t);
    for (const registry of [`${'a.'.repeat(200)}test`, 'registry.corp.test:5000']) {
      cache.write({ ...KEY, registry }, TOKEN, NOON);
      assert.deepEqual(cache.read({ ...KEY, registry }, NOON), TOKEN);
      cache.erase(registry);
      assert.equal(cache.read({ ...KEY, registry }, NOON), undefined);
    }
  });
  test('0600 in 0700, whatever the umask', { skip: isWindows }, (t) => {
    const umask = process.umask(0);
    t.after(() => process.umask(umask));
    const { entry, directory } = filled(t);
    assert.equal(lstatSync(entry).mode & 0o777, 0o600);
    assert.equal(lstatSync(directory).mode & 0o777, 0o700);
  });
  test('a file name of the host and a hash: no key id, no identity', (t) => {
    const { cache } = filled(t);
    const identity = JSON.stringify(['role', `arn:aws:iam::1:role/${KEYS.accessKeyId}`]);
    const name = (cache.path({ ...KEY, identity }) ?? '').split('/').at(-1) ?? '';
    assert.match(name, /^123456789012\.dkr\.ecr\.us-east-1\.amazonaws\.com\.[0-9a-f]{32}\.json$/);
    const bytes = Buffer.from(name.split('.').at(-2) ?? '', 'hex').toString('latin1');
    assert.ok(!bytes.includes('AKIA') && !Buffer.from(name, 'base64').toString('latin1').includes('AKIA'));
  });
  test('reading writes nothing, not even a directory', (t) => {
    const root = join(temporaryDirectory(t), 'none');
    const cache = openTokenCache(root, memoryLog());
    cache.read(KEY, NOON);
    cache.entries(NOON);
    cache.erase(HOST);
    assert.equal(existsSync(root), false);
  });
});

test('property: any content is a miss or the token of this key, and never a throw', async (t) => {
  const { cache, entry } = filled(t);
  const good = JSON.parse(readFileSync(entry, 'utf8'));
  const field = fc.constantFrom(
    'version',
    'key',
    'requestedAt',
    'refreshAt',
    'expiresAt',
    'username',
    'password',
  );
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.json().map((text) => Buffer.from(text)),
    fc
      .tuple(field, fc.anything())
      .map(([name, value]) => Buffer.from(JSON.stringify({ ...good, [name]: value }) ?? '')),
  );
  await check(
    t,
    fc.property(content, (bytes) => {
      writeFileSync(entry, bytes);
      const token = cache.read(KEY, NOON);
      if (token === undefined) return;
      assert.match(token.password, /^[\x21-\x7e]+$/);
      assert.ok(
        token.requestedAt <= token.refreshAt && token.refreshAt <= token.expiresAt && token.expiresAt > NOON,
      );
    }),
  );
});
