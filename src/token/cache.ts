// Owns the token cache on disk: one file per registry and identity under `<directory>/tokens-v1/`, 0600 in 0700.
// Must not decide policy (fresh, stale, whose turn), and must never fail a `get`: damage is a miss, a failed write a warning.
import { lstatSync, readdirSync } from 'node:fs';
import type { Log } from '../log.ts';
import { errorCode, hashHex } from '../runtime.ts';
import { type AuthorizationToken, MAX_LIFE_MS } from './authorization-token.ts';
import {
  isPrivateDirectory,
  makePrivateDirectory,
  readPrivateFile,
  removeFile,
  replacePrivateFile,
} from './private-files.ts';

/** Everything that decides which token it is; two keys that differ anywhere never share an entry. */
export interface CacheKey {
  /** Canonical host of the registry. */
  readonly registry: string;
  /** Identity fingerprint, or {@link STORED_IDENTITY}. */
  readonly identity: string;
  /** Region, service, endpoint override, FIPS and dual-stack choice of the request, as one text. */
  readonly request: string;
}

/** Stands where the identity does for a token that a client handed over with `store`. */
export const STORED_IDENTITY = 'stored';

/** The store of tokens; every method is synchronous, and none throws. */
export interface TokenCache {
  /** The unexpired token under exactly this key, or undefined. */
  read(key: CacheKey, now: number): AuthorizationToken | undefined;
  write(key: CacheKey, token: AuthorizationToken, now: number): void;
  /** Removes every token of a registry, whoever it belongs to. */
  erase(registry: string): void;
  /** Every unexpired token with its key. */
  entries(now: number): { key: CacheKey; token: AuthorizationToken }[];
  /** Makes the directory; false where there is none to be had. */
  prepare(): boolean;
  /** The path of an entry's file, for what accompanies it (its lock); undefined for the cache that holds nothing. */
  path(key: CacheKey): string | undefined;
}

/** A name for the format: another format gets another directory and never parses this one's files. */
const FORMAT = 'tokens-v1';
const FORMAT_VERSION = 1;
/** A token is about 3 KiB; whatever is much larger was not written by this program. */
const ENTRY_LIMIT = 64 * 1024;
/** How far in the future a token may have been requested: clocks get set back, a little. */
const CLOCK_TOLERANCE_MS = 5 * 60 * 1000;
/** Leftovers of a killed writer older than this are removed by the next write. */
const DEBRIS_AGE_MS = 10 * 60 * 1000;
/** An entry that was written so short a time ago is left alone by the pruning of others. */
const YOUNG_MS = 60 * 1000;

/** A cache below `directory`, which is made on the first write. */
export function openTokenCache(directory: string, log: Log): TokenCache {
  const tokens = `${directory}/${FORMAT}`;
  const read = (name: string, now: number): { key: CacheKey; token: AuthorizationToken } | undefined => {
    const text = readPrivateFile(`${tokens}/${name}`, ENTRY_LIMIT, log);
    const entry = text === undefined ? undefined : parseEntry(text, now);
    if (text !== undefined && entry === undefined) log.debug('cache entry is not usable', { file: name });
    return entry;
  };
  return {
    prepare() {
      try {
        makePrivateDirectory(directory, tokens);
        return true;
      } catch (error) {
        log.warn('cannot use the cache directory', {
          directory: tokens,
          code: errorCode(error) || String(error),
        });
        return false;
      }
    },
    path: (key) => `${tokens}/${fileName(key)}`,
    read(key, now) {
      if (!isPrivateDirectory(tokens, log)) return undefined;
      const entry = read(fileName(key), now);
      // A file name is a short hash: the full key inside decides, so that a collision is a miss.
      return entry !== undefined && sameKey(entry.key, key) ? entry.token : undefined;
    },
    write(key, token, now) {
      try {
        makePrivateDirectory(directory, tokens);
        replacePrivateFile(`${tokens}/${fileName(key)}`, serialize(key, token));
      } catch (error) {
        log.warn('cannot write the token cache', {
          directory: tokens,
          code: errorCode(error) || String(error),
        });
        return;
      }
      prune(tokens, now, (name) => read(name, now) !== undefined);
    },
    erase(registry) {
      if (!isPrivateDirectory(tokens, log)) return;
      for (const name of list(tokens))
        if (name.startsWith(`${registryPart(registry)}.`)) removeFile(`${tokens}/${name}`);
    },
    entries(now) {
      if (!isPrivateDirectory(tokens, log)) return [];
      const names = list(tokens).filter((name) => name.endsWith('.json'));
      return names
        .map((name) => ({ name, entry: read(name, now) }))
        .filter(({ name, entry }) => entry !== undefined && fileName(entry.key) === name)
        .flatMap(({ entry }) => (entry === undefined ? [] : [entry]));
    },
  };
}

