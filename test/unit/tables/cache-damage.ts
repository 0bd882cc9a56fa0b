// Owns what may stand in a cache entry's place: other content, other kinds of files, other owners and modes, other directories.
// Every row starts from a good entry and must end in a miss.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { HOUR, NOON } from '../fixtures.ts';

/** A good entry, as the cache writes it. */
export type Entry = Readonly<Record<string, unknown>>;

const json = (change: Entry) => (entry: Entry) => JSON.stringify({ ...entry, ...change });
const without = (name: string) => (entry: Entry) =>
  JSON.stringify(Object.fromEntries(Object.entries(entry).filter(([key]) => key !== name)));
const key = (change: Entry) => (entry: Entry) =>
  JSON.stringify({ ...entry, key: { ...(entry.key as Entry), ...change } });

/** Another content of the file. */
export const CONTENT: readonly (readonly [name: string, content: (entry: Entry) => string | Uint8Array])[] = [
  ['empty', () => ''],
  ['a newline', () => '\n'],
  ['cut in half', (entry) => JSON.stringify(entry).slice(0, 150)],
  ['cut by its last brace', (entry) => JSON.stringify(entry).slice(0, -1)],
  ['followed by another', (entry) => JSON.stringify(entry) + JSON.stringify(entry)],
  ['zeros, as after a power cut', (entry) => '\0'.repeat(JSON.stringify(entry).length)],
  ['binary', () => Uint8Array.from({ length: 500 }, (_, index) => (index * 37) % 256)],
  ['no UTF-8', () => Uint8Array.of(0xff, 0xfe, 0x7b)],
  ['text', () => 'hello'],
  ['null', () => 'null'],
  ['a list', (entry) => JSON.stringify([entry])],
  ['a string', (entry) => JSON.stringify(JSON.stringify(entry))],
  ['deeply nested', () => '['.repeat(30_000)],
  ['10 MB', (entry) => JSON.stringify({ ...entry, more: 'x'.repeat(10_000_000) })],
  ['just over the limit', (entry) => JSON.stringify(entry) + ' '.repeat(64 * 1024)],
  ['no version', without('version')],
  ['another version', json({ version: 2 })],
  ['a version as text', json({ version: '1' })],
  ['no key', without('key')],
  ['a key as text', json({ key: 'k' })],
  ['a null key', json({ key: null })],
  [
    'the key of another registry: a collision',
    key({ registry: '000000000001.dkr.ecr.us-east-1.amazonaws.com' }),
  ],
  ['the key of another identity: a collision', key({ identity: 'other' })],
  ['the key of another request: a collision', key({ request: 'other' })],
  ['a key without an identity', key({ identity: undefined })],
  ['a key of numbers', key({ identity: 1 })],
  ['no password', without('password')],
  ['an empty password', json({ password: '' })],
  ['a password that is no text', json({ password: { a: 1 } })],
  ['a password of two lines', json({ password: 'a\nb' })],
  ['a password beyond ASCII', json({ password: 'pässword' })],
  ['no user', without('username')],
  ['an empty user', json({ username: '' })],
  ['no expiry', without('expiresAt')],
  ['an expiry as text', json({ expiresAt: new Date(NOON + HOUR).toISOString() })],
  ['a null expiry', json({ expiresAt: null })],
  ['an expiry of half a millisecond', json({ expiresAt: NOON + 0.5 })],
  [
    'an expiry beyond numbers',
    (entry) => JSON.stringify(entry).replace(/"expiresAt":\d+/, '"expiresAt":1e999'),
  ],
  ['a negative expiry', json({ expiresAt: -1 })],
  ['expired a millisecond ago', json({ expiresAt: NOON - 1 })],
  ['expiring at this moment', json({ expiresAt: NOON })],
  ['a life of years', json({ expiresAt: NOON + 9e10, refreshAt: NOON + 1 })],
  ['no refresh time', without('refreshAt')],
  ['a refresh after the end', json({ refreshAt: NOON + 100 * HOUR })],
  ['a refresh before the start', json({ refreshAt: 1 })],
  ['asked for in the future', json({ requestedAt: NOON + 6 * 60_000, refreshAt: NOON + HOUR })],
  ['asked for at no time', without('requestedAt')],
  ['asked for in 1970', json({ requestedAt: 0 })],
  ['prototype keys', () => '{"__proto__":{"version":1},"constructor":{"prototype":{}}}'],
  ['everything behind __proto__', (entry) => `{"__proto__":${JSON.stringify(entry)}}`],
  [
    'a key behind __proto__',
    (entry) =>
      JSON.stringify({ ...entry, key: 0 }).replace(
        '"key":0',
        `"key":{"__proto__":${JSON.stringify(entry.key)}}`,
      ),
  ],
];

