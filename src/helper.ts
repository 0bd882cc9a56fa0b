// Owns the policy of the credential helper: whether a cached token is fresh, stale or no use, what store, erase and list mean
// for ECR, and how a failure is told to which client. Must not touch disk or network itself: all of it is handed in.
import { type EndpointSettings, tokenEndpoint } from './aws/endpoint.ts';
import { type Discover, type Identity, identify } from './aws/identity.ts';
import type { SharedConfig } from './aws/shared-config.ts';
import { activeProfile, declareSource, type Source, sourceName, triedSources } from './aws/source.ts';
import { requireUsable, type Settings } from './config/settings.ts';
import { HelperError, type Problem, problemOf } from './errors.ts';
import type { Log } from './log.ts';
import {
  CREDENTIALS_NOT_FOUND,
  type CredentialHelper,
  type Credentials,
  Refusal,
} from './protocol/messages.ts';
import { parseHost, parseRegistry, type Registry } from './registry.ts';
import { type AuthorizationToken, ECR_USERNAME, parseStoredPassword } from './token/authorization-token.ts';
import { type CacheKey, STORED_IDENTITY, type TokenCache } from './token/cache.ts';
import type { FetchRequest } from './token/fetch/fetch.ts';

/** Everything that the helper stands on. */
export interface HelperParts {
  readonly env: NodeJS.ProcessEnv;
  readonly settings: Settings;
  readonly cache: TokenCache;
  readonly log: Log;
  /** The clock, in ms since 1970. */
  readonly now: () => number;
  /** Reads the shared config files; called at most once. */
  readonly readShared: () => SharedConfig;
  readonly discover: Discover;
  /** Fetches a token, alone or as one of many that ask for the same; keeps it in the cache. */
  readonly fetchToken: (request: FetchRequest, key: CacheKey) => Promise<AuthorizationToken>;
  /** True when asking AWS again now is no use: another process is at it, or it failed a moment ago. */
  readonly isRefreshPointless: (key: CacheKey) => Promise<boolean>;
  /** Words for a failure, loaded when needed: the two lines for stderr and the line for stdout. */
  readonly explain: (
    registry: string,
    problem: Problem,
  ) => Promise<{ lines: readonly string[]; stdout: string }>;
}

/** While a valid token is at hand, a pull waits for AWS no longer than this. */
const REFRESH_LIMIT_MS = 2000;

