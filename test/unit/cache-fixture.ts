// Owns the cache with one good entry that the cache's tests start from. Must not damage it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type CacheKey, openTokenCache, type TokenCache } from '../../src/token/cache.ts';
import { aToken, HOST, memoryLog, NOON, temporaryDirectory } from './fixtures.ts';

export const KEY: CacheKey = { registry: HOST, identity: '["key","1234"]', request: '["ecr",{}]' };
export const TOKEN = aToken(NOON - 60_000);

/** A cache that holds one good entry, and the paths to damage. */
export function filled(t: TestContext): {
  cache: TokenCache;
  entry: string;
  directory: string;
  log: { lines: string[] };
} {
  const log = memoryLog();
  const root = temporaryDirectory(t);
  const cache = openTokenCache(root, log);
  cache.write(KEY, TOKEN, NOON);
  assert.deepEqual(cache.read(KEY, NOON), TOKEN);
  const entry = cache.path(KEY);
  assert.ok(entry);
  return { cache, entry, directory: join(root, 'tokens-v1'), log };
}
