// Owns the reading of ~/.aws/config and ~/.aws/credentials into profiles, SSO sessions and services, once per process.
// Follows https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html. Must not decide which profile is used.
import { readFileSync } from 'node:fs';
import { HelperError } from '../errors.ts';
import { errorCode, homeDirectory, isAbsent } from '../runtime.ts';
import { type IniFile, type IniSection, parseIni } from './ini.ts';

/** The shared config as one value; keys of a profile from the credentials file win over those from the config file. */
export interface SharedConfig {
  readonly profiles: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly ssoSessions: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** `[services x]`: service (such as `ecr`) to its settings. */
  readonly services: ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, string>>>;
  /** The two paths looked at, in reading order, for messages. */
  readonly files: readonly string[];
}

/** The paths of the config file and the credentials file; no home directory and no variable leaves none. */
export function sharedConfigPaths(env: NodeJS.ProcessEnv): { config?: string; credentials?: string } {
  const home = homeDirectory(env);
  const config = env.AWS_CONFIG_FILE || (home && `${home}/.aws/config`);
  const credentials = env.AWS_SHARED_CREDENTIALS_FILE || (home && `${home}/.aws/credentials`);
  return {
    ...(config ? { config: expandHome(config, home) } : {}),
    ...(credentials ? { credentials: expandHome(credentials, home) } : {}),
  };
}

/** Reads both files; an absent file is an empty one, a file that cannot be read or parsed is an error with its name. */
export function readSharedConfig(env: NodeJS.ProcessEnv): SharedConfig {
  const paths = sharedConfigPaths(env);
  const profiles = new Map<string, Map<string, string>>();
  const ssoSessions = new Map<string, ReadonlyMap<string, string>>();
  const services = new Map<string, IniSection['nested']>();
  const config = readIniFile(paths.config);
  const hasProfileDefault = [...config.keys()].some(
    (header) => splitHeader(header).join(' ') === 'profile default',
  );
  for (const [header, section] of config) {
    const [type, name] = splitHeader(header);
    if (type === 'profile' && name !== undefined) merge(profiles, name, section.values);
    else if (type === 'sso-session' && name !== undefined) ssoSessions.set(name, section.values);
    else if (type === 'services' && name !== undefined) services.set(name, section.nested);
    // `[profile default]` wins over `[default]` where a file holds both.
    else if (header === 'default' && !hasProfileDefault) merge(profiles, 'default', section.values);
  }
  for (const [header, { values }] of readIniFile(paths.credentials)) {
    // Keys are one thing: a session token that the config file holds beside other keys would spoil these.
    if (values.has('aws_access_key_id')) for (const key of KEY_SETTINGS) profiles.get(header)?.delete(key);
    merge(profiles, header, values);
  }
  return {
    profiles,
    ssoSessions,
    services,
    files: [paths.config, paths.credentials].filter((path) => path !== undefined),
  };
}

const KEY_SETTINGS: readonly string[] = ['aws_access_key_id', 'aws_secret_access_key', 'aws_session_token'];

function readIniFile(path: string | undefined): IniFile {
  if (path === undefined) return new Map();
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isAbsent(path, error)) return new Map();
    const code = errorCode(error);
    throw new HelperError(
      { kind: 'unreadable-file', file: path, code: code || 'unknown error' },
      { cause: error },
    );
  }
  return parseIni(text, path);
}

/** `profile "my name"` → `profile`, `my name`; the AWS CLI takes the name with or without quotes. */
function splitHeader(header: string): [type: string, name: string | undefined] {
  const match = /^([a-z-]+) (?:"(.*)"|'(.*)'|(.*))$/.exec(header);
  return match === null ? [header, undefined] : [match[1] ?? '', match[2] ?? match[3] ?? match[4]];
}

function merge(
  into: Map<string, Map<string, string>>,
  name: string,
  values: ReadonlyMap<string, string>,
): void {
  const profile = into.get(name) ?? new Map<string, string>();
  for (const [key, value] of values) profile.set(key, value);
  into.set(name, profile);
}

/** A leading `~/` in a path, as shells and the AWS CLI read it. */
export function expandHome(path: string, home: string | undefined): string {
  return home !== undefined && (path === '~' || path.startsWith('~/') || path.startsWith('~\\'))
    ? `${home}${path.slice(1)}`
    : path;
}
