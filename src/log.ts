// Owns the log file, `<directory>/log/ecr-login.log`: some clients swallow stderr, so the cause must also stand somewhere.
// Must not take a free-form object: fields are named strings and numbers, so that a secret cannot slip in with one.
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  openSync,
  renameSync,
  type Stats,
  writeSync,
} from 'node:fs';
import type { LogLevel } from './config/settings.ts';
import { makeDirectory } from './token/private-files.ts';

/** What may stand beside a message. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes a line when the level asks for it; never throws, never prints. */
export interface Log {
  error(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  debug(message: string, fields?: Fields): void;
  /** True when `debug` writes, for lines that cost something to make. */
  readonly isDebug: boolean;
}

/** One predecessor is kept, `ecr-login.log.1`, so that the pair never takes more than 2 MiB. */
const ROTATE_AT = 1024 * 1024;

const RANK: Readonly<Record<LogLevel, number>> = { off: 0, error: 1, warn: 2, info: 3, debug: 4 };

/** A log below `directory` that opens its file on the first line; without a directory it is silent. */
export function openLog(directory: string | undefined, level: LogLevel): Log {
  const write =
    (of: LogLevel) =>
    (message: string, fields: Fields = {}) => {
      if (directory !== undefined && RANK[of] <= RANK[level])
        append(`${directory}/log`, line(of, message, fields));
    };
  return {
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
    isDebug: directory !== undefined && level === 'debug',
  };
}

/** `2026-01-31T12:00:00.000Z warn [4711] message key=value key="two words"`, one line whatever the values hold. */
function line(level: LogLevel, message: string, fields: Fields): string {
  const pairs = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) =>
        `${key}=${/^[\w./:@+-]+$/.test(String(value)) ? value : JSON.stringify(String(value))}`,
    );
  const text = [new Date().toISOString(), level, `[${process.pid}]`, message, ...pairs].join(' ');
  return `${text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')}\n`;
}

function append(directory: string, text: string): void {
  const path = `${directory}/ecr-login.log`;
  try {
    makeDirectory(directory);
    // One write with O_APPEND: lines of parallel processes do not mix. O_NOFOLLOW: a planted link leads nowhere.
    const flags =
      constants.O_WRONLY |
      constants.O_CREAT |
      constants.O_APPEND |
      (constants.O_NOFOLLOW ?? 0) |
      (constants.O_NONBLOCK ?? 0);
    let descriptor = openSync(path, flags, 0o600);
    let stats = fstatSync(descriptor);
    if (isOurs(stats) && stats.size >= ROTATE_AT) {
      closeSync(descriptor);
      renameSync(path, `${path}.1`);
      descriptor = openSync(path, flags, 0o600);
      stats = fstatSync(descriptor);
    }
    try {
      if (!isOurs(stats)) return;
      // Left by a program with another umask: whoever reads names and ARNs there should be this user alone. By its descriptor,
      // for the name may stand for another file by now.
      if (process.getuid !== undefined && (stats.mode & 0o077) !== 0) fchmodSync(descriptor, 0o600);
      writeSync(descriptor, text);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // No disk, no log: the answer matters more.
  }
}

/** In a directory that others can write to, a log may be waiting that is theirs to read. */
function isOurs(stats: Stats): boolean {
  return stats.isFile() && (process.geteuid === undefined || stats.uid === process.geteuid());
}
