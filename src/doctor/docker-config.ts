// Owns the checks of the clients' own config files (Docker's, Podman's, finch's): misspelt keys, keys that no client matches,
// entries that shadow the helper, helpers that are missing. Must not change a file, and must not show what `auths` holds.
import { readFileSync } from 'node:fs';
import { editDistance, locate } from '../config/locate.ts';
import { parseAuthority, parseRegistry } from '../registry.ts';
import { errorCode, homeDirectory } from '../runtime.ts';
import { findOnPath } from './executables.ts';
import { broken, type Finding, ok, warning } from './finding.ts';

/** A client's config file. */
export interface ClientConfig {
  readonly client: 'docker' | 'podman' | 'finch';
  readonly path: string;
}

/** Where the clients keep their config, in the order in which they look. */
export function clientConfigs(env: NodeJS.ProcessEnv): ClientConfig[] {
  const home = homeDirectory(env);
  const docker = env.DOCKER_CONFIG || (home && `${home}/.docker`);
  const podman =
    env.REGISTRY_AUTH_FILE ||
    (env.XDG_RUNTIME_DIR && `${env.XDG_RUNTIME_DIR}/containers/auth.json`) ||
    undefined;
  const all: readonly (readonly [ClientConfig['client'], string | undefined])[] = [
    ['docker', docker && `${docker}/config.json`],
    ['podman', podman],
    ['podman', home && `${env.XDG_CONFIG_HOME || `${home}/.config`}/containers/auth.json`],
    ['finch', home && `${home}/.finch/config.json`],
  ];
  return all.flatMap(([client, path]) => (path ? [{ client, path }] : []));
}

/** The findings about every client's config; with a registry also whether Docker sends it to this helper. */
export function checkClientConfigs(env: NodeJS.ProcessEnv, registry?: string): Finding[] {
  const findings: Finding[] = [];
  if (env.DOCKER_AUTH_CONFIG)
    findings.push(
      warning(
        'DOCKER_AUTH_CONFIG is set: Docker takes its entries before it asks any helper',
        'unset DOCKER_AUTH_CONFIG where it names an ECR registry',
      ),
    );
  for (const config of clientConfigs(env)) {
    const content = readContent(config.path);
    if (content === undefined) {
      if (config.client === 'docker')
        findings.push(
          broken(
            `docker: ${config.path} does not exist, so Docker asks no helper`,
            configureCommand(registry),
          ),
        );
      continue;
    }
    if (!('value' in content)) findings.push(content);
    else findings.push(...checkContent(config, content.value, env, registry));
  }
  return findings;
}

/** The JSON of a file, undefined where there is none, or what is wrong with it. */
function readContent(path: string): { value: Record<string, unknown> } | Finding | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = errorCode(error);
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? undefined
      : broken(`cannot read ${path}: ${code}`, `ls -l ${path}`);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return { value };
  } catch {
    const { line, reason } = locate(text, { at: [], reason: 'syntax' });
    return broken(
      `cannot parse ${path}${line === undefined ? '' : `:${line}`}: ${reason}`,
      'mend the file; Docker ignores all of it until then',
    );
  }
  return broken(`${path} is not a JSON object`, 'mend the file');
}

function checkContent(
  { client, path }: ClientConfig,
  value: Record<string, unknown>,
  env: NodeJS.ProcessEnv,
  registry?: string,
): Finding[] {
  const helpers = isRecord(value.credHelpers) ? value.credHelpers : {};
  const findings = [
    ...Object.keys(value).flatMap((key) => checkKey(key, path)),
    ...Object.entries(helpers).flatMap(([key, helper]) => checkHelperEntry(key, helper, path, env)),
    ...checkStore(client, value.credsStore, path, env),
    ...checkAuths(isRecord(value.auths) ? value.auths : {}, helpers, path),
  ];
  if (client === 'docker' && registry !== undefined)
    findings.push(checkSent(registry, helpers, value.credsStore, path));
  const served = Object.entries(helpers).filter(([, helper]) => helper === 'ecr-login').length;
  if (findings.every(({ status }) => status === 'ok') && findings.length === 0)
    findings.push(
      ok(`${client}: ${path} sends ${served} ${served === 1 ? 'registry' : 'registries'} to this helper`),
    );
  return findings;
}

/** Keys that Docker knows and that are mistaken for one another. */
const KNOWN_KEYS = ['credHelpers', 'credsStore', 'auths'];
/** Misspellings further away than a slip of the keyboard. */
const MISTAKEN: Readonly<Record<string, string>> = {
  credentialHelpers: 'credHelpers',
  credentialsStore: 'credsStore',
  credentialStore: 'credsStore',
  credStores: 'credsStore',
};

