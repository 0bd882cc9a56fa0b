// Owns the way from a registry to an authorization token: whose identity, which endpoint, which cached token still serves,
// and when AWS is asked. Must not know Docker's protocol, and must not touch disk or network itself: all of it is handed in.
import { profileOfAccount } from './aws/auto-profile.ts';
import { activeProfile, declareSource, triedSources } from './aws/declare.ts';
import { type EndpointSettings, safeUrl, tokenEndpoint } from './aws/endpoint.ts';
import { type Discover, identify, urlFingerprint } from './aws/identity.ts';
import type { SharedConfig } from './aws/shared-config.ts';
import { type Source, sourceName } from './aws/source.ts';
import { findTarget, ruleName, type Target } from './config/rules.ts';
import { requireUsable, type Settings } from './config/settings.ts';
import { HelperError, type Problem, problemOf } from './errors.ts';
import type { Log } from './log.ts';
import { parseAuthority } from './registry.ts';
import type { AuthorizationToken } from './token/authorization-token.ts';
import type { CacheKey, TokenCache } from './token/cache.ts';
import type { FetchRequest } from './token/fetch/fetch.ts';

/** Everything that an authorizer stands on. */
export interface AuthorizerParts {
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
  readonly fetchToken: (
    request: FetchRequest,
    key: CacheKey,
    wanted: WantedToken,
  ) => Promise<AuthorizationToken>;
  /** True when asking AWS again now is no use: another process is at it, or it failed a moment ago. */
  readonly isRefreshPointless: (key: CacheKey) => Promise<boolean>;
  /** A failure in one line, for the log. */
  readonly tell: (registry: string, problem: Problem) => Promise<string>;
}

/** What will do besides a token that AWS gives now. */
export interface WantedToken {
  /** True when no older token will do, however fresh. */
  readonly isForced?: boolean;
  /** A valid token that is given instead of waiting for another process. */
  readonly inHand?: AuthorizationToken;
}

/** What a registry rule, the environment and the shared config declare for a target, before anybody is asked. */
export interface Declared {
  readonly target: Target;
  readonly source: Source;
  readonly endpoints: EndpointSettings;
}

/** A declaration with its place in the cache. */
export interface Resolved extends Declared {
  readonly key: CacheKey;
}

/** How a token came about: from the cache in its first half of life, in its second, or from AWS just now. */
export type Decision = 'fresh' | 'stale' | 'fetched';

/** A token, who it belongs to, and how it came about. */
export interface Authorization {
  readonly token: AuthorizationToken;
  readonly resolved: Resolved;
  readonly decision: Decision;
}

/** Turns server URLs into targets and targets into tokens; throws {@link HelperError}. */
export interface Authorizer {
  /** The registry behind a server URL, by its own form or by a rule, or undefined when it is not ours. */
  target(serverUrl: string): Target | undefined;
  declare(target: Target, source?: Source): Declared;
  /** Adds the identity; `discover` may be one that refuses, for those who must not ask anybody. */
  resolve(target: Target, discover?: Discover, source?: Source): Promise<Resolved>;
  authorize(target: Target, options?: AuthorizeOptions): Promise<Authorization>;
}

/** How a token may be come by. */
export interface AuthorizeOptions {
  /** `always` asks AWS whatever the cache holds; the default is `when-needed`. */
  readonly fetch?: 'always' | 'when-needed';
  /** Whose token it shall be, where the caller knows it: over every rule and all that the environment declares. */
  readonly source?: Source;
  /** Whether a person may be asked; by default only where no valid token is at hand. */
  readonly interactive?: boolean;
}

/** While a valid token is at hand, a pull waits for AWS no longer than this. */
const REFRESH_LIMIT_MS = 2000;

