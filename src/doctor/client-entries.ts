// Owns what can be wrong inside one client's config file: misspelt keys, names that no client asks for, helpers that are
// missing, logins that are left. Must not show what `auths` holds, and reads nothing but what it is given and PATH.
import { editDistance } from '../config/locate.ts';
import { findTarget, type Rule } from '../config/rules.ts';
import { findHelpers } from '../docker/search-path.ts';
import { parseAuthority, parseRegistry } from '../registry.ts';
import { PROGRAM } from '../version.ts';
import { broken, type Finding, warning } from './finding.ts';

/** A config file's content as far as it is looked at. */
export interface ClientContent {
  readonly client: 'docker' | 'podman' | 'finch';
  readonly path: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** What the entries are judged by. */
export interface Judgement {
  readonly env: NodeJS.ProcessEnv;
  /** Our own rules, by which other hosts may be ours; undefined where they cannot be read. */
  readonly rules: readonly Rule[] | undefined;
}

/** Everything that is wrong inside a file. */
export function checkEntries(content: ClientContent, judgement: Judgement): Finding[] {
  const { path, value } = content;
  return [
    ...Object.keys(value).flatMap((key) => checkKey(key, path)),
    ...shapeOf(value.credHelpers, 'credHelpers', path),
    ...shapeOf(value.auths, 'auths', path),
    ...Object.entries(recordOf(value.credHelpers)).flatMap(([key, helper]) =>
      checkHelper(key, helper, path, judgement),
    ),
    ...checkStore(content, judgement.env),
    ...checkAuths(content),
  ];
}

/** Keys that clients know and that are mistaken for one another. */
const KNOWN_KEYS = ['credHelpers', 'credsStore', 'auths'];
/** Misspellings further away than a slip of the keyboard. */
const MISTAKEN: Readonly<Record<string, string>> = {
  credentialHelpers: 'credHelpers',
  credentialsStore: 'credsStore',
  credentialStore: 'credsStore',
};

function checkKey(key: string, path: string): Finding[] {
  if (KNOWN_KEYS.includes(key)) return [];
  const meant =
    (Object.hasOwn(MISTAKEN, key) ? MISTAKEN[key] : undefined) ??
    KNOWN_KEYS.find((known) => editDistance(key.toLowerCase(), known.toLowerCase()) <= 2);
  return meant === undefined
    ? []
    : [broken(`${path} has the key "${key}", which no client reads`, `call it "${meant}"`)];
}

function shapeOf(value: unknown, key: string, path: string): Finding[] {
  return value === undefined || isRecord(value)
    ? []
    : [broken(`${path}: "${key}" is not an object`, `write "${key}": {}`)];
}

function checkHelper(key: string, helper: unknown, path: string, { env, rules }: Judgement): Finding[] {
  if (typeof helper !== 'string')
    return [broken(`${path}: credHelpers "${key}" is not the name of a helper`, 'write "ecr-login"')];
  // An empty name is Docker's way to ask no helper for one registry.
  if (helper === '') return [];
  const isForEcr = isEcrHost(parseAuthority(key)?.host ?? '', rules ?? [], env);
  const findings: Finding[] = [];
  if (helper.startsWith('docker-credential-'))
    findings.push(
      broken(
        `${path}: credHelpers "${key}" names "${helper}", so clients run docker-credential-${helper}`,
        `write "${helper.slice('docker-credential-'.length)}"`,
      ),
    );
  else if (helper !== 'ecr-login' && findHelpers(helper, env).length === 0)
    findings.push(
      broken(
        `${path}: credHelpers "${key}" names a helper that is not on PATH: docker-credential-${helper}`,
        isForEcr ? 'write "ecr-login"' : 'install it, or remove the entry',
      ),
    );
  if (!/ecr-login$/.test(helper)) return findings;
  return [...findings, ...checkName(key, path, rules, env)];
}

/** Clients compare the name of a registry to the letter: https://github.com/docker/cli/blob/master/cli/config/configfile/file.go */
function checkName(key: string, path: string, rules: Judgement['rules'], env: NodeJS.ProcessEnv): Finding[] {
  const entry = `${path}: credHelpers "${key}"`;
  const host = key
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/\/.*$/, '')
    .toLowerCase();
  const rename = `call it "${host}"`;
  if (key.includes('*') || key.includes('?'))
    return [
      broken(
        `${entry} is a pattern; clients compare names to the letter`,
        `name each registry: ${PROGRAM} configure`,
      ),
    ];
  if (/^https?:\/\//i.test(key))
    return [broken(`${entry} has a scheme; clients ask for the host alone`, rename)];
  if (key.includes('/')) return [broken(`${entry} has a path; clients ask for the host alone`, rename)];
  if (key !== key.trim()) return [broken(`${entry} has white space around it`, rename)];
  if (key !== host)
    return [warning(`${entry} has upper-case letters; clients compare names to the letter`, rename)];
  if (rules !== undefined && !isEcrHost(key, rules, env))
    return [
      warning(
        `${entry} is not a registry of Amazon ECR, so this helper has no answer for it`,
        'correct the name, remove the entry, or map the host in a rule of the config file',
      ),
    ];
  return [];
}

function isEcrHost(host: string, rules: readonly Rule[], env: NodeJS.ProcessEnv): boolean {
  const authority = parseAuthority(host);
  return authority !== undefined && findTarget(authority, rules, env) !== undefined;
}

function checkStore({ client, path, value }: ClientContent, env: NodeJS.ProcessEnv): Finding[] {
  const store = value.credsStore;
  if (store === undefined || store === '') return [];
  if (typeof store !== 'string')
    return [broken(`${path}: "credsStore" is not the name of a helper`, 'remove "credsStore"')];
  if (store !== 'ecr-login' && findHelpers(store, env).length === 0)
    return [
      broken(
        `${path}: credsStore "${store}" is not on PATH: docker-credential-${store}`,
        'install it, or remove "credsStore"; until then clients fail for every registry that no other entry names',
      ),
    ];
  // finch writes it so by itself.
  if (store !== 'ecr-login' || client === 'finch' || env.AWS_ECR_FALLBACK) return [];
  const ignored = client === 'podman' ? '; podman does not read it' : '';
  return [
    warning(
      `${path}: credsStore is ecr-login, so every registry goes through this helper${ignored}`,
      `name the ECR registries in "credHelpers", or let others be served by a fallback: ${PROGRAM} configure --all`,
    ),
  ];
}

function checkAuths({ client, path, value }: ClientContent): Finding[] {
  const helpers = recordOf(value.credHelpers);
  return Object.entries(recordOf(value.auths)).flatMap(([key, entry]) => {
    const host = parseAuthority(key)?.host;
    if (host === undefined || parseRegistry(host) === undefined || !holdsSecret(entry)) return [];
    const shadows =
      helpers[host] === undefined
        ? 'and is used instead of the helper until it is gone'
        : 'and lies there in plain text; some clients prefer it to the helper';
    return [
      warning(
        `${path}: auths "${key}" holds an old token ${shadows}`,
        client === 'podman' ? `podman logout --authfile ${path} ${key}` : `docker logout ${key}`,
      ),
    ];
  });
}

function holdsSecret(entry: unknown): boolean {
  return ['auth', 'password', 'identitytoken', 'registrytoken'].some((name) => {
    const value = recordOf(entry)[name];
    return typeof value === 'string' && value !== '';
  });
}

/** An object as a record, all else as an empty one. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

/** True for what JSON calls an object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
