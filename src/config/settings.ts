// Owns the settings of this program: environment variables, read once into one value that nobody changes.
// Must not be read twice, and must not fail: a setting that cannot be used is told as a problem, for `get` to report.
import { expandHome } from '../aws/shared-config.ts';
import { HelperError, type Problem } from '../errors.ts';
import { homeDirectory } from '../runtime.ts';

/** How much the log file gets; `warn` holds warnings and errors. */
export type LogLevel = 'off' | 'error' | 'warn' | 'info' | 'debug';

/** Every setting of the program, with defaults filled in. */
export interface Settings {
  /** Absolute directory of cache and log; undefined where there is neither a variable nor a home directory. */
  readonly directory: string | undefined;
  readonly cacheEnabled: boolean;
  /** `store` discards everything silently (the Go helper's `AWS_ECR_IGNORE_CREDS_STORAGE`). */
  readonly ignoreStorage: boolean;
  /** What a failed `get` for a private registry leaves on stdout: the sentinel, or the cause. */
  readonly onError: 'not-found' | 'fail';
  readonly logLevel: LogLevel;
  /** The limit of a whole `get`, in ms. */
  readonly timeoutMs: number;
  /** The first setting that cannot be used. */
  readonly problem?: Problem;
}

const LOG_LEVELS: readonly LogLevel[] = ['off', 'error', 'warn', 'info', 'debug'];
const DEFAULT_TIMEOUT_SECONDS = 20;

/** Reads the environment; the README's table of variables is checked against the names that stand here. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const problems: Problem[] = [];
  const onError = env.AWS_ECR_ON_ERROR || 'not-found';
  if (onError !== 'fail' && onError !== 'not-found')
    problems.push(invalid('AWS_ECR_ON_ERROR', onError, '"fail" or "not-found"'));
  const level = (env.AWS_ECR_LOG_LEVEL || 'warn').toLowerCase();
  const logLevel = LOG_LEVELS.find((known) => known === level);
  if (logLevel === undefined)
    problems.push(invalid('AWS_ECR_LOG_LEVEL', level, `one of ${LOG_LEVELS.join(', ')}`));
  const timeout = env.AWS_ECR_TIMEOUT || String(DEFAULT_TIMEOUT_SECONDS);
  const seconds = /^\d{1,3}(\.\d+)?$/.test(timeout) ? Number(timeout) : 0;
  if (seconds < 1 || seconds > 600)
    problems.push(invalid('AWS_ECR_TIMEOUT', timeout, 'a number of seconds from 1 to 600'));
  const problem = problems[0];
  return Object.freeze({
    directory: cacheDirectory(env),
    cacheEnabled: !isOn(env.AWS_ECR_DISABLE_CACHE),
    ignoreStorage: isOn(env.AWS_ECR_IGNORE_CREDS_STORAGE),
    onError: onError === 'fail' ? 'fail' : 'not-found',
    logLevel: logLevel ?? 'warn',
    timeoutMs: (seconds < 1 || seconds > 600 ? DEFAULT_TIMEOUT_SECONDS : seconds) * 1000,
    ...(problem === undefined ? {} : { problem }),
  });
}

/** Throws the first setting that cannot be used. */
export function requireUsable(settings: Settings): void {
  if (settings.problem !== undefined) throw new HelperError(settings.problem);
}

/** A switch is on for any value but nothing, `0`, `false` and `no`. */
function isOn(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false', 'no'].includes(value.toLowerCase());
}

/** `AWS_ECR_CACHE_DIR`, else `~/.ecr`; a relative path is refused, since the working directory belongs to strangers. */
function cacheDirectory(env: NodeJS.ProcessEnv): string | undefined {
  const home = homeDirectory(env);
  const directory = env.AWS_ECR_CACHE_DIR ? expandHome(env.AWS_ECR_CACHE_DIR, home) : home && `${home}/.ecr`;
  return directory !== undefined && /^(\/|[a-z]:[\\/]|\\\\)/i.test(directory) ? directory : undefined;
}

function invalid(name: string, value: string, wanted: string): Problem {
  return { kind: 'setting-invalid', name, value, wanted };
}
