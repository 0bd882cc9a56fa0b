// Owns what the tests of "one asks, the others wait" stand on: a cache on disk, a way to fly on it, locks of others.
// It must not judge.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { HelperError } from '../../src/errors.ts';
import type { AuthorizationToken } from '../../src/token/authorization-token.ts';
import { type CacheKey, openTokenCache } from '../../src/token/cache.ts';
import { lockContent } from '../../src/token/lock.ts';
import { fetchOnce } from '../../src/token/single-flight.ts';
import { aToken, HOST, memoryLog, temporaryDirectory } from './fixtures.ts';

/** The entry that all fly for. */
export const KEY: CacheKey = { registry: HOST, identity: 'i', request: 'r' };
/** A failure that is shared. */
export const DENIED = new HelperError({ kind: 'access-denied', action: 'ecr:GetAuthorizationToken' });

/** A cache on disk and a way to fly on it; `fetches` counts those that asked. */
export function airport(t: TestContext) {
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

/** A fetch that takes a moment. */
export const soon = async (): Promise<AuthorizationToken> => {
  await new Promise((resolve) => setTimeout(resolve, 40));
  return aToken(Date.now());
};
/** A fetch that takes a moment and fails. */
export const denied = async (): Promise<AuthorizationToken> => {
  await new Promise((resolve) => setTimeout(resolve, 40));
  throw DENIED;
};
/** The process id of a child that has ended. */
export const deadPid = (): number => spawnSync(process.execPath, ['--version']).pid;
/** The lock of a process with so much time left. */
export const holder = (pid: number, leftMs: number): string => lockContent(Date.now() + leftMs, pid);
