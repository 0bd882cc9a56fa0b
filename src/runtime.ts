// Owns the calls that differ between Bun and Node, each behind one function, and the raw byte streams of the process.
// Must not import node:crypto, node:os or node:tty statically: each costs start-up time on the path of a cached `get`.
import { fstatSync, readSync, statSync, writeSync } from 'node:fs';

/** Lower-case hexadecimal digest of a text's UTF-8 bytes. */
export function hashHex(algorithm: 'sha256' | 'sha1', text: string): string {
  if (typeof Bun !== 'undefined') return new Bun.CryptoHasher(algorithm).update(text).digest('hex');
  return process.getBuiltinModule('node:crypto').createHash(algorithm).update(text).digest('hex');
}

/** True when the descriptor is a terminal, that is, when a person sits at it. */
export function isTerminal(descriptor: 0 | 1 | 2): boolean {
  try {
    // A pipe or a file is told apart without loading node:tty; /dev/null passes this test and fails the next.
    if (!fstatSync(descriptor).isCharacterDevice()) return false;
  } catch {
    return false;
  }
  return process.getBuiltinModule('node:tty').isatty(descriptor);
}

/** This user's home directory, or undefined: HOME, on Windows USERPROFILE, else what the system knows of the user. */
export function homeDirectory(env: NodeJS.ProcessEnv): string | undefined {
  const home = process.platform === 'win32' ? env.USERPROFILE || env.HOME : env.HOME;
  // A relative one would lead into the working directory, and with it to somebody else's profiles.
  if (home) return /^(\/|[a-z]:[\\/]|\\\\)/i.test(home) ? home : undefined;
  try {
    return process.getBuiltinModule('node:os').userInfo().homedir || undefined;
  } catch {
    return undefined;
  }
}

/**
 * All bytes of stdin up to its end; past `limit` bytes the rest is drained and only `limit + 1` bytes are given, so that
 * the caller can tell. A closed stdin is empty. Draining matters: a client that meets EPIPE crashes (testcontainers-node).
 */
export function readStdin(limit: number): Uint8Array {
  let buffer = new Uint8Array(Math.min(limit + 1, 4096));
  let length = 0;
  const drain = new Uint8Array(Math.min(limit + 1, 65536));
  for (;;) {
    if (length === buffer.length && length <= limit) {
      const larger = new Uint8Array(Math.min(limit + 1, buffer.length * 4));
      larger.set(buffer);
      buffer = larger;
    }
    const full = length > limit;
    const read = full ? readOnce(drain, 0, drain.length) : readOnce(buffer, length, buffer.length - length);
    if (read === 0) return buffer.subarray(0, length);
    if (!full) length += read;
  }
}

function readOnce(buffer: Uint8Array, offset: number, length: number): number {
  for (;;) {
    try {
      return readSync(0, buffer, offset, length, null);
    } catch (error) {
      const code = errorCode(error);
      // A parent may hand down a non-blocking pipe; Windows says EOF where others read 0 bytes.
      if (code === 'EAGAIN') pause(2);
      else if (code !== 'EINTR') return 0;
    }
  }
}

/**
 * Keeps Node's own voice off stderr, which belongs to the client: its warnings, and what NODE_DEBUG makes its modules tell,
 * session tokens in headers among it. Ours is written by {@link writeFully}. Bun has neither.
 */
export function silenceRuntime(): void {
  if (typeof Bun !== 'undefined') return;
  process.removeAllListeners('warning');
  Object.defineProperty(process, 'stderr', { configurable: true, value: { write: () => true } });
}

/** Writes a text to stdout or stderr in full before it returns; a reader that went away is not an error. */
export function writeFully(descriptor: 1 | 2, content: string | Uint8Array): void {
  if (content === '') return;
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  let offset = 0;
  while (offset < bytes.length) {
    try {
      offset += writeSync(descriptor, bytes, offset, bytes.length - offset);
    } catch (error) {
      const code = errorCode(error);
      if (code === 'EAGAIN') pause(2);
      else if (code !== 'EINTR') return;
    }
  }
}

/** The `code` of a system error (`ENOENT`, `EACCES`, …), or the empty string. */
export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/**
 * True for a file that could not be read since there is none for this user: it is not there, or its directory is closed to us, as
 * when sudo or an image leaves HOME at another user's. A file that can be seen and not read is a mistake that somebody must hear of.
 */
export function isAbsent(path: string, error: unknown): boolean {
  const code = errorCode(error);
  if (code !== 'EACCES') return code === 'ENOENT' || code === 'ENOTDIR';
  try {
    statSync(path);
    return false;
  } catch (seen) {
    return errorCode(seen) === 'EACCES';
  }
}

/** Blocks the thread; only for the rare EAGAIN of an inherited non-blocking stream. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