/** What may be in the way, given the paths of the entry and of the directory that it lies in. */
export interface FileRow {
  readonly name: string;
  readonly damage: (entry: string, directory: string) => void;
  /** Rows that need more than an ordinary user has, or than Windows knows. */
  readonly needs?: 'root' | 'unix';
}

const STRANGER = 12345;

export const FILES: readonly FileRow[] = [
  { name: 'no file', damage: (entry) => unlinkSync(entry) },
  { name: 'truncated to nothing', damage: (entry) => truncateSync(entry) },
  { name: 'readable by the group', damage: (entry) => chmodSync(entry, 0o640), needs: 'unix' },
  { name: 'writable by the group', damage: (entry) => chmodSync(entry, 0o620), needs: 'unix' },
  { name: 'writable by everyone', damage: (entry) => chmodSync(entry, 0o602), needs: 'unix' },
  { name: 'executable by everyone', damage: (entry) => chmodSync(entry, 0o711), needs: 'unix' },
  { name: 'of another user', damage: (entry) => chownSync(entry, STRANGER, STRANGER), needs: 'root' },
  {
    name: 'a symbolic link to a good entry',
    damage: (entry) => {
      renameSync(entry, `${entry}.real`);
      symlinkSync(`${entry}.real`, entry);
    },
    needs: 'unix',
  },
  {
    name: 'a dangling symbolic link',
    damage: (entry) => {
      unlinkSync(entry);
      symlinkSync('/nowhere/at/all', entry);
    },
    needs: 'unix',
  },
  {
    name: 'a symbolic link to itself',
    damage: (entry) => {
      unlinkSync(entry);
      symlinkSync(entry, entry);
    },
    needs: 'unix',
  },
  {
    name: 'a symbolic link to an endless device',
    damage: (entry) => {
      unlinkSync(entry);
      symlinkSync('/dev/zero', entry);
    },
    needs: 'unix',
  },
  {
    name: 'a FIFO, which must not hang',
    damage: (entry) => {
      unlinkSync(entry);
      execFileSync('mkfifo', ['-m', '600', entry]);
    },
    needs: 'unix',
  },
  {
    name: 'a directory',
    damage: (entry) => {
      unlinkSync(entry);
      mkdirSync(entry, { mode: 0o700 });
    },
  },
  { name: 'no directory', damage: (_, directory) => rmSync(directory, { recursive: true }) },
  {
    name: 'a file in place of the directory',
    damage: (_, directory) => {
      rmSync(directory, { recursive: true });
      writeFileSync(directory, '', { mode: 0o600 });
    },
  },
  {
    name: 'a symbolic link in place of the directory',
    damage: (_, directory) => {
      renameSync(directory, `${directory}.real`);
      symlinkSync(`${directory}.real`, directory);
    },
    needs: 'unix',
  },
  {
    name: 'a directory that the group may look into',
    damage: (_, directory) => chmodSync(directory, 0o750),
    needs: 'unix',
  },
  {
    name: 'a directory that the group may write',
    damage: (_, directory) => chmodSync(directory, 0o720),
    needs: 'unix',
  },
  {
    name: 'a directory that everyone may write',
    damage: (_, directory) => chmodSync(directory, 0o703),
    needs: 'unix',
  },
  {
    name: 'a directory of another user',
    damage: (_, directory) => chownSync(directory, STRANGER, STRANGER),
    needs: 'root',
  },
];