/** The cache of a process without a disk, or with the cache switched off: it holds nothing. */
export const NO_CACHE: TokenCache = {
  read: () => undefined,
  write: () => {},
  erase: () => {},
  entries: () => [],
  prepare: () => false,
  path: () => undefined,
};

function fileName(key: CacheKey): string {
  const hash = hashHex('sha256', JSON.stringify([key.registry, key.identity, key.request])).slice(0, 32);
  return `${registryPart(key.registry)}.${hash}.json`;
}

/** The registry's place in a file name: its host, hashed where it is so long that the name would not fit. */
function registryPart(registry: string): string {
  // A mapped host may have a port, and Windows allows no colon in a name.
  return registry.length <= 128
    ? registry.replace(':', '_')
    : `long-${hashHex('sha256', registry).slice(0, 32)}`;
}

function sameKey(a: CacheKey, b: CacheKey): boolean {
  return a.registry === b.registry && a.identity === b.identity && a.request === b.request;
}

function serialize(key: CacheKey, token: AuthorizationToken): string {
  const { username, password, requestedAt, refreshAt, expiresAt } = token;
  return `${JSON.stringify({ version: FORMAT_VERSION, key, requestedAt, refreshAt, expiresAt, username, password })}\n`;
}

/** From unknown text to an entry, or undefined for anything that this program would not have written, and for what has expired. */
function parseEntry(text: string, now: number): { key: CacheKey; token: AuthorizationToken } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || value.version !== FORMAT_VERSION || !isRecord(value.key)) return undefined;
  const { registry, identity, request } = value.key;
  const { username, password, requestedAt, refreshAt, expiresAt } = value;
  if (typeof registry !== 'string' || typeof identity !== 'string' || typeof request !== 'string')
    return undefined;
  if (typeof username !== 'string' || typeof password !== 'string') return undefined;
  if (!/^[\x21-\x7e]+$/.test(username) || !/^[\x21-\x7e]+$/.test(password)) return undefined;
  if (!isTime(requestedAt) || !isTime(refreshAt) || !isTime(expiresAt)) return undefined;
  const ordered =
    requestedAt <= refreshAt && refreshAt <= expiresAt && expiresAt - requestedAt <= MAX_LIFE_MS;
  if (!ordered || requestedAt > now + CLOCK_TOLERANCE_MS || expiresAt <= now) return undefined;
  return {
    key: { registry, identity, request },
    token: { username, password, requestedAt, refreshAt, expiresAt },
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

/**
 * Removes expired and unusable entries, and what killed writers left; errors leave it for the next write. What is young stays:
 * between the look at an entry and its removal another process may have put a good one in its place.
 */
function prune(tokens: string, now: number, isUsable: (name: string) => boolean): void {
  for (const name of list(tokens)) {
    const path = `${tokens}/${name}`;
    const isEntry = name.endsWith('.json');
    if (isOlderThan(path, now - (isEntry ? YOUNG_MS : DEBRIS_AGE_MS)) && !(isEntry && isUsable(name)))
      removeFile(path);
  }
}

function isOlderThan(path: string, time: number): boolean {
  try {
    return lstatSync(path).mtimeMs < time;
  } catch {
    return false;
  }
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