/** The authorizer over its parts. */
export function createAuthorizer(parts: AuthorizerParts): Authorizer {
  const { env, settings, cache, log, now } = parts;
  let sharedConfig: SharedConfig | undefined;

  function shared(): SharedConfig {
    sharedConfig ??= parts.readShared();
    return sharedConfig;
  }

  function declare(target: Target, given?: Source): Declared {
    requireUsable(settings);
    const { registry, rule } = target;
    const endpointsOf = (profile: string): EndpointSettings => ({
      env,
      shared: shared(),
      profile,
      ...(rule?.endpoint === undefined ? {} : { endpoint: rule.endpoint }),
    });
    if (given !== undefined) return { target, source: given, endpoints: endpointsOf(activeProfile(env)) };
    const profile =
      rule?.profile === 'auto'
        ? profileOfAccount(registry.accountId ?? '', shared())
        : (rule?.profile ?? rule?.sourceProfile);
    const source = declareSource({
      env,
      shared: shared(),
      ...(profile === undefined ? {} : { ruleProfile: profile }),
    });
    return {
      target,
      source: rule?.roleArn === undefined ? source : ruleRole(rule.roleArn, source, target),
      endpoints: endpointsOf(profile ?? activeProfile(env)),
    };
  }

  async function resolve(
    target: Target,
    discover: Discover = parts.discover,
    given?: Source,
  ): Promise<Resolved> {
    const declared = declare(target, given);
    const { source, endpoints } = declared;
    const { registry } = target;
    const endpoint = tokenEndpoint(registry, endpoints);
    const url = endpoint.url === undefined ? {} : { url: urlFingerprint(endpoint.url).join(' ') };
    const request = JSON.stringify([registry.service, { ...endpoint, ...url }]);
    try {
      return {
        ...declared,
        key: { registry: registry.host, identity: await identify(source, env, discover), request },
      };
    } catch (error) {
      throw source.kind === 'instance' ? nothingFound(error, endpoints) : error;
    }
  }

  async function authorize(target: Target, options: AuthorizeOptions = {}): Promise<Authorization> {
    const resolved = await resolve(target, parts.discover, options.source);
    const { source, endpoints, key } = resolved;
    const cached = options.fetch === 'always' ? undefined : cache.read(key, now());
    const outcome = (token: AuthorizationToken, decision: Decision): Authorization => ({
      token,
      resolved,
      decision,
    });
    const fetch = (
      limitMs: number,
      interactive: boolean,
      inHand?: AuthorizationToken,
    ): Promise<AuthorizationToken> => {
      const { registry } = target;
      const asked = settings.mfaCommand === undefined ? {} : { mfaCommand: settings.mfaCommand };
      return parts.fetchToken(
        { registry, source, settings: endpoints, limitMs, log, interactive, ...asked },
        key,
        { isForced: options.fetch === 'always', ...(inHand === undefined ? {} : { inHand }) },
      );
    };
    if (cached !== undefined && now() < cached.refreshAt) {
      say(resolved, 'hit');
      return outcome(cached, 'fresh');
    }
    if (cached === undefined) {
      say(resolved, 'miss');
      // ECR Public serves whoever asks nobody for anything, so no person is to be asked for its sake.
      const isPrivate = target.registry.service === 'ecr';
      return outcome(await fetch(settings.timeoutMs, options.interactive ?? isPrivate), 'fetched');
    }
    say(resolved, 'stale');
    if (await parts.isRefreshPointless(key)) return outcome(cached, 'stale');
    try {
      const limitMs = Math.min(REFRESH_LIMIT_MS, settings.timeoutMs);
      const token = await fetch(limitMs, options.interactive ?? false, cached);
      return outcome(token, token === cached ? 'stale' : 'fetched');
    } catch (error) {
      if (cached.expiresAt <= now()) throw error;
      const cause = await parts.tell(target.registry.host, problemOf(error));
      log.warn('cannot refresh the token, serving the cached one until it expires', {
        cause,
        expiresAt: cached.expiresAt,
      });
      return outcome(cached, 'stale');
    }
  }

  /** The one line that says why this identity: rule → source → identity → endpoint → cache. */
  function say({ target, source, endpoints, key }: Resolved, decision: string): void {
    if (!log.isDebug) return;
    const { url, region, fips, dualStack } = tokenEndpoint(target.registry, endpoints);
    log.debug('get', {
      registry: target.registry.host,
      rule: target.rule === undefined ? 'none' : ruleName(target.rule),
      source: sourceName(source),
      identity: key.identity,
      endpoint:
        url === undefined
          ? `${target.registry.service} ${region}${fips ? ' fips' : ''}${dualStack ? ' dual-stack' : ''}`
          : safeUrl(url),
      cache: decision,
    });
  }

  return {
    target(serverUrl) {
      const authority = parseAuthority(serverUrl);
      return authority === undefined ? undefined : findTarget(authority, settings.rules, env);
    },
    declare,
    resolve,
    authorize,
  };
}

/** A rule's role over whatever the rule or the environment declares. */
function ruleRole(roleArn: string, base: Source, { rule }: Target): Source {
  return {
    kind: 'role',
    profile: rule?.sourceProfile ?? '',
    roleArn,
    base,
    ...(rule?.externalId === undefined ? {} : { externalId: rule.externalId }),
    ...(rule?.sessionName === undefined ? {} : { sessionName: rule.sessionName }),
    ...(rule?.mfaSerial === undefined ? {} : { mfaSerial: rule.mfaSerial }),
  };
}

/** Instance metadata is where the search ends; away from EC2 its silence means that nothing was found. */
function nothingFound(error: unknown, { env, shared, profile }: EndpointSettings): unknown {
  const problem = problemOf(error);
  if (problem.kind !== 'source-failed') return error;
  const tried = [...triedSources(env, shared, profile).slice(0, -1), `instance metadata (${problem.reason})`];
  const hint = problem.hint === undefined ? {} : { hint: problem.hint };
  return new HelperError({ kind: 'no-credentials', tried, ...hint }, { cause: error });
}
