// Owns lock files: a file that exists while its holder lives and has time left. An optimisation everywhere: whatever goes
// wrong with a lock, its caller goes on without. Must not know what is locked, and must not wait.
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, writeSync } from 'node:fs';
import { errorCode } from '../runtime.ts';
import { removeFile } from './private-files.ts';

const LOCK_LIMIT = 4096;

/** Who holds a lock. */
export interface Holder {
  readonly pid: number;
  /** When the holder gives up by itself; after that its lock is stale. */
  readonly deadlineAt: number;
}

/** Takes the lock at `path` until `deadlineAt`, says that another has it, or that no lock can be had there. */
export function acquire(path: string, deadlineAt: number): { content: string } | 'taken' | 'unusable' {
  const content = JSON.stringify({ pid: process.pid, deadlineAt } satisfies Holder);
  try {
    const descriptor = openSync(path, 'wx', 0o600);
    try {
      writeSync(descriptor, content);
    } finally {
      closeSync(descriptor);
    }
    return { content };
  } catch (error) {
    return errorCode(error) === 'EEXIST' ? 'taken' : 'unusable';
  }
}

/** Removes a lock only while it is ours: after a takeover it belongs to another. */
export function release(path: string, content: string): void {
  if (readSmallFile(path) === content) removeFile(path);
}

/** The live holder of a lock, or undefined when the lock is gone or stale: its process dead, its time over, its content unknown. */
export function holderOf(path: string, now: number): Holder | undefined {
  const text = readSmallFile(path);
  if (text === undefined) return undefined;
  if (text === '') return isYoung(path, now) ? { pid: 0, deadlineAt: now } : undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { pid, deadlineAt } = value as Partial<Record<keyof Holder, unknown>>;
  if (typeof pid !== 'number' || typeof deadlineAt !== 'number' || !isRunning(pid)) return undefined;
  // A deadline beyond any limit that can be set is a clock that jumped, not a holder.
  return deadlineAt > now && deadlineAt <= now + 600_000 ? { pid, deadlineAt } : undefined;
}

/** The moment between creating a lock and writing into it. */
function isYoung(path: string, now: number): boolean {
  try {
    return Math.abs(now - lstatSync(path).mtimeMs) < 1000;
  } catch {
    return false;
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process answers EPERM: alive. In another PID namespace a living holder may look dead: one request more.
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
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
