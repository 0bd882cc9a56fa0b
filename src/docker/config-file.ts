// Owns one JSON config file on disk with what lies beside it: the backup and the ledger. Old content or new, never half of
// one, never another's change lost. Must not know what the content means.
import { rmdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { HelperError } from '../errors.ts';
import { errorCode } from '../runtime.ts';
import { acquire, release } from '../token/lock.ts';
import { makeDirectory, removeFile } from '../token/private-files.ts';
import { parseObject } from './json-text.ts';
import { blankAsObject, type Change, formatLedger, isInForce, parseLedger, type State } from './ledger.ts';
import { isSame, linkTarget, readBytes, removeLeftovers, replaceFile } from './replace-file.ts';

/** A config file as it was read. */
export interface ConfigFile extends State {
  /** The file behind a symbolic link, which is the one to replace. */
  readonly target: string;
  /** Where the former content is kept. */
  readonly backup: string;
  readonly bytes: Uint8Array | undefined;
  readonly hasBom: boolean;
}

const LOCK_MS = 5000;

/** Reads a config file and what lies beside it; throws `config-invalid`, `malformed-file` or `unreadable-file`. */
export function openConfigFile(file: string, indent: string): ConfigFile {
  const target = linkTarget(file);
  const bytes = readBytes(target);
  const content = bytes && decode(bytes, file);
  const text = content?.text;
  const root = parseObject(blankAsObject(text), file);
  const recorded = readLedger(file);
  // An edit that somebody has undone or overwritten since is no longer ours to undo.
  const edits = recorded?.edits.filter((edit) => isInForce(root, edit)) ?? [];
  const ledger = recorded !== undefined && edits.length > 0 ? { ...recorded, edits } : undefined;
  const backup = `${file}.ecr-login-backup`;
  const original = ledger?.existed ? readBytes(backup) : undefined;
  return {
    file,
    target,
    backup,
    bytes,
    text,
    hasBom: content?.hasBom ?? false,
    original: original && decode(original, backup).text,
    ledger,
    indent,
  };
}

/** Writes a change; throws `file-changed` where the file is no longer what was read, and `file-not-written`. */
export function writeConfigFile(config: ConfigFile, change: Change): void {
  const { file, target, bytes } = config;
  const madeDirectory = makeDirectoryFor(file, dirname(target));
  withLock(file, () => {
    removeLeftovers(target);
    removeLeftovers(file);
    requireUnchanged(config);
    if (change.ledger !== undefined) {
      // Before the first edit the content goes to the backup, and what will be done is written down before it is done.
      if (config.ledger === undefined && bytes !== undefined) write(config.backup, bytes, {});
      const ledger = { ...change.ledger, madeDirectory: change.ledger.madeDirectory ?? madeDirectory };
      write(ledgerPath(file), new TextEncoder().encode(formatLedger(ledger)), {});
    }
    if (change.text === undefined) remove(target);
    else
      write(target, encode(change.text, config.hasBom), {
        isNew: bytes === undefined,
        check: () => requireUnchanged(config),
      });
    if (change.ledger === undefined) forget(config);
  });
  const made = config.ledger?.madeDirectory;
  if (change.text === undefined && made !== undefined) removeEmptyDirectories(dirname(target), made);
}

/** All is undone: what lay beside the file goes too, but the backup only when the file is as it was. */
function forget({ file, backup, target, ledger }: ConfigFile): void {
  removeFile(ledgerPath(file));
  if (!ledger?.existed) return;
  const kept = readBytes(backup);
  if (kept !== undefined && isSame(kept, readBytes(target))) removeFile(backup);
}

/** Where it stands what `configure` did to a file. */
export function ledgerPath(file: string): string {
  return `${file}.ecr-login-undo`;
}

function readLedger(file: string): State['ledger'] {
  const path = ledgerPath(file);
  const bytes = readBytes(path);
  if (bytes === undefined) return undefined;
  const ledger = parseLedger(new TextDecoder().decode(bytes));
  // To go on would mean to forget what was done, and with it how to undo it.
  if (ledger === undefined)
    throw new HelperError({
      kind: 'malformed-file',
      file: path,
      reason: 'it is not what "configure" wrote there',
    });
  return ledger;
}

function requireUnchanged({ file, target, bytes }: ConfigFile): void {
  const isMoved = linkTarget(file) !== target;
  if (isMoved || !isSame(readBytes(target), bytes)) throw new HelperError({ kind: 'file-changed', file });
}

function write(path: string, bytes: Uint8Array, options: Parameters<typeof replaceFile>[2]): void {
  attempt(path, () => replaceFile(path, bytes, options));
}

function remove(path: string): void {
  removeFile(path);
  if (readBytes(path) !== undefined)
    throw new HelperError({ kind: 'file-not-written', file: path, reason: 'it cannot be removed' });
}

/** Two of us at once: the second waits a moment, so that neither takes the other's change for a stranger's. */
function withLock(file: string, work: () => void): void {
  const path = `${file}.ecr-login-lock`;
  const endAt = Date.now() + LOCK_MS;
  for (;;) {
    const now = Date.now();
    const tried = acquire({ path, deadlineAt: now + LOCK_MS, now });
    if (tried === undefined || 'lock' in tried) {
      try {
        work();
        return;
      } finally {
        if (tried !== undefined) release(tried.lock);
      }
    }
    if (now > endAt) throw new HelperError({ kind: 'file-changed', file });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
}

/** Makes the directory of a file; gives the outermost that was not there. */
function makeDirectoryFor(file: string, directory: string): string | undefined {
  let made: string | undefined;
  attempt(file, () => {
    made = makeDirectory(directory);
  });
  return made;
}

/** Removes the directories that were made for a file, from the inside, while they are empty. */
function removeEmptyDirectories(innermost: string, outermost: string): void {
  try {
    for (let each = innermost; each.length >= outermost.length; each = dirname(each)) rmdirSync(each);
  } catch {
    // Something else lies there by now.
  }
}

function attempt(file: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (error instanceof HelperError) throw error;
    const reason = errorCode(error) || (error instanceof Error ? error.message : 'unknown error');
    throw new HelperError({ kind: 'file-not-written', file, reason }, { cause: error });
  }
}

/** Text and byte order mark; what is no UTF-8 would come back changed and is refused. */
function decode(bytes: Uint8Array, file: string): { text: string; hasBom: boolean } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.startsWith('\uFEFF') ? { text: text.slice(1), hasBom: true } : { text, hasBom: false };
  } catch (error) {
    throw new HelperError({ kind: 'malformed-file', file, reason: 'it is not UTF-8' }, { cause: error });
  }
}

function encode(text: string, hasBom: boolean): Uint8Array {
  return new TextEncoder().encode(hasBom ? `\uFEFF${text}` : text);
}
