// Owns how the parts are put together for this process: settings, log, cache, authorizer, helper. The heavy ones are loaded
// by the first call that needs them. Must not do anything by itself.
import { type Authorizer, createAuthorizer } from './authorize.ts';
import { readSharedConfig } from './aws/shared-config.ts';
import { readSettings, type Settings } from './config/settings.ts';
import type { Problem } from './errors.ts';
import { createHelper } from './helper.ts';
import { type Log, openLog } from './log.ts';
import type { CredentialHelper, Neighbour } from './protocol/messages.ts';
import { NO_CACHE, openTokenCache, type TokenCache } from './token/cache.ts';

/** The assembled program. */
export interface Program {
  readonly env: NodeJS.ProcessEnv;
  readonly settings: Settings;
  readonly log: Log;
  readonly cache: TokenCache;
  readonly authorizer: Authorizer;
  readonly helper: CredentialHelper;
  /** Whoever serves the hosts that are not ECR's, where somebody is named. */
  readonly neighbour: Neighbour | undefined;
}

/** What a program that uses this one as a library puts in the place of the usual parts. */
export interface GivenParts {
  readonly log?: Log;
  readonly cache?: TokenCache;
  /** Ends whatever is under way. */
  readonly signal?: AbortSignal;
}

/** Puts the program together for an environment. */
export function compose(env: NodeJS.ProcessEnv, given: GivenParts = {}): Program {
  const settings = readSettings(env);
  const { directory } = settings;
  const log = given.log ?? openLog(directory, settings.logLevel);
  const cache =
    given.cache ??
    (settings.cacheEnabled && directory !== undefined ? openTokenCache(directory, log) : NO_CACHE);
  const ended = given.signal === undefined ? {} : { signal: given.signal };
  const authorizer = createAuthorizer({
    env,
    settings,
    cache,
    log,
    now: Date.now,
    readShared: () => readSharedConfig(env),
    discover: async (source) =>
      (await import('./token/fetch/discover.ts')).discoverIdentity(
        source,
        env,
        settings.timeoutMs,
        given.signal,
      ),
    fetchToken: async (request, key, wanted) => {
      const [{ fetchOnce }, { fetchAuthorizationToken }, { fetchInTurn, mayAskPerson, PERSON_LIMIT_MS }] =
        await Promise.all([
          import('./token/single-flight.ts'),
          import('./token/fetch/fetch.ts'),
          import('./token/one-question.ts'),
        ]);
      const { limitMs } = request;
      const asksPerson = request.interactive && mayAskPerson(request.source);
      const totalMs = limitMs + (asksPerson ? PERSON_LIMIT_MS : 0);
      const ask = (leftMs: number) =>
        fetchAuthorizationToken({ ...request, ...ended, limitMs: Math.min(limitMs, leftMs) });
      return fetchOnce({
        cache,
        key,
        now: Date.now,
        limitMs: totalMs,
        ...wanted,
        fetch: asksPerson
          ? (leftMs) => fetchInTurn({ cache, key, now: Date.now, limitMs, fetch: () => ask(leftMs) })
          : ask,
        ...ended,
      });
    },
    isRefreshPointless: async (key) =>
      (await import('./token/single-flight.ts')).isRefreshPointless(cache, key, Date.now()),
    tell: async (registry, problem) => (await explain(registry, problem)).stdout,
  });
  const helper = createHelper({ authorizer, settings, cache, log, now: Date.now, explain });
  return {
    env,
    settings,
    log,
    cache,
    authorizer,
    helper,
    neighbour: neighbourOf(env, settings, log, authorizer),
  };
}

/** The fallback helper; it is loaded by the first request for a host that is not ours. */
function neighbourOf(
  env: NodeJS.ProcessEnv,
  settings: Settings,
  log: Log,
  authorizer: Authorizer,
): Neighbour | undefined {
  const { fallback, timeoutMs } = settings;
  // Set for whatever we run as a fallback: should that come back here, it gets no further.
  if (fallback === undefined || env.AWS_ECR_FALLBACK_ACTIVE) return undefined;
  const owns = (serverUrl: string): boolean => authorizer.target(serverUrl) === undefined;
  const load = async (): Promise<Omit<Neighbour, 'owns'>> =>
    (await import('./fallback.ts')).createFallback({ env, name: fallback, timeoutMs, log, owns, explain });
  return {
    owns,
    pass: async (action, request) => (await load()).pass(action, request),
    list: async (request) => (await load()).list(request),
  };
}

/** A failure in words: two lines for stderr, one for stdout. */
export async function explain(
  registry: string,
  problem: Problem,
): Promise<{ lines: readonly string[]; stdout: string }> {
  const { causeLine, explanationLines } = await import('./explain.ts');
  return { lines: explanationLines(registry, problem), stdout: causeLine(registry, problem) };
}
