// Owns how a caller's logger and store stand in for the log file and the cache directory. Must not trust either: a store may
// hold what an older release or another program put there, and both may throw.

import type { CachedToken, CredentialsCache, Logger } from './library.ts';
import type { Log } from './log.ts';
import { type CacheKey, NO_CACHE, type TokenCache } from './token/cache.ts';

/** The log that goes to the caller's logger, or nowhere. */
export function givenLog(logger: Logger = {}): Log {
  const to =
    (level: 'error' | 'warn' | 'info' | 'debug'): Log['error'] =>
    (message, fields) => {
      try {
        logger[level]?.(message, fields);
      } catch {
        // A logger that fails must not fail a pull.
      }
    };
  return {
    error: to('error'),
    warn: to('warn'),
    info: to('info'),
    debug: to('debug'),
    isDebug: logger.debug !== undefined,
  };
}

/** The cache over the caller's store, or one that holds nothing. */
export function givenCache(store: CredentialsCache | false, log: Log): TokenCache {
  if (store === false) return NO_CACHE;
  const guarded = <T>(act: () => T): T | undefined => {
    try {
      return act();
    } catch (error) {
      log.warn('the given cache failed', { error: error instanceof Error ? error.name : typeof error });
      return undefined;
    }
  };
  return {
    ...NO_CACHE,
    // In memory, so there is no lock file to be shared with other processes.
    prepare: () => true,
    read(key, now) {
      const token: unknown = guarded(() => store.get(textOf(key)));
      return isToken(token) && token.requestedAt <= now + CLOCK_TOLERANCE_MS && token.expiresAt > now
        ? token
        : undefined;
    },
    write(key, token) {
      guarded(() => store.set(textOf(key), token));
    },
  };
}

/** How far in the future a token may have been requested: clocks get set back, a little. */
const CLOCK_TOLERANCE_MS = 5 * 60 * 1000;

function textOf({ registry, identity, request }: CacheKey): string {
  return JSON.stringify([registry, identity, request]);
}

function isToken(value: unknown): value is CachedToken {
  if (typeof value !== 'object' || value === null) return false;
  const { username, password, requestedAt, refreshAt, expiresAt } = value as Record<string, unknown>;
  return (
    [username, password].every((each) => typeof each === 'string' && /^[\x21-\x7e]+$/.test(each)) &&
    [requestedAt, refreshAt, expiresAt].every((each) => Number.isSafeInteger(each))
  );
}
