// Owns the world of helper.test.ts: a cache in memory, a fetcher that is told what to answer, a clock that is set.
// Everything between them is the real program: protocol, helper, authorizer, declared source, words.
import { createAuthorizer } from '../../src/authorize.ts';
import type { Discover } from '../../src/aws/identity.ts';
import { readSettings } from '../../src/config/settings.ts';
import { HelperError, type Problem } from '../../src/errors.ts';
import { causeLine, explanationLines } from '../../src/explain.ts';
import { createHelper } from '../../src/helper.ts';
import type { Action, Outcome } from '../../src/protocol/messages.ts';
import { serve } from '../../src/protocol/serve.ts';
import type { AuthorizationToken } from '../../src/token/authorization-token.ts';
import { type CacheKey, NO_CACHE, type TokenCache } from '../../src/token/cache.ts';
import type { FetchRequest } from '../../src/token/fetch/fetch.ts';
import { aToken, KEYS, memoryLog, NOON, sharedConfig } from './fixtures.ts';

/** What the world is made of; by default long-term keys in the environment, and AWS answers. */
export interface Setting {
  readonly env?: Readonly<Record<string, string>>;
  readonly profiles?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What asking AWS ends in: a new token, this failure, or this bug. */
  readonly aws?: Problem | Error;
  /** How long asking takes, in ms of the set clock. */
  readonly takesMs?: number;
  readonly discover?: Discover;
  readonly isRefreshPointless?: boolean;
}

export const ENV_KEYS = {
  AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
};
/** The password of the token that AWS answers with. */
export const NEW = 'bmV3';

/** An entry of the cache in memory. */
export interface Entry {
  readonly key: CacheKey;
  readonly token: AuthorizationToken;
}

export function makeWorld({ env = ENV_KEYS, profiles = {}, ...setting }: Setting = {}) {
  const entries: Entry[] = [];
  const requests: FetchRequest[] = [];
  const log = memoryLog();
  const clock = { now: NOON, sharedReads: 0 };
  const same = (a: CacheKey, b: CacheKey): boolean => JSON.stringify(a) === JSON.stringify(b);
  const cache: TokenCache = {
    ...NO_CACHE,
    read: (key, now) => entries.find((entry) => same(entry.key, key) && entry.token.expiresAt > now)?.token,
    write(key, token) {
      entries.splice(0, entries.length, ...entries.filter((entry) => !same(entry.key, key)), { key, token });
    },
    erase(registry) {
      entries.splice(0, entries.length, ...entries.filter(({ key }) => key.registry !== registry));
    },
    entries: (now) => entries.filter(({ token }) => token.expiresAt > now),
  };
  const settings = readSettings({ HOME: '/nowhere', ...env });
  const now = (): number => clock.now;
  const authorizer = createAuthorizer({
    env: { HOME: '/nowhere', ...env },
    settings,
    cache,
    log,
    now,
    readShared: () => {
      clock.sharedReads++;
      return sharedConfig(profiles);
    },
    discover: setting.discover ?? (async () => 'a-role'),
    fetchToken: async (request, key) => {
      requests.push(request);
      clock.now += setting.takesMs ?? 0;
      if (setting.aws instanceof Error) throw setting.aws;
      if (setting.aws !== undefined) throw new HelperError(setting.aws);
      const token = aToken(clock.now, { password: NEW });
      cache.write(key, token, clock.now);
      return token;
    },
    isRefreshPointless: async () => setting.isRefreshPointless ?? false,
    tell: async (registry, problem) => causeLine(registry, problem),
  });
  const helper = createHelper({
    authorizer,
    settings,
    cache,
    log,
    now,
    explain: async (registry, problem) => ({
      lines: explanationLines(registry, problem),
      stdout: causeLine(registry, problem),
    }),
  });
  return {
    entries,
    requests,
    log,
    clock,
    cache,
    /** One exchange with a client. */
    ask: (action: Action, text: string): Promise<Outcome> =>
      serve(action, new TextEncoder().encode(text), helper),
    /** Puts a token into the cache under the key that `get` will look for. */
    async keep(serverUrl: string, token: AuthorizationToken): Promise<void> {
      const target = authorizer.target(serverUrl);
      if (target === undefined) throw new Error(`${serverUrl} is no registry`);
      cache.write((await authorizer.resolve(target)).key, token, clock.now);
    },
  };
}
