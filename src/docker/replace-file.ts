// Owns the replacing of one file in a single step: a temporary file beside it, flushed, given the old one's mode and owner,
// then renamed over it. Must not know what the file holds.
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { HelperError } from '../errors.ts';
import { errorCode } from '../runtime.ts';
import { removeFile } from '../token/private-files.ts';

/** How to replace a file. */
export interface ReplaceOptions {
  /** Runs when all is ready for the rename; what it throws stops it. */
  readonly check?: () => void;
  /** True where the file must not be there yet: one that appears meanwhile stops it. */
  readonly isNew?: boolean;
}

/** Old content or new, whenever the machine stops; mode and owner stay, a new file is for its owner alone. */
export function replaceFile(
  path: string,
  bytes: Uint8Array,
  { check, isNew = false }: ReplaceOptions = {},
): void {
  const temporary = `${path}.ecr-login-${process.pid}.tmp`;
  removeFile(temporary);
  let descriptor: number | undefined;
  try {
    // 0600 from the start: the file may hold passwords, and the old mode is given when the content is complete.
    descriptor = openSync(temporary, 'wx', 0o600);
    let offset = 0;
    while (offset < bytes.length) offset += writeSync(descriptor, bytes, offset, bytes.length - offset);
    keepModeAndOwner(descriptor, path);
    fsyncSync(descriptor);
    closeSync(descriptor);
    descriptor = undefined;
    check?.();
    if (isNew) linkOrRename(temporary, path);
    else renameSync(temporary, path);
    flushDirectory(dirname(path));
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
    removeFile(temporary);
  }
}

/** Removes what killed runs left beside a file; only for a caller who is alone at it. */
export function removeLeftovers(path: string): void {
  let names: string[];
  try {
    names = readdirSync(dirname(path));
  } catch {
    return;
  }
  const prefix = `${basename(path)}.`;
  for (const name of names)
    if (
      name.startsWith(prefix) &&
      /^(ecr-login-(backup|undo)\.)?ecr-login-\d+\.tmp$/.test(name.slice(prefix.length))
    )
      removeFile(join(dirname(path), name));
}

/** The bytes of a regular file, or undefined where there is none; throws `unreadable-file` for all else. */
export function readBytes(path: string): Uint8Array | undefined {
  try {
    // A FIFO would keep us waiting, and a directory is no config.
    if (!statSync(path).isFile())
      throw new HelperError({ kind: 'unreadable-file', file: path, code: 'not a regular file' });
    return readFileSync(path);
  } catch (error) {
    if (error instanceof HelperError) throw error;
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new HelperError(
      { kind: 'unreadable-file', file: path, code: code || 'unknown error' },
      { cause: error },
    );
  }
}

/** The file behind symbolic links, also where it is not there yet: a link to nowhere is followed, not replaced. */
export function linkTarget(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()
      ? resolve(dirname(path), readlinkSync(path))
      : path;
  }
}

/** True for the same bytes, or the same absence of any. */
export function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : Buffer.compare(a, b) === 0;
}

function keepModeAndOwner(descriptor: number, path: string): void {
  const old = statSync(path, { throwIfNoEntry: false });
  // Under sudo a new file belongs to whom the directory belongs to, or they could not change it later.
  const owner = old ?? statSync(dirname(path));
  const mine = fstatSync(descriptor);
  const isForeign = owner.uid !== mine.uid || (old !== undefined && owner.gid !== mine.gid);
  if (process.getuid !== undefined && isForeign && (old !== undefined || process.getuid() === 0))
    fchownSync(descriptor, owner.uid, owner.gid);
  if (old !== undefined) fchmodSync(descriptor, old.mode & 0o7777);
}

/** A link cannot replace a file that somebody made in this moment; a rename would. Not every file system has links. */
function linkOrRename(temporary: string, path: string): void {
  try {
    linkSync(temporary, path);
  } catch (error) {
    if (errorCode(error) === 'EEXIST')
      throw new HelperError({ kind: 'file-changed', file: path }, { cause: error });
    renameSync(temporary, path);
  }
}

/** Makes the rename last through a power cut; not every system allows it. */
function flushDirectory(directory: string): void {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(directory, 'r');
    fsyncSync(descriptor);
  } catch {
    // The file itself is complete either way.
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
