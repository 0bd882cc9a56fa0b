// Owns "one asks, the others wait": a lock file beside the cache entry, its takeover when stale, and the failure that
// waiters share. An optimisation only: whatever goes wrong with the lock, the caller fetches for itself.
// Must not decide whether a token is needed.
import { closeSync, openSync, writeSync } from 'node:fs';
import { HelperError, type Problem } from '../errors.ts';
import type { AuthorizationToken } from './authorization-token.ts';
import type { CacheKey, TokenCache } from './cache.ts';
import { acquire, holderOf, readSmallFile, release } from './lock.ts';
import { removeFile } from './private-files.ts';

/** One fetch that parallel processes share. */
export interface Flight {
  readonly cache: TokenCache;
  readonly key: CacheKey;
  readonly now: () => number;
  /** When this caller must have its answer, in ms since 1970. */
  readonly deadlineAt: number;
  /** Asks AWS; called at most once. */
  readonly fetch: () => Promise<AuthorizationToken>;
  /** Ends the waiting for another process; the fetch has its own ear for it. */
  readonly signal?: AbortSignal;
}

/** How often a waiter looks, in ms: far below a request's time, far above what a look costs. */
const POLL_MS = 10;
/** How often a lock without a holder is tried to be taken over. */
const MAX_TAKEOVERS = 3;
/** How long a failed refresh of a still valid token is not tried again, in ms: each try may cost the caller seconds. */
const RETRY_AFTER_MS = 60_000;

/** The token that this process or another one has just fetched; throws what the fetch threw, in whichever process it ran. */
export async function fetchOnce(flight: Flight): Promise<AuthorizationToken> {
  const { cache, key, now } = flight;
  const startedAt = now();
  if (!cache.prepare()) return flight.fetch();
  const path = cache.path(key);
  if (path === undefined) {
    // A cache in memory: there is no other process to wait for.
    const token = await flight.fetch();
    cache.write(key, token, now());
    return token;
  }
  for (let takeovers = 0; ; takeovers++) {
    const lock = acquire(`${path}.lock`, flight.deadlineAt);
    if (lock === 'unusable') return flight.fetch();
    // What cannot be removed (a directory, a leftover where nothing can be written) must not be waited for again and again.
    if (lock === 'taken' && takeovers > MAX_TAKEOVERS) return fetchAndKeep(flight, path);
    if (lock === 'taken') {
      const finished = await waitForHolder(flight, path, startedAt);
      if (finished !== undefined) return finished;
      continue;
    }
    try {
      // Between our look into the cache and the lock another process may have finished.
      return newerToken(flight, startedAt) ?? (await fetchAndKeep(flight, path));
    } finally {
      release(`${path}.lock`, lock.content);
    }
  }
}

/** For a refresh that can wait: true when a live process is already at it, or when it has failed within the last minute. */
export function isRefreshPointless(cache: TokenCache, key: CacheKey, now: number): boolean {
  const path = cache.path(key);
  if (path === undefined) return false;
  const failedAt = readFailure(`${path}.failed`)?.at ?? 0;
  return (failedAt <= now && now - failedAt < RETRY_AFTER_MS) || holderOf(`${path}.lock`, now) !== undefined;
}

async function fetchAndKeep(flight: Flight, path: string): Promise<AuthorizationToken> {
  const { cache, key, now } = flight;
  try {
    const token = await flight.fetch();
    cache.write(key, token, now());
    removeFile(`${path}.failed`);
    return token;
  } catch (error) {
    if (error instanceof HelperError) writeFailure(`${path}.failed`, { at: now(), problem: error.problem });
    throw error;
  }
}

/** Waits while the holder lives; gives its token, throws its failure, or undefined when the lock came free without either. */
async function waitForHolder(
  flight: Flight,
  path: string,
  startedAt: number,
): Promise<AuthorizationToken | undefined> {
  for (;;) {
    flight.signal?.throwIfAborted();
    const token = newerToken(flight, startedAt);
    if (token !== undefined) return token;
    const failure = readFailure(`${path}.failed`);
    if (failure !== undefined && failure.at >= startedAt && (await canBeTold(failure.problem)))
      throw new HelperError(failure.problem);
    const time = flight.now();
    if (time >= flight.deadlineAt)
      throw new HelperError({
        kind: 'timed-out',
        step: 'waiting for another process that asks for the same token',
        limitMs: time - startedAt,
      });
    if (holderOf(`${path}.lock`, time) === undefined) {
      // The holder may have written and let go between the two looks above and this one.
      const last = newerToken(flight, startedAt);
      if (last === undefined) removeFile(`${path}.lock`);
      return last;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** A file says what it says: another release may know other kinds of failure, and a damaged one lacks what its kind needs. */
async function canBeTold(problem: Problem): Promise<boolean> {
  const { explanationLines } = await import('../explain.ts');
  try {
    return explanationLines('', problem).length > 0;
  } catch {
    return false;
  }
}

function newerToken({ cache, key, now }: Flight, startedAt: number): AuthorizationToken | undefined {
  const token = cache.read(key, now());
  // A token asked for before we began may be the stale one that we came to replace, unless it is in its first half.
  return token !== undefined && (token.requestedAt >= startedAt || token.refreshAt > now())
    ? token
    : undefined;
}

interface Failure {
  readonly at: number;
  readonly problem: Problem;
}

function writeFailure(path: string, failure: Failure): void {
  // Not renamed into place: a torn failure is no failure, and the waiter then asks for itself.
  removeFile(path);
  try {
    const descriptor = openSync(path, 'wx', 0o600);
    try {
      writeSync(descriptor, JSON.stringify(failure));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Waiters then fetch for themselves.
  }
}

function readFailure(path: string): Failure | undefined {
  try {
    const value: unknown = JSON.parse(readSmallFile(path) ?? '');
    if (typeof value !== 'object' || value === null) return undefined;
    const { at, problem } = value as { at?: unknown; problem?: unknown };
    const isProblem =
      typeof problem === 'object' &&
      problem !== null &&
      'kind' in problem &&
      typeof problem.kind === 'string';
    return typeof at === 'number' && isProblem ? { at, problem: problem as Problem } : undefined;
  } catch {
    return undefined;
  }
}