function checkKey(key: string, path: string): Finding[] {
  const meant =
    MISTAKEN[key] ??
    KNOWN_KEYS.find((known) => known !== key && editDistance(key.toLowerCase(), known.toLowerCase()) <= 2);
  if (meant === undefined || KNOWN_KEYS.includes(key) || key === 'auth') return [];
  return [broken(`${path} has the key "${key}", which no client reads`, `call it "${meant}"`)];
}

function checkHelperEntry(key: string, helper: unknown, path: string, env: NodeJS.ProcessEnv): Finding[] {
  if (typeof helper !== 'string')
    return [broken(`${path}: credHelpers "${key}" is not the name of a helper`, 'write "ecr-login"')];
  const findings: Finding[] = [];
  const isOurs = helper === 'ecr-login' || /ecr-login/.test(helper);
  if (helper.startsWith('docker-credential-'))
    findings.push(
      broken(
        `${path}: credHelpers "${key}" names "${helper}", clients run docker-credential-${helper}`,
        `write "${helper.slice('docker-credential-'.length)}"`,
      ),
    );
  else if (findOnPath(`docker-credential-${helper}`, env).length === 0)
    findings.push(
      broken(
        `${path}: credHelpers "${key}" names a helper that is not on PATH: docker-credential-${helper}`,
        'install it, or remove the entry',
      ),
    );
  if (!isOurs) return findings;
  if (key.includes('*'))
    findings.push(
      broken(
        `${path}: credHelpers "${key}" is a pattern; clients compare names to the letter`,
        'name each registry: docker-credential-ecr-login configure',
      ),
    );
  else if (/^https?:\/\//i.test(key))
    findings.push(
      broken(
        `${path}: credHelpers "${key}" has a scheme; Docker asks for the host alone`,
        `call it "${key.replace(/^https?:\/\//i, '').replace(/\/.*$/, '')}"`,
      ),
    );
  else if (key.includes('/'))
    findings.push(
      broken(
        `${path}: credHelpers "${key}" has a path; Docker asks for the host alone`,
        `call it "${key.replace(/\/.*$/, '')}"`,
      ),
    );
  else if (key !== key.toLowerCase())
    findings.push(
      warning(
        `${path}: credHelpers "${key}" has upper-case letters; clients compare names to the letter`,
        `call it "${key.toLowerCase()}"`,
      ),
    );
  return findings;
}

function checkStore(client: string, store: unknown, path: string, env: NodeJS.ProcessEnv): Finding[] {
  if (typeof store !== 'string' || store === '') return [];
  if (findOnPath(`docker-credential-${store}`, env).length === 0)
    return [
      broken(
        `${path}: credsStore "${store}" is not on PATH: docker-credential-${store}`,
        'install it, or remove "credsStore"; clients fail for every registry until then',
      ),
    ];
  if (store !== 'ecr-login') return [];
  const ignored = client === 'podman' ? '; podman does not read it' : '';
  return [
    warning(
      `${path}: credsStore is ecr-login, so every registry goes through this helper${ignored}`,
      'use "credHelpers" for ECR, or set "fallback" in the config file of this helper: docker-credential-ecr-login configure --all',
    ),
  ];
}

function checkAuths(
  auths: Record<string, unknown>,
  helpers: Record<string, unknown>,
  path: string,
): Finding[] {
  return Object.entries(auths).flatMap(([key, entry]) => {
    const host = parseAuthority(key)?.host;
    const holdsSecret =
      isRecord(entry) &&
      ['auth', 'password', 'identitytoken'].some(
        (name) => typeof entry[name] === 'string' && entry[name] !== '',
      );
    if (host === undefined || parseRegistry(host) === undefined || !holdsSecret) return [];
    const shadows =
      helpers[host] === undefined
        ? 'and is used instead of the helper until it is gone'
        : 'and lies there in plain text';
    return [warning(`${path}: auths "${key}" holds an old token ${shadows}`, `docker logout ${host}`)];
  });
}

/** Docker's own choice: the entry of exactly this name, else the store. */
function checkSent(
  registry: string,
  helpers: Record<string, unknown>,
  store: unknown,
  path: string,
): Finding {
  const entry = Object.hasOwn(helpers, registry) ? helpers[registry] : undefined;
  if (entry === 'ecr-login') return ok(`docker: ${path} sends ${registry} to this helper`);
  if (entry === undefined && store === 'ecr-login')
    return ok(`docker: ${path} sends ${registry} to this helper, as its credsStore`);
  const instead =
    typeof entry === 'string'
      ? `to docker-credential-${entry}`
      : typeof store === 'string'
        ? `to docker-credential-${store}`
        : 'to no helper';
  return broken(`docker: ${path} sends ${registry} ${instead}`, configureCommand(registry));
}

function configureCommand(registry: string | undefined): string {
  return `docker-credential-ecr-login configure ${registry ?? '<registry>'}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
