// Owns "a person is asked once": calls that would ask for an MFA code go one after another, and the token that the first one
// brings serves the others, whichever registry they are for. Must not ask anybody itself. Without a lock nobody waits.
import type { Source } from '../aws/source.ts';
import { HelperError, type Problem } from '../errors.ts';
import { hashHex } from '../runtime.ts';
import type { AuthorizationToken } from './authorization-token.ts';
import type { CacheKey, TokenCache } from './cache.ts';
import { acquire, readSmallFile, release } from './lock.ts';
import { replacePrivateFile } from './private-files.ts';

/** How long a person has for a code. The strictest client that shows a terminal, BuildKit, waits 60 s. */
export const ANSWER_LIMIT_MS = 60_000;
/** How long a call waits for its turn. */
const QUEUE_LIMIT_MS = 60_000;
const POLL_MS = 50;

/** One fetch that may ask a person. */
export interface Question {
  readonly cache: TokenCache;
  readonly key: CacheKey;
  readonly now: () => number;
  /** The limit of the fetch itself, the person's time not counted, in ms. */
  readonly limitMs: number;
  readonly fetch: () => Promise<AuthorizationToken>;
}

/** True for a source that may want an MFA code. */
export function mayAskPerson(source: Source): boolean {
  return source.kind === 'role' && (source.mfaSerial !== undefined || mayAskPerson(source.base));
}

/** How much longer than its own limit a fetch that may ask a person can take, in ms. */
export const PERSON_LIMIT_MS = QUEUE_LIMIT_MS + ANSWER_LIMIT_MS;

/** The token that `fetch` brings, or one that another call has brought for the same identity; a refusal is shared alike. */
export async function fetchInTurn(question: Question): Promise<AuthorizationToken> {
  const { cache, key, now, limitMs, fetch } = question;
  const entry = cache.path(key);
  if (entry === undefined) return fetch();
  const directory = entry.slice(0, entry.lastIndexOf('/'));
  const refusal = `${directory}/question.refused`;
  const lock = `${directory}/question.lock`;
  const startedAt = now();
  for (;;) {
    const attempt = acquire({ path: lock, deadlineAt: now() + ANSWER_LIMIT_MS + limitMs, now: now() });
    if (attempt === undefined) return fetch();
    if ('lock' in attempt) {
      try {
        const shared = sharedToken(question);
        if (shared !== undefined) return shared;
        const refused = readRefusal(refusal, key);
        if (refused !== undefined && refused.at >= startedAt) throw new HelperError(refused.problem);
        const token = await fetch();
        // Before the lock is let go, so that whoever is next finds it.
        cache.write(key, token, now());
        return token;
      } catch (error) {
        if (error instanceof HelperError && ASKED.has(error.problem.kind))
          writeRefusal(refusal, { at: now(), identity: identityOf(key), problem: error.problem });
        throw error;
      } finally {
        release(attempt.lock);
      }
    }
    if (now() >= startedAt + QUEUE_LIMIT_MS) return fetch();
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** A token serves every registry that its caller may reach, so one of the same identity, region and endpoint will do. */
function sharedToken({ cache, key, now }: Question): AuthorizationToken | undefined {
  return cache
    .entries(now())
    .find(
      (entry) =>
        entry.key.identity === key.identity &&
        entry.key.request === key.request &&
        entry.token.refreshAt > now(),
    )?.token;
}

/** The failures that come from a person, or from having none: asking again for the next registry would be a nuisance. */
const ASKED: ReadonlySet<Problem['kind']> = new Set<Problem['kind']>(['mfa-needed']);

interface Refusal {
  readonly at: number;
  readonly identity: string;
  readonly problem: Problem;
}

function identityOf(key: CacheKey): string {
  return hashHex('sha256', key.identity);
}

function writeRefusal(path: string, refusal: Refusal): void {
  try {
    replacePrivateFile(path, JSON.stringify(refusal));
  } catch {
    // Those who wait then ask for themselves.
  }
}

function readRefusal(path: string, key: CacheKey): Refusal | undefined {
  try {
    const value: unknown = JSON.parse(readSmallFile(path) ?? '');
    if (typeof value !== 'object' || value === null) return undefined;
    const { at, identity, problem } = value as { at?: unknown; identity?: unknown; problem?: unknown };
    const isKnown =
      typeof problem === 'object' &&
      problem !== null &&
      'kind' in problem &&
      ASKED.has(problem.kind as never);
    return typeof at === 'number' && identity === identityOf(key) && isKnown
      ? { at, identity: identityOf(key), problem: problem as Problem }
      : undefined;
  } catch {
    return undefined;
  }
}
