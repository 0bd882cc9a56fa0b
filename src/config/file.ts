// Owns the config file: where it lies, and the step from its JSON to typed settings and rules. Published as `config.schema.json`.
// Must not guess: what it does not know is an error, because a misspelt rule would mean another identity.
import { readFileSync } from 'node:fs';
import { HelperError, type Problem } from '../errors.ts';
import { errorCode, homeDirectory, isAbsent } from '../runtime.ts';
import type { Rule } from './rules.ts';

/** What a config file may say; every key is optional. */
export interface ConfigFile {
  readonly registries?: readonly Rule[];
  readonly onError?: 'not-found' | 'fail';
  readonly timeout?: number;
  readonly logLevel?: string;
  readonly cache?: boolean;
  readonly cacheDir?: string;
  readonly ignoreCredsStorage?: boolean;
  readonly mfaCommand?: string;
  /** Name of the helper for hosts that are not ECR's: `osxkeychain` runs `docker-credential-osxkeychain`. */
  readonly fallback?: string;
}

/** Where a value stands: keys and indexes from the root, for finding its line. */
type ConfigPath = readonly (string | number)[];

/** The user's config file, then the system's; the first of the user's places that is set, whether the file exists or not. */
function configFilePaths(env: NodeJS.ProcessEnv): readonly string[] {
  const system =
    process.platform === 'win32'
      ? env.ProgramData && `${env.ProgramData}\\ecr-login\\config.json`
      : '/etc/ecr-login/config.json';
  return [userConfigFile(env), system].filter((path): path is string => Boolean(path));
}

/** This user's config file, whether it exists or not. */
export function userConfigFile(env: NodeJS.ProcessEnv): string | undefined {
  const home = homeDirectory(env);
  const named = env.AWS_ECR_CONFIG_FILE;
  if (named && !isAbsolute(named))
    throw new HelperError({
      kind: 'setting-invalid',
      name: 'AWS_ECR_CONFIG_FILE',
      value: named,
      wanted: 'an absolute path',
    });
  if (named) return named;
  // A relative XDG directory is invalid by its specification, and would lead into the working directory.
  if (env.XDG_CONFIG_HOME?.startsWith('/')) return `${env.XDG_CONFIG_HOME}/ecr-login/config.json`;
  return home && `${home}/.ecr/config.json`;
}

/** True for a path that does not depend on the working directory, which belongs to whoever wrote the repository in it. */
export function isAbsolute(path: string): boolean {
  return /^(\/|[a-z]:[\\/]|\\\\)/i.test(path);
}

/** The files' content, the user's over the system's, rules of the user first; throws `config-invalid` or `unreadable-file`. */
export function readConfigFiles(env: NodeJS.ProcessEnv): ConfigFile {
  const [user, system] = configFilePaths(env).map((path) =>
    readConfigFile(path, path === env.AWS_ECR_CONFIG_FILE),
  );
  if (system === undefined) return user ?? {};
  return { ...system, ...user, registries: [...(user?.registries ?? []), ...(system.registries ?? [])] };
}

function readConfigFile(path: string, isNamed: boolean): ConfigFile | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (!isNamed && isAbsent(path, error)) return undefined;
    const code = errorCode(error);
    throw new HelperError(
      {
        kind: 'unreadable-file',
        file: path,
        code: code || 'unknown error',
        ...(isNamed ? { namedBy: 'AWS_ECR_CONFIG_FILE' } : {}),
      },
      { cause: error },
    );
  }
  return parseConfigFile(text, path);
}

/** A config file's text as typed settings; throws `config-invalid`, which names the place. */
export function parseConfigFile(text: string, file: string): ConfigFile {
  const fail = (at: ConfigPath, reason: string, known?: readonly string[]): HelperError =>
    new HelperError({
      kind: 'config-invalid',
      file,
      at,
      reason,
      ...(known === undefined ? {} : { known }),
    } satisfies Problem);
  let value: unknown;
  try {
    value = JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch (error) {
    throw new HelperError({ kind: 'config-invalid', file, at: [], reason: 'syntax' }, { cause: error });
  }
  const config = checkObject(value, [], FILE, fail);
  const rules = config.registries;
  if (rules === undefined) return config as ConfigFile;
  return {
    ...(config as ConfigFile),
    registries: (rules as unknown[]).map((rule, index) => checkRule(rule, ['registries', index], fail)),
  };
}

type Fail = (at: ConfigPath, reason: string, known?: readonly string[]) => HelperError;
/** A check gives what a value must be, or undefined when it is. */
type Check = (value: unknown) => string | undefined;

const text: Check = (value) =>
  typeof value === 'string' && value !== '' ? undefined : 'a string that is not empty';
const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'true or false');
const pattern =
  (shape: RegExp, wanted: string): Check =>
  (value) =>
    typeof value === 'string' && shape.test(value) ? undefined : wanted;
