// Owns the settings of this program: environment variables over the config files, read once into one value that nobody changes.
// Must not be read twice, and must not fail: a setting that cannot be used is told as a problem, for `get` to report.
import { expandHome } from '../aws/shared-config.ts';
import { HelperError, type Problem, problemOf } from '../errors.ts';
import { homeDirectory } from '../runtime.ts';
import { type ConfigFile, isAbsolute, readConfigFiles } from './file.ts';
import type { Rule } from './rules.ts';

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
  /** A command that prints the MFA code. */
  readonly mfaCommand: string | undefined;
  /** Name of the helper that serves the hosts that are not ECR's. */
  readonly fallback: string | undefined;
  readonly rules: readonly Rule[];
  /** The first setting that cannot be used. */
  readonly problem?: Problem;
}

const LOG_LEVELS: readonly LogLevel[] = ['off', 'error', 'warn', 'info', 'debug'];
const DEFAULT_TIMEOUT_SECONDS = 20;

/** Reads environment and config files; the README's table of variables is checked against the names that stand here. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const problems: Problem[] = [];
  const file = attempt(() => readConfigFiles(env), problems) ?? {};
  const settings = {
    directory: cacheDirectory(env, file, problems),
    cacheEnabled: env.AWS_ECR_DISABLE_CACHE ? !isOn(env.AWS_ECR_DISABLE_CACHE) : (file.cache ?? true),
    ignoreStorage: env.AWS_ECR_IGNORE_CREDS_STORAGE
      ? isOn(env.AWS_ECR_IGNORE_CREDS_STORAGE)
      : (file.ignoreCredsStorage ?? false),
    onError: onError(env.AWS_ECR_ON_ERROR || file.onError || 'not-found', problems),
    logLevel: logLevel(env.AWS_ECR_LOG_LEVEL || file.logLevel || 'warn', problems),
    timeoutMs: timeout(env.AWS_ECR_TIMEOUT || String(file.timeout ?? DEFAULT_TIMEOUT_SECONDS), problems),
    mfaCommand: env.AWS_ECR_MFA_COMMAND || file.mfaCommand,
    fallback: fallback(env.AWS_ECR_FALLBACK || file.fallback, problems),
    rules: file.registries ?? [],
  };
  const [problem] = problems;
  return Object.freeze(problem === undefined ? settings : { ...settings, problem });
}

/** Throws the first setting that cannot be used. */
export function requireUsable(settings: Settings): void {
  if (settings.problem !== undefined) throw new HelperError(settings.problem);
}

/** A switch is on for any value but nothing, `0`, `false` and `no`. */
export function isOn(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false', 'no'].includes(value.toLowerCase());
}

function attempt<T>(read: () => T, problems: Problem[]): T | undefined {
  try {
    return read();
  } catch (error) {
    problems.push(problemOf(error));
    return undefined;
  }
}

/** `AWS_ECR_CACHE_DIR`, the config file's `cacheDir`, else `~/.ecr`. */
function cacheDirectory(env: NodeJS.ProcessEnv, file: ConfigFile, problems: Problem[]): string | undefined {
  const home = homeDirectory(env);
  const named = env.AWS_ECR_CACHE_DIR || file.cacheDir;
  const directory = named ? expandHome(named, home) : home && `${home}/.ecr`;
  if (directory === undefined || isAbsolute(directory)) return directory;
  // A HOME that is no path is the system's doing and means: no disk. A variable of ours is somebody's mistake.
  if (named)
    problems.push(invalid('AWS_ECR_CACHE_DIR', named, 'an absolute path, or one that begins with ~/'));
  return undefined;
}

function onError(value: string, problems: Problem[]): Settings['onError'] {
  if (value === 'fail' || value === 'not-found') return value;
  problems.push(invalid('AWS_ECR_ON_ERROR', value, '"fail" or "not-found"'));
  return 'not-found';
}

function logLevel(value: string, problems: Problem[]): LogLevel {
  const level = LOG_LEVELS.find((known) => known === value.toLowerCase());
  if (level === undefined)
    problems.push(invalid('AWS_ECR_LOG_LEVEL', value, `one of ${LOG_LEVELS.join(', ')}`));
  return level ?? 'warn';
}

function timeout(value: string, problems: Problem[]): number {
  const seconds = /^\d{1,3}(\.\d+)?$/.test(value) ? Number(value) : 0;
  if (seconds >= 1 && seconds <= 600) return seconds * 1000;
  problems.push(invalid('AWS_ECR_TIMEOUT', value, 'a number of seconds from 1 to 600'));
  return DEFAULT_TIMEOUT_SECONDS * 1000;
}

function fallback(value: string | undefined, problems: Problem[]): string | undefined {
  // A path would let a setting choose the program; a name is looked up on PATH like Docker's own `credsStore`.
  if (value === undefined || value === '' || /^[A-Za-z0-9_.-]+$/.test(value)) return value || undefined;
  problems.push(invalid('AWS_ECR_FALLBACK', value, 'the name of a helper, such as "osxkeychain"'));
  return undefined;
}

function invalid(name: string, value: string, wanted: string): Problem {
  return { kind: 'setting-invalid', name, value, wanted };
}
