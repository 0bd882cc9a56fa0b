// Owns "one asks, the others wait": a lock file beside the cache entry, its takeover when stale, and the failure that
// waiters share. An optimisation only: whatever goes wrong with the lock, the caller fetches for itself.
// Must not decide whether a token is needed.
import { closeSync, openSync, writeSync } from 'node:fs';
import { HelperError, type Problem } from '../errors.ts';
import type { AuthorizationToken } from './authorization-token.ts';
import type { CacheKey, TokenCache } from './cache.ts';
import { acquire, isLocked, readSmallFile, release } from './lock.ts';
import { removeFile } from './private-files.ts';

/** One fetch that parallel processes share. */
export interface Flight {
  readonly cache: TokenCache;
  readonly key: CacheKey;
  readonly now: () => number;
  /** How long this caller has for all of it, in ms. */
  readonly limitMs: number;
  /** True when even a fresh token in the cache will not do. */
  readonly isForced?: boolean;
  /** A valid token that this caller has; it is given instead of waiting for another process. */
  readonly inHand?: AuthorizationToken;
  /** Asks AWS, for no longer than is left; called at most once. */
  readonly fetch: (leftMs: number) => Promise<AuthorizationToken>;
  /** Ends the waiting for another process; the fetch has its own ear for it. */
  readonly signal?: AbortSignal;
}

/** How often a waiter looks, in ms: at first far below a request's time, then rarely enough that hundreds do not slow the holder. */
const FIRST_POLL_MS = 10;
const LAST_POLL_MS = 80;
/** After so many holders without a result there is no use in queueing: none of them can write to the cache. */
const MAX_HOLDERS = 8;
/** How long a holder may take beyond its limit to tell its waiters of the failure, and they to hear of it. */
const GRACE_MS = 500;
/** With less than this left nobody succeeds a holder: no answer would come in time. */
const MIN_LEFT_MS = 100;
/** How long a failed refresh of a still valid token is not tried again, in ms: each try may cost the caller seconds. */
const RETRY_AFTER_MS = 60_000;

/** The token that this process or another one has just fetched; throws what the fetch threw, in whichever process it ran. */
export async function fetchOnce(flight: Flight): Promise<AuthorizationToken> {
  const { cache, key, now, limitMs } = flight;
  const startedAt = now();
  const leftMs = countdown(limitMs);
  if (!cache.prepare()) return flight.fetch(limitMs);
  const path = cache.path(key);
  // A cache in memory: there is no other process to wait for.
  if (path === undefined) return fetchAndKeep(flight, leftMs(), undefined);
  const patience = watchHolders(leftMs);
  for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(pauseMs * 1.5, LAST_POLL_MS)) {
    flight.signal?.throwIfAborted();
    const attempt = acquire({
      path: `${path}.lock`,
      deadlineAt: now() + leftMs() + GRACE_MS,
      now: now(),
      isOverdue: patience.isOverdue,
    });
    const isWaiting = attempt !== undefined && 'holder' in attempt && patience.count() <= MAX_HOLDERS;
    try {
      // Also with the lock in hand: between our look into the cache and the lock another process may have finished.
      const token = newerToken(flight, startedAt) ?? (await sharedFailure(path, startedAt, limitMs));
      if (token !== undefined) return token;
      if (!isWaiting && leftMs() > 0) return await fetchAndKeep(flight, leftMs(), path);
      if (flight.inHand !== undefined) return flight.inHand;
    } finally {
      if (attempt !== undefined && 'lock' in attempt) release(attempt.lock);
    }
    if (leftMs() <= -GRACE_MS)
      throw new HelperError({
        kind: 'timed-out',
        step: 'waiting for another process that asks for the same token',
        limitMs,
      });
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** For a refresh that can wait: true when a live process is already at it, or when it has failed within the last minute. */
export function isRefreshPointless(cache: TokenCache, key: CacheKey, now: number): boolean {
  const path = cache.path(key);
  if (path === undefined) return false;
  const failedAt = readFailure(`${path}.failed`)?.at ?? 0;
  return (failedAt <= now && now - failedAt < RETRY_AFTER_MS) || isLocked(`${path}.lock`, now);
}

/** What is left of a limit; by a clock that nobody sets, so that one that is set back makes nobody wait longer. */
function countdown(limitMs: number): () => number {
  const endAt = performance.now() + limitMs;
  return () => endAt - performance.now();
}

/**
 * How long each holder is waited for: half of what is left. A holder may be stopped, or dead in another container, and still
 * look alive; its successor must have time to ask for itself.
 */
function watchHolders(leftMs: () => number): { isOverdue(holder: string): boolean; count(): number } {
  const overdueAtLeft = new Map<string, number>();
  return {
    isOverdue(holder) {
      const at = overdueAtLeft.get(holder) ?? leftMs() / 2;
      overdueAtLeft.set(holder, at);
      return at > MIN_LEFT_MS && leftMs() < at;
    },
    count: () => overdueAtLeft.size,
  };
}

async function fetchAndKeep(
  { cache, key, now, limitMs, fetch }: Flight,
  leftMs: number,
  path: string | undefined,
): Promise<AuthorizationToken> {
  try {
    const token = await fetch(leftMs);
    cache.write(key, token, now());
    if (path !== undefined) removeFile(`${path}.failed`);
    return token;
  } catch (error) {
    if (!(error instanceof HelperError)) throw error;
    // Whoever waited first has had the whole limit.
    const problem =
      error.problem.kind === 'timed-out' && error.problem.limitMs === leftMs
        ? { ...error.problem, limitMs }
        : error.problem;
    if (path !== undefined) writeFailure(`${path}.failed`, { at: now(), problem });
    throw problem === error.problem ? error : new HelperError(problem, { cause: error });
  }
}

/** Throws the failure of a holder whose answer we waited for; undefined where there is none. */
async function sharedFailure(path: string, startedAt: number, limitMs: number): Promise<undefined> {
  const { at, problem } = readFailure(`${path}.failed`) ?? {};
  if (at === undefined || problem === undefined || at < startedAt) return;
  // A short limit of another, such as that of a refresh, is not ours.
  if (problem.kind === 'timed-out' && problem.limitMs < limitMs) return;
  if (await canBeTold(problem)) throw new HelperError(problem);
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

function newerToken(
  { cache, key, now, isForced }: Flight,
  startedAt: number,
): AuthorizationToken | undefined {
  const token = cache.read(key, now());
  if (token === undefined || token.requestedAt >= startedAt) return token;
  // Asked for before we began, it may be the stale one that we came to replace, unless it is in its first half.
  return token.refreshAt > now() && !isForced ? token : undefined;
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
