// Owns the policy of the credential helper: what get, store, erase and list mean for ECR, and how a failure is told to which
// client. Must not touch disk or network itself, and must not know how a token is come by.
import type { Authorizer } from './authorize.ts';
import type { Discover } from './aws/identity.ts';
import type { Target } from './config/rules.ts';
import type { Settings } from './config/settings.ts';
import { HelperError, type Problem, problemOf } from './errors.ts';
import type { Log } from './log.ts';
import {
  CREDENTIALS_NOT_FOUND,
  type CredentialHelper,
  type Credentials,
  Refusal,
} from './protocol/messages.ts';
import type { Registry } from './registry.ts';
import { type AuthorizationToken, ECR_USERNAME, parseStoredPassword } from './token/authorization-token.ts';
import { type CacheKey, STORED_IDENTITY, type TokenCache } from './token/cache.ts';

/** Everything that the helper stands on. */
export interface HelperParts {
  readonly authorizer: Authorizer;
  readonly settings: Settings;
  readonly cache: TokenCache;
  readonly log: Log;
  /** The clock, in ms since 1970. */
  readonly now: () => number;
  /** Words for a failure: the two lines for stderr and the line for stdout. */
  readonly explain: (
    registry: string,
    problem: Problem,
  ) => Promise<{ lines: readonly string[]; stdout: string }>;
}

/** The failures that mean: no AWS credentials can be had, by nobody's mistake in a file. */
const WITHOUT_CREDENTIALS: ReadonlySet<Problem['kind']> = new Set<Problem['kind']>([
  'no-credentials',
  'sso-expired',
  'login-expired',
  'source-failed',
  'mfa-needed',
]);

/** The helper for ECR registries. */
export function createHelper({
  authorizer,
  settings,
  cache,
  log,
  now,
  explain,
}: HelperParts): CredentialHelper {
  return {
    async get(serverUrl) {
      const target = authorizer.target(serverUrl);
      if (target === undefined) throw new Refusal(CREDENTIALS_NOT_FOUND);
      try {
        return credentials(serverUrl, (await authorizer.authorize(target)).token);
      } catch (error) {
        const problem = problemOf(error);
        const stored = WITHOUT_CREDENTIALS.has(problem.kind)
          ? cache.read(storedKey(target.registry), now())
          : undefined;
        if (stored !== undefined) return credentials(serverUrl, stored);
        if (problem.kind === 'internal' && error instanceof Error) log.error(error.stack ?? error.message);
        throw await refusal(target, problem);
      }
    },

    async store(message) {
      if (settings.ignoreStorage) return;
      const target = authorizer.target(message.ServerURL);
      if (target === undefined)
        throw new Refusal(
          'cannot store credentials: this helper is for Amazon ECR only; name another helper for the rest in AWS_ECR_FALLBACK or as "fallback" in the config file, or use "credHelpers" for ECR hosts instead of "credsStore": "ecr-login"',
        );
      const stored =
        message.Username === ECR_USERNAME ? parseStoredPassword(message.Secret, now()) : undefined;
      if (stored === undefined) return;
      // `docker login` after a good `get` hands our own token back.
      const isOurs = cache
        .entries(now())
        .some(({ key, token }) => key.identity !== STORED_IDENTITY && token.password === stored.password);
      if (!isOurs) cache.write(storedKey(target.registry), stored, now());
    },

    async erase(serverUrl) {
      const target = authorizer.target(serverUrl);
      if (target !== undefined) cache.erase(target.registry.host);
    },

    async list() {
      const listed: Record<string, string> = {};
      for (const { key } of cache.entries(now())) {
        if (await isCurrent(key)) listed[`https://${key.registry}`] = ECR_USERNAME;
      }
      return listed;
    },
  };

  async function refusal({ registry }: Target, problem: Problem): Promise<Refusal> {
    const { lines, stdout } = await explain(registry.host, problem);
    // ECR Public serves anonymous pulls, so a failure there is no reason to stop anybody.
    if (registry.service === 'ecr-public') {
      log.info(stdout);
      return new Refusal(CREDENTIALS_NOT_FOUND);
    }
    log.error(stdout);
    return new Refusal(settings.onError === 'fail' ? stdout : CREDENTIALS_NOT_FOUND, lines);
  }

  /** Whether `get` would serve this entry now, as far as can be told without a network. */
  async function isCurrent(key: CacheKey): Promise<boolean> {
    const target = authorizer.target(key.registry);
    if (target === undefined) return false;
    try {
      const current = await authorizer.resolve(target, refuseToDiscover);
      return key.identity === current.key.identity && key.request === current.key.request;
    } catch (error) {
      return key.identity === STORED_IDENTITY && WITHOUT_CREDENTIALS.has(problemOf(error).kind);
    }
  }
}

/** ServerURL is the request as sent: testcontainers and Spring take it for the registry's address. */
function credentials(serverUrl: string, token: AuthorizationToken): Credentials {
  return { ServerURL: serverUrl, Username: token.username, Secret: token.password };
}

/** A stored token serves whoever asks for this registry, whatever the endpoint: it is bound to no identity of ours. */
function storedKey(registry: Registry): CacheKey {
  return { registry: registry.host, identity: STORED_IDENTITY, request: registry.service };
}

/**
 * `list` asks nobody, so instance metadata and processes count as silent: their own tokens stay unnamed, and a stored token is
 * named, for `get` serves it where they are silent in truth.
 */
const refuseToDiscover: Discover = async ({ kind }) => {
  throw new HelperError({ kind: 'source-failed', source: kind, reason: 'it is not asked' });
};