/** The helper for ECR registries. */
export function createHelper(parts: HelperParts): CredentialHelper {
  const { env, settings, cache, log, now } = parts;
  let shared: SharedConfig | undefined;
  const readShared = (): SharedConfig => {
    shared ??= parts.readShared();
    return shared;
  };

  /** Who asks for what: everything that a look into the cache needs. */
  async function resolve(registry: Registry, discover: Discover): Promise<Resolved> {
    requireUsable(settings);
    const endpoints = { env, shared: readShared(), profile: activeProfile(env) };
    const source = declareSource({ env, shared: endpoints.shared });
    const request = JSON.stringify([registry.service, tokenEndpoint(registry, endpoints)]);
    let identity: Identity;
    try {
      identity = await identify(source, env, discover);
    } catch (error) {
      throw source.kind === 'instance' ? nothingFound(error, endpoints) : error;
    }
    return { source, endpoints, key: { registry: registry.host, identity, request } };
  }

  async function token(registry: Registry): Promise<AuthorizationToken> {
    const { source, endpoints, key } = await resolve(registry, parts.discover);
    const cached = cache.read(key, now());
    const say = (decision: string): void => {
      if (log.isDebug)
        log.debug('get', {
          registry: registry.host,
          source: sourceName(source),
          identity: key.identity,
          request: key.request,
          cache: decision,
        });
    };
    if (cached !== undefined && now() < cached.refreshAt) {
      say('fresh');
      return cached;
    }
    const fetch = (limitMs: number): Promise<AuthorizationToken> =>
      parts.fetchToken({ registry, source, settings: endpoints, limitMs, log }, key);
    if (cached === undefined) {
      say('miss');
      return fetch(settings.timeoutMs);
    }
    say('stale');
    if (await parts.isRefreshPointless(key)) return cached;
    try {
      return await fetch(Math.min(REFRESH_LIMIT_MS, settings.timeoutMs));
    } catch (error) {
      if (cached.expiresAt <= now()) throw error;
      const { stdout } = await parts.explain(registry.host, problemOf(error));
      log.warn('cannot refresh the token, serving the cached one until it expires', {
        cause: stdout,
        expiresAt: cached.expiresAt,
      });
      return cached;
    }
  }

  /** A token that a client handed over serves only where no AWS credentials can be had. */
  function storedToken(registry: Registry, problem: Problem): AuthorizationToken | undefined {
    return WITHOUT_CREDENTIALS.has(problem.kind) ? cache.read(storedKey(registry), now()) : undefined;
  }

  async function refusal(registry: Registry, problem: Problem): Promise<Refusal> {
    const { lines, stdout } = await parts.explain(registry.host, problem);
    // ECR Public serves anonymous pulls, so a failure there is no reason to stop anybody.
    if (registry.service === 'ecr-public') {
      log.info(stdout);
      return new Refusal(CREDENTIALS_NOT_FOUND);
    }
    log.error(stdout);
    return new Refusal(settings.onError === 'fail' ? stdout : CREDENTIALS_NOT_FOUND, lines);
  }

  return {
    async get(serverUrl) {
      const registry = registryOf(serverUrl);
      if (registry === undefined) throw new Refusal(CREDENTIALS_NOT_FOUND);
      try {
        return credentials(serverUrl, await token(registry));
      } catch (error) {
        const problem = problemOf(error);
        const stored = storedToken(registry, problem);
        if (stored !== undefined) return credentials(serverUrl, stored);
        if (problem.kind === 'internal' && error instanceof Error) log.error(error.stack ?? error.message);
        throw await refusal(registry, problem);
      }
    },

    async store(message) {
      if (settings.ignoreStorage) return;
      const registry = registryOf(message.ServerURL);
      if (registry === undefined)
        throw new Refusal(
          'cannot store credentials: this helper is for Amazon ECR only; use "credHelpers" for ECR hosts, not "credsStore": "ecr-login"',
        );
      const stored =
        message.Username === ECR_USERNAME ? parseStoredPassword(message.Secret, now()) : undefined;
      if (stored === undefined) return;
      // `docker login` after a good `get` hands our own token back.
      const isOurs = cache
        .entries(now())
        .some((entry) => entry.key.identity !== STORED_IDENTITY && entry.token.password === stored.password);
      if (!isOurs) cache.write(storedKey(registry), stored, now());
    },

    async erase(serverUrl) {
      const registry = registryOf(serverUrl);
      if (registry !== undefined) cache.erase(registry.host);
    },

    async list() {
      const listed: Record<string, string> = {};
      for (const { key } of cache.entries(now())) {
        const registry = parseRegistry(key.registry);
        if (registry !== undefined && (await isCurrent(key, registry)))
          listed[`https://${key.registry}`] = ECR_USERNAME;
      }
      return listed;
    },
  };

  /** Whether `get` would serve this entry now, as far as can be told without a network. */
  async function isCurrent(key: CacheKey, registry: Registry): Promise<boolean> {
    try {
      const current = await resolve(registry, refuseToDiscover);
      return key.identity === current.key.identity && key.request === current.key.request;
    } catch (error) {
      return key.identity === STORED_IDENTITY && WITHOUT_CREDENTIALS.has(problemOf(error).kind);
    }
  }
}

interface Resolved {
  readonly source: Source;
  readonly endpoints: EndpointSettings;
  readonly key: CacheKey;
}

/** The failures that mean: no AWS credentials can be had, by nobody's mistake in a file. */
const WITHOUT_CREDENTIALS: ReadonlySet<Problem['kind']> = new Set<Problem['kind']>([
  'no-credentials',
  'sso-expired',
  'login-expired',
  'source-failed',
  'mfa-needed',
]);

function registryOf(serverUrl: string): Registry | undefined {
  const host = parseHost(serverUrl);
  return host === undefined ? undefined : parseRegistry(host);
}

/** ServerURL is the request as sent: testcontainers and Spring take it for the registry's address. */
function credentials(serverUrl: string, token: AuthorizationToken): Credentials {
  return { ServerURL: serverUrl, Username: token.username, Secret: token.password };
}

/** The token serves whoever asks for this registry, whatever the endpoint: it is not bound to one of ours. */
function storedKey(registry: Registry): CacheKey {
  return { registry: registry.host, identity: STORED_IDENTITY, request: registry.service };
}

/** Instance metadata is where the search ends; away from EC2 its silence means that nothing was found. */
function nothingFound(error: unknown, { env, shared, profile }: EndpointSettings): unknown {
  const problem = problemOf(error);
  if (problem.kind !== 'source-failed') return error;
  const tried = triedSources(env, shared, profile);
  return new HelperError(
    { kind: 'no-credentials', tried: [...tried.slice(0, -1), `instance metadata (${problem.reason})`] },
    { cause: error },
  );
}

/** `list` asks nobody. */
const refuseToDiscover: Discover = async (source) => {
  throw new HelperError({
    kind: 'setting-invalid',
    name: 'source',
    value: source.kind,
    wanted: 'one that is known without asking',
  });
};
