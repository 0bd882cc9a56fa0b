// Owns what a program gets that imports this package: `getCredentials`, its options, its result and its errors.
// Must not print, end the process, ask a person, or keep anything from one call to the next but in the cache that is given.
// Its types name nothing but `errors.ts`, so that the published declarations are these two files.
import { declareSource } from './aws/declare.ts';
import { type Source, sourceName } from './aws/source.ts';
import { compose } from './compose.ts';
import { HelperError, type Problem, problemOf } from './errors.ts';
import { explain } from './explain.ts';
import { givenCache, givenLog } from './library-parts.ts';

export { HelperError, type Problem };

/** How a credential may be come by; everything is optional. */
export interface GetCredentialsOptions {
  /** Ends whatever is under way; the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Hears what would stand in the log file; never a secret. `console` is one. Without it nothing is written anywhere. */
  readonly logger?: Logger | undefined;
  /** Where tokens are kept: by default the files that the credential helper uses, `false` for nowhere, or a store such as a `Map`. */
  readonly cache?: CredentialsCache | false | undefined;
  /** The environment to read settings from; `process.env` by default. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** The AWS profile to use, over every registry rule and all that the environment declares. */
  readonly profile?: string | undefined;
}

/** A credential for a registry. */
export interface EcrCredentials {
  /** The registry as it was asked for. */
  readonly serverUrl: string;
  readonly username: string;
  /** The secret. */
  readonly password: string;
  readonly expiresAt: Date;
  readonly registry: EcrRegistry;
  /** Whose it is, in words: `profile "dev" (role arn:aws:iam::…)`. */
  readonly source: string;
  /** True when AWS was not asked for it. */
  readonly isFromCache: boolean;
}

/** What a registry's name, or the rule that maps it, tells. */
export interface EcrRegistry {
  readonly host: string;
  readonly service: 'ecr' | 'ecr-public';
  /** 12 digits; absent for ECR Public. */
  readonly accountId?: string;
  readonly region: string;
}

/** Takes lines of a log; what is absent is not written. */
export interface Logger {
  error?(message: string, fields?: LogFields): void;
  warn?(message: string, fields?: LogFields): void;
  info?(message: string, fields?: LogFields): void;
  debug?(message: string, fields?: LogFields): void;
}

/** What stands beside a message. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** A store of tokens; `Map<string, CachedToken>` is one. A call that throws counts as a miss. */
export interface CredentialsCache {
  get(key: string): CachedToken | undefined;
  set(key: string, token: CachedToken): unknown;
}

/** A token in a store; times in ms since 1970. It holds the secret. */
export interface CachedToken {
  readonly username: string;
  readonly password: string;
  readonly requestedAt: number;
  readonly refreshAt: number;
  readonly expiresAt: number;
}

/** A failure in words: `message` is the cause, `hint` the next command or deed, `problem` the same for programs. */
export class CredentialsError extends HelperError {
  /** The registry as it was asked for. */
  readonly serverUrl: string;
  readonly hint: string;

  constructor(serverUrl: string, problem: Problem, options?: { cause?: unknown }) {
    super(problem, options);
    const { cause, hint } = explain(problem);
    this.name = 'CredentialsError';
    this.message = cause;
    this.hint = hint;
    this.serverUrl = serverUrl;
  }
}

/**
 * The credential of an ECR registry, from the cache or from AWS, by the same settings, rules and precedence as the credential
 * helper. Rejects with a {@link CredentialsError}, or with the reason of an aborted `signal`.
 */
export async function getCredentials(
  registry: string,
  options: GetCredentialsOptions = {},
): Promise<EcrCredentials> {
  const { signal, profile } = options;
  signal?.throwIfAborted();
  try {
    return await untilAborted(authorize(registry, options), signal);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    const problem = problemOf(error);
    // Nothing was declared for a registry by a rule here: the caller has named the profile.
    throw new CredentialsError(
      registry,
      problem.kind === 'profile-invalid' && problem.profile === profile
        ? { ...problem, reason: problem.reason.replace('a registry rule names it, but ', '') }
        : problem,
      { cause: error },
    );
  }
}

async function authorize(
  serverUrl: string,
  { signal, logger, cache, env = process.env, profile }: GetCredentialsOptions,
): Promise<EcrCredentials> {
  // A copy: a call sees one environment, and what is remembered for an environment ends with the call.
  const own: NodeJS.ProcessEnv = { ...env, ...(profile === undefined ? {} : { AWS_PROFILE: profile }) };
  const log = givenLog(logger);
  const program = compose(own, {
    log,
    ...(cache === undefined ? {} : { cache: givenCache(cache, log) }),
    ...(signal === undefined ? {} : { signal }),
  });
  const target = program.authorizer.target(serverUrl);
  if (target === undefined) throw new HelperError({ kind: 'not-ecr', host: serverUrl });
  const source = profile === undefined ? undefined : await profileSource(profile, own);
  const { token, resolved, decision } = await program.authorizer.authorize(target, {
    interactive: false,
    ...(source === undefined ? {} : { source }),
  });
  const { host, service, accountId, region } = target.registry;
  return {
    serverUrl,
    username: token.username,
    password: token.password,
    expiresAt: new Date(token.expiresAt),
    registry: { host, service, region, ...(accountId === undefined ? {} : { accountId }) },
    source: sourceName(resolved.source),
    isFromCache: decision !== 'fetched',
  };
}

async function profileSource(profile: string, env: NodeJS.ProcessEnv): Promise<Source> {
  const { readSharedConfig } = await import('./aws/shared-config.ts');
  return declareSource({ env, shared: readSharedConfig(env), ruleProfile: profile });
}

/** The work's end, or the signal's reason; a signal that serves many calls must not gather a listener from each. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  let listener: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    listener = () => reject(signal.reason);
    signal.addEventListener('abort', listener, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (listener !== undefined) signal.removeEventListener('abort', listener);
  }
}
