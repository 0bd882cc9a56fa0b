// Owns the check of the clients' config files (Docker's, Podman's, finch's): which there are, whether they can be read, and
// whom each client asks for a registry. What stands inside is judged by `client-entries.ts`. Must not change a file.
import { readFileSync } from 'node:fs';
import { editDistance, locate } from '../config/locate.ts';
import { containersAuthPath, dockerConfigPath, sessionAuthPath } from '../docker/config-paths.ts';
import { environmentLogins } from '../docker/shadows.ts';
import { parseAuthority } from '../registry.ts';
import { errorCode, homeDirectory } from '../runtime.ts';
import { PROGRAM } from '../version.ts';
import { type ClientContent, checkEntries, isRecord, type Judgement, recordOf } from './client-entries.ts';
import { broken, type Finding, ok, warning } from './finding.ts';

type ClientFile = Pick<ClientContent, 'client' | 'path'>;

/** Where the clients keep their config, in the order in which Podman looks. */
function clientFiles(env: NodeJS.ProcessEnv): ClientFile[] {
  const home = homeDirectory(env);
  const all: readonly (readonly [ClientFile['client'], string | undefined])[] = [
    ['podman', sessionAuthPath(env)],
    ['podman', containersAuthPath(env)],
    ['docker', dockerConfigPath(env)],
    ['finch', home && `${home}/.finch/config.json`],
  ];
  return all.flatMap(([client, path]) => (path ? [{ client, path }] : []));
}

/** The findings about every client's config; with a registry also whom each client asks for it. */
export function checkClients(judgement: Judgement, registry?: string): Finding[] {
  const { env } = judgement;
  const hosts = registry === undefined ? [] : [parseAuthority(registry)?.host ?? registry];
  const findings = environmentLogins(env, hosts).map(({ cause, hint }) => warning(cause, hint));
  const contents: ClientContent[] = [];
  let isUnreadable = false;
  for (const file of clientFiles(env)) {
    const read = readContent(file.path);
    if (read === undefined) continue;
    if ('value' in read) contents.push({ ...file, value: read.value });
    else {
      isUnreadable = true;
      findings.push(read);
    }
  }
  findings.push(...checkFinchYaml(env));
  for (const content of contents) {
    const flaws = checkEntries(content, judgement);
    findings.push(...(flaws.length === 0 ? [served(content)] : flaws));
  }
  if (!contents.some(({ client }) => client === 'docker') && !isUnreadable)
    findings.push(withoutDocker(env, contents, registry));
  if (registry !== undefined) findings.push(...checkAsked(contents, registry));
  return findings;
}

/** The registries of the user's Docker config that this helper serves. */
export function configuredRegistries(env: NodeJS.ProcessEnv): string[] {
  const read = readContent(dockerConfigPath(env) ?? '');
  if (read === undefined || !('value' in read)) return [];
  return Object.entries(recordOf(read.value.credHelpers)).flatMap(([host, helper]) =>
    helper === 'ecr-login' ? [host] : [],
  );
}

function served({ client, path, value }: ClientContent): Finding {
  const count = Object.values(recordOf(value.credHelpers)).filter((helper) => helper === 'ecr-login').length;
  return ok(`${client}: ${path} sends ${count} ${count === 1 ? 'registry' : 'registries'} to this helper`);
}

function withoutDocker(
  env: NodeJS.ProcessEnv,
  contents: readonly ClientContent[],
  registry: string | undefined,
): Finding {
  const path = dockerConfigPath(env) ?? '~/.docker/config.json';
  if (contents.some(({ value }) => Object.values(recordOf(value.credHelpers)).includes('ecr-login')))
    return ok(`docker: ${path} does not exist`);
  return broken(`docker: ${path} does not exist, so Docker asks no helper`, configureCommand(registry));
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
      : broken(`cannot read ${path}: ${code}`, `make it readable for this user: ls -l ${path}`);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return { value };
  } catch {
    const { line, reason } = locate(text, { at: [], reason: 'syntax' });
    return broken(
      `cannot parse ${path}${line === undefined ? '' : `:${line}`}: ${reason}`,
      'mend the file; clients stop at it, or ignore all of it',
    );
  }
  return broken(`${path} is not a JSON object`, 'mend the file; it must begin with { and end with }');
}

/** Docker takes the entry of exactly this name, else the store; Podman the entries of its own files first, and no store. */
function checkAsked(contents: readonly ClientContent[], registry: string): Finding[] {
  const findings: Finding[] = [];
  const docker = contents.find(({ client }) => client === 'docker');
  if (docker !== undefined) findings.push(askedByDocker(docker, registry));
  const own = contents.filter(({ client }) => client === 'podman');
  if (own.length > 0)
    findings.push(askedByPodman([...own, ...(docker === undefined ? [] : [docker])], registry));
  return findings;
}

function askedByDocker({ path, value }: ClientContent, registry: string): Finding {
  const helpers = recordOf(value.credHelpers);
  const entry = Object.hasOwn(helpers, registry) ? helpers[registry] : undefined;
  const store = value.credsStore;
  if (entry === 'ecr-login') return ok(`docker: ${path} sends ${registry} to this helper`);
  if (entry === undefined && store === 'ecr-login')
    return ok(`docker: ${path} sends ${registry} to this helper, as its credsStore`);
  const instead = [entry, store].find((name) => typeof name === 'string' && name !== '');
  const whom = instead === undefined ? 'to no helper' : `to docker-credential-${instead}`;
  return broken(`docker: ${path} sends ${registry} ${whom}`, configureCommand(registry));
}

function askedByPodman(contents: readonly ClientContent[], registry: string): Finding {
  for (const { path, value } of contents) {
    const helper = recordOf(value.credHelpers)[registry];
    if (helper === 'ecr-login') return ok(`podman: ${path} sends ${registry} to this helper`);
    const login = Object.keys(recordOf(value.auths)).find(
      (key) => key === registry || key.startsWith(`${registry}/`),
    );
    if (typeof helper === 'string' || login !== undefined)
      return warning(
        `podman: ${path} ${login === undefined ? `sends ${registry} to docker-credential-${helper}` : `has a login for ${login}, which is used instead of this helper`}`,
        login === undefined
          ? `${configureCommand(registry)} --podman`
          : `podman logout --authfile ${path} ${login}`,
      );
  }
  return warning(
    `podman: no file sends ${registry} to this helper`,
    `${configureCommand(registry)} --podman`,
  );
}

/** finch copies its helpers from `creds_helpers:` of this file (https://runfinch.com/docs/managing-finch/macos/finch-configuration/). */
function checkFinchYaml(env: NodeJS.ProcessEnv): Finding[] {
  const home = homeDirectory(env);
  const path = `${home}/.finch/finch.yaml`;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  return [...text.matchAll(/^([\w-]+)\s*:/gm)].flatMap(([, key = '']) =>
    key !== 'creds_helpers' && editDistance(key.toLowerCase().replace('-', '_'), 'creds_helpers') <= 3
      ? [broken(`${path} has the key "${key}", which finch does not read`, 'call it "creds_helpers"')]
      : [],
  );
}

function configureCommand(registry: string | undefined): string {
  return `${PROGRAM} configure ${registry ?? '<registry>'}`;
}