const account = pattern(/^[0-9]{12}$/, 'a string of 12 digits');
const region = pattern(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'a region such as "eu-west-1"');
const roleArn = pattern(
  /^arn:[a-z0-9-]+:iam::[0-9]{12}:role\/\S+$/,
  'the ARN of a role, arn:aws:iam::<account>:role/<name>',
);
const endpoint = pattern(
  /^https?:\/\/[^\s@?#]+$/,
  'a URL that begins with https:// or http://, without user and query',
);

const FILE: Readonly<Record<string, Check>> = {
  $schema: text,
  registries: (value) => (Array.isArray(value) ? undefined : 'a list of rules'),
  onError: (value) => (value === 'fail' || value === 'not-found' ? undefined : '"fail" or "not-found"'),
  timeout: (value) =>
    typeof value === 'number' && value >= 1 && value <= 600 ? undefined : 'a number of seconds from 1 to 600',
  logLevel: pattern(/^(off|error|warn|info|debug)$/, 'one of off, error, warn, info, debug'),
  cache: flag,
  cacheDir: pattern(/^(~[\\/]|\/|[a-zA-Z]:[\\/])/, 'an absolute path, or one that begins with ~/'),
  ignoreCredsStorage: flag,
  mfaCommand: text,
  fallback: pattern(/^[A-Za-z0-9_.-]+$/, 'the name of a helper, such as "osxkeychain"'),
};

const RULE: Readonly<Record<string, Check>> = {
  match: (value) =>
    (typeof value === 'string' && value !== '') || isRecord(value)
      ? undefined
      : 'a host pattern, or an object with host, account, region',
  profile: text,
  roleArn,
  externalId: text,
  sessionName: pattern(/^[\w+=,.@-]{2,64}$/, '2 to 64 letters, digits or +=,.@_-'),
  mfaSerial: text,
  sourceProfile: text,
  account,
  region,
  endpoint,
  fips: flag,
  dualStack: flag,
};

const MATCH: Readonly<Record<string, Check>> = {
  host: text,
  account,
  region: pattern(/^[a-z0-9*?-]+$/, 'a region or a glob of one'),
};

function checkObject(
  value: unknown,
  at: ConfigPath,
  checks: Readonly<Record<string, Check>>,
  fail: Fail,
): Record<string, unknown> {
  if (!isRecord(value)) throw fail(at, 'must be an object');
  for (const [key, each] of Object.entries(value)) {
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
    if (check === undefined) throw fail([...at, key], `unknown key "${key}"`, Object.keys(checks));
    const wanted = check(each);
    if (wanted !== undefined) throw fail([...at, key], `"${key}" must be ${wanted}`);
  }
  return value;
}

function checkRule(value: unknown, at: ConfigPath, fail: Fail): Rule {
  const rule = checkObject(value, at, RULE, fail);
  if (rule.match === undefined) throw fail(at, 'a rule needs "match"');
  const match =
    typeof rule.match === 'string'
      ? { host: rule.match }
      : checkObject(rule.match, [...at, 'match'], MATCH, fail);
  if (Object.keys(match).length === 0)
    throw fail([...at, 'match'], '"match" must name a host, an account or a region');
  if (rule.profile !== undefined && (rule.roleArn !== undefined || rule.sourceProfile !== undefined))
    throw fail(
      [...at, 'profile'],
      '"profile" cannot stand beside "roleArn": the profile whose credentials take on the role is "sourceProfile"',
    );
  for (const key of ['externalId', 'sessionName', 'mfaSerial', 'sourceProfile'])
    if (rule[key] !== undefined && rule.roleArn === undefined)
      throw fail([...at, key], `"${key}" needs "roleArn" beside it`);
  if (rule.account !== undefined) checkMapping(rule, match as Rule['match'], at, fail);
  return { ...rule, match } as Rule;
}

/** `account` says: this host stands for a registry. Then it must be named in full, and its region must be known. */
function checkMapping(rule: Record<string, unknown>, match: Rule['match'], at: ConfigPath, fail: Fail): void {
  if (rule.region === undefined) throw fail([...at, 'account'], '"account" needs "region" beside it');
  if (match.host === undefined || /[*?/]/.test(match.host))
    throw fail([...at, 'match'], 'a rule with "account" maps a host, so "match" must name that host in full');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
