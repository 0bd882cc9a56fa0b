// Owns lock files: a file that exists while its holder lives and has time left, and the succession when it does not. An
// optimisation everywhere: whatever goes wrong with a lock, its caller goes on without. Must not know what is locked, nor wait.
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { errorCode, hashHex } from '../runtime.ts';
import { removeFile } from './private-files.ts';

/** A lock that this process holds. */
export interface Lock {
  readonly path: string;
  /** Like no other lock's, so that a lock is known again. */
  readonly content: string;
}

/** What came of trying: a lock, the content of the one that another holds, or undefined where no lock can be had. */
export type Attempt = { readonly lock: Lock } | { readonly holder: string } | undefined;

/** How to try for a lock. */
export interface LockRequest {
  readonly path: string;
  /** When the holder gives up by itself; after that its lock is stale. In ms since 1970, as is `now`. */
  readonly deadlineAt: number;
  readonly now: number;
  /** True for the content of a lock that the caller has waited for long enough. */
  readonly isOverdue?: (holder: string) => boolean;
}

const LOCK_LIMIT = 4096;
/** A deadline further away than any limit that can be set is a clock that jumped, not a holder. */
const FURTHEST_DEADLINE_MS = 900_000;
/** How often a successor's successor is looked for: each step is a process that was killed between two system calls. */
const MAX_SUCCESSIONS = 3;

/** Takes a lock that nobody holds, or succeeds a holder that is dead, past its deadline, or overdue. */
export function acquire(request: LockRequest): Attempt {
  return tryFor(request, lockContent(request.deadlineAt), 0);
}

/** Removes a lock only while it is ours: after a succession it belongs to another. */
export function release({ path, content }: Lock): void {
  if (readSmallFile(path) === content) removeFile(path);
}

/** True while a live process with time left holds the lock. */
export function isLocked(path: string, now: number): boolean {
  const holder = readSmallFile(path);
  return holder !== undefined && isHeld(holder, path, now);
}

/** What stands in the lock of a process. */
export function lockContent(deadlineAt: number, pid = process.pid): string {
  const place = processPlace();
  return JSON.stringify({ pid, place, deadlineAt, nonce: Math.random().toString(36).slice(2) });
}

function tryFor(request: LockRequest, content: string, depth: number): Attempt {
  const { path, now, isOverdue } = request;
  // The second time for one that was let go in between.
  for (const _ of [1, 2]) {
    const created = create(path, content);
    if (created === 'unusable') return undefined;
    if (created === 'created') return { lock: { path, content } };
    const holder = readSmallFile(path);
    if (holder === undefined) continue;
    if (isHeld(holder, path, now) && isOverdue?.(holder) !== true) return { holder };
    return depth < MAX_SUCCESSIONS ? succeed(request, holder, content, depth) : undefined;
  }
  return { holder: '' };
}

/**
 * Takes the place of a holder. Many may see at once that it is gone, and whoever simply removed its lock could remove that of
 * the first successor; so a successor first takes the lock named after this one holder, and that file then becomes the lock.
 */
function succeed(request: LockRequest, holder: string, content: string, depth: number): Attempt {
  const { path } = request;
  const claim = `${path}.${hashHex('sha256', holder).slice(0, 16)}`;
  const attempt = tryFor({ ...request, path: claim }, content, depth + 1);
  if (attempt === undefined || 'holder' in attempt) return attempt;
  const current = readSmallFile(path);
  if (current === holder) {
    try {
      renameSync(claim, path);
      return { lock: { path, content } };
    } catch {
      // A directory stands there, or nothing can be changed.
    }
  }
  removeFile(claim);
  return current === holder ? undefined : { holder: current ?? '' };
}

function create(path: string, content: string): 'created' | 'exists' | 'unusable' {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'wx', 0o600);
  } catch (error) {
    return errorCode(error) === 'EEXIST' ? 'exists' : 'unusable';
  }
  try {
    writeSync(descriptor, content);
    return 'created';
  } catch {
    // A full disk: an empty lock would make others wait for nobody.
    removeFile(path);
    return 'unusable';
  } finally {
    closeSync(descriptor);
  }
}

function isHeld(holder: string, path: string, now: number): boolean {
  if (holder === '') return isYoung(path, now);
  let value: unknown;
  try {
    value = JSON.parse(holder);
  } catch {
    return false;
  }
  if (typeof value !== 'object' || value === null) return false;
  const { pid, place, deadlineAt } = value as { pid?: unknown; place?: unknown; deadlineAt?: unknown };
  if (typeof pid !== 'number' || typeof place !== 'string' || typeof deadlineAt !== 'number') return false;
  if (deadlineAt <= now || deadlineAt > now + FURTHEST_DEADLINE_MS) return false;
  // Elsewhere the number is another process or none, so there the deadline alone counts.
  return place === processPlace() ? isRunning(pid) : true;
}

/** The moment between creating a lock and writing into it. */
function isYoung(path: string, now: number): boolean {
  try {
    return Math.abs(now - lstatSync(path).mtimeMs) < 1000;
  } catch {
    return false;
  }
}

let place: string | undefined;

/** Where process numbers mean what they mean here: containers that share a home directory each count their own, machines too. */
function processPlace(): string {
  place ??= findPlace();
  return place;
}

function findPlace(): string {
  try {
    if (process.platform !== 'linux') return process.getBuiltinModule('node:os').hostname();
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return 'unknown';
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process answers EPERM: alive.
    return errorCode(error) === 'EPERM';
  }
}

/** The text of a small regular file, `{}` for anything else that is there, or undefined when nothing is. */
export function readSmallFile(path: string): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(
      path,
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    );
    const stats = fstatSync(descriptor);
    return stats.isFile() && stats.size <= LOCK_LIMIT ? readFileSync(descriptor, 'utf8') : '{}';
  } catch (error) {
    return errorCode(error) === 'ENOENT' ? undefined : '{}';
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
