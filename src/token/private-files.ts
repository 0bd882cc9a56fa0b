// Owns files that only this user may read: how they are read, replaced and removed, and the directory they lie in.
// Must not know what they hold. Damage, a strange owner or mode, a link: not there.
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import type { Log } from '../log.ts';
import { errorCode } from '../runtime.ts';

// O_NOFOLLOW: a symbolic link would make us read, and trust, another's file. O_NONBLOCK: a FIFO must not hang us.
// Neither exists on Windows, where they are undefined.
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** The text of a private file of at most `limit` bytes, or undefined for whatever else is there, which the log then names. */
export function readPrivateFile(path: string, limit: number, log: Log): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, READ_FLAGS);
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') log.warn('cannot read a cache entry', { file: path, code });
    return undefined;
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.size > limit || !isOurs(stats)) {
      log.warn('a cache entry is not a private file of this user and is ignored', { file: path });
      return undefined;
    }
    const buffer = new Uint8Array(stats.size);
    let length = 0;
    while (length < buffer.length) {
      const read = readSync(descriptor, buffer, length, buffer.length - length, null);
      if (read === 0) break;
      length += read;
    }
    return new TextDecoder().decode(buffer.subarray(0, length));
  } catch (error) {
    log.warn('cannot read a cache entry', { file: path, code: errorCode(error) });
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}

/** Owner and mode say that nobody else could have written it; Windows has neither, there the profile directory protects. */
function isOurs(stats: Stats): boolean {
  return process.getuid === undefined || (stats.uid === process.geteuid?.() && (stats.mode & 0o077) === 0);
}

/** True for a directory of this user that nobody else can look into. */
export function isPrivateDirectory(path: string, log: Log): boolean {
  try {
    const stats = lstatSync(path);
    if (stats.isDirectory() && isOurs(stats)) return true;
    log.warn('the cache directory is not a private directory of this user and is ignored', {
      directory: path,
    });
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR')
      log.warn('cannot use the cache directory', { directory: path, code });
  }
  return false;
}

/**
 * Makes a directory with those above it, 0700, and gives the outermost that was not there. Node's own `recursive` never ends
 * where a directory exists and cannot hold another, as below /proc; here each is tried twice at most.
 */
export function makeDirectory(path: string): string | undefined {
  try {
    mkdirSync(path, { mode: 0o700 });
    return path;
  } catch (error) {
    const code = errorCode(error);
    // Some systems say EISDIR, EPERM or EROFS of a directory that is there.
    if (code !== 'ENOENT' && isDirectory(path)) return undefined;
    const parent = parentOf(path);
    if (code !== 'ENOENT' || parent === undefined) throw error;
    const made = makeDirectory(parent);
    try {
      mkdirSync(path, { mode: 0o700 });
    } catch (again) {
      // Another process may have been quicker.
      if (errorCode(again) !== 'EEXIST' || !isDirectory(path)) throw again;
    }
    return made ?? path;
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function parentOf(path: string): string | undefined {
  const parent = path.replace(process.platform === 'win32' ? /[\\/]+[^\\/]*[\\/]*$/ : /\/+[^/]*\/*$/, '');
  return parent === '' || parent === path ? undefined : parent;
}

/** Makes a private directory below `parent`; throws when something else stands there. */
export function makePrivateDirectory(parent: string, path: string): void {
  makeDirectory(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  const stats = lstatSync(path);
  if (!stats.isDirectory() || !isOurs(stats)) throw new Error('it is not a private directory of this user');
}

/** Old entry or new one, never half of one: a new file under a name of its own, flushed, then renamed over the old. */
export function replacePrivateFile(path: string, text: string): void {
  // Random, since two containers that share a home directory may count the same process number.
  const temporary = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`;
  let descriptor: number | undefined;
  try {
    descriptor = openSync(temporary, 'wx', 0o600);
    const bytes = new TextEncoder().encode(text);
    let offset = 0;
    while (offset < bytes.length) offset += writeSync(descriptor, bytes, offset, bytes.length - offset);
    // Without it a power cut may leave the new name on an empty file; that would be a miss, so Windows may do without.
    fsyncSync(descriptor);
    closeSync(descriptor);
    descriptor = undefined;
    renameSync(temporary, path);
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor);
    removeFile(temporary);
    throw error;
  }
}

/** Removes a file; where that fails there is nothing to be done. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Gone already, or not ours to remove: a reader ignores it either way.
  }
}
