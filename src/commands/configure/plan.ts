// Owns what `configure` will do to which file, worked out before anything is written. Must not write, and must not talk:
// what a person has to know stands in the plan.
import { existsSync } from 'node:fs';
import { parseConfigFile, userConfigFile } from '../../config/file.ts';
import { type ConfigFile, ledgerPath, openConfigFile } from '../../docker/config-file.ts';
import { containersAuthPath, dockerConfigPath } from '../../docker/config-paths.ts';
import { findMember, memberValue, parseObject } from '../../docker/json-text.ts';
import { blankAsObject, type Change, change, type Edit } from '../../docker/ledger.ts';
import { HelperError } from '../../errors.ts';
import type { ConfigureOptions } from './options.ts';
import { planOwnConfig } from './own-config.ts';
import type { Mistake, Selection } from './registries.ts';

/** A file and what becomes of it. */
export interface PlannedFile {
  readonly config: ConfigFile;
  readonly change: Change;
}

/** All that will be done, in the order in which it is written. */
export interface Plan {
  readonly files: readonly PlannedFile[];
  /** With one of these nothing is written. */
  readonly mistakes: readonly Mistake[];
  readonly remarks: readonly string[];
  /** The clients' files as they are, also where nothing changes in them. */
  readonly clients: { readonly docker: ConfigFile; readonly podman?: ConfigFile | undefined };
}

/** The suffix of this program's name, which is what config files call it by. */
export const HELPER = 'ecr-login';

const DOCKER_INDENT = '\t';
const OWN_INDENT = '  ';

/** What sets the registries up. */
export function planSetup(selection: Selection, options: ConfigureOptions, env: NodeJS.ProcessEnv): Plan {
  const mistakes: Mistake[] = [...selection.mistakes];
  const remarks: string[] = [];
  const docker = openConfigFile(dockerPath(options, env), DOCKER_INDENT);
  const dockerEdits = helperEdits(docker, selection.hosts, options, { mistakes, remarks });
  const podman = options.podman ? openConfigFile(podmanPath(env), DOCKER_INDENT) : undefined;
  const podmanEdits = podman && helperEdits(podman, selection.hosts, options, { mistakes, remarks });
  const store = stringIn(docker, 'credsStore');
  if (!options.all && selection.hosts.length > 0 && store !== undefined && store !== HELPER)
    remarks.push(`credsStore "${store}" in ${docker.file} is left as it is: it serves all other registries`);
  if (options.all && options.podman && selection.hosts.length === 0)
    remarks.push('Podman, Skopeo and Buildah ignore credsStore: name the registries that they need');
  const files: PlannedFile[] = [];
  if (options.profile !== undefined || options.all) {
    const own = openConfigFile(ownPath(env), OWN_INDENT);
    const { edits, drop, setsStore } = planOwnConfig({
      own,
      store,
      selection,
      options,
      env,
      mistakes,
      remarks,
    });
    const next = change(own, edits, drop);
    // A file that the helper would refuse afterwards would stop every pull.
    if (next.text !== undefined) parseConfigFile(next.text, own.file);
    files.push({ config: own, change: next });
    if (setsStore) dockerEdits.push({ kind: 'string', at: ['credsStore'], value: HELPER, before: store });
  }
  if (podman && podmanEdits) files.push({ config: podman, change: change(podman, podmanEdits, []) });
  files.push({ config: docker, change: change(docker, dockerEdits, []) });
  return { files: files.filter(isChanged), mistakes, remarks, clients: { docker, podman } };
}

/** What takes back what was set up: for the registries named, for `--all`, or all that there is. */
export function planRemoval(selection: Selection, options: ConfigureOptions, env: NodeJS.ProcessEnv): Plan {
  const mistakes: Mistake[] = [...selection.mistakes];
  const remarks: string[] = [];
  const isEverything = selection.hosts.length === 0 && !options.all;
  const paths = [containersAuthPath(env), userConfigFile(env)];
  const docker = openConfigFile(dockerPath(options, env), DOCKER_INDENT);
  const others = paths
    .filter((path): path is string => path !== undefined)
    // A file that configure never touched is none of its business, were it ever so broken.
    .filter((path, index) => existsSync(ledgerPath(path)) || (index === 0 && options.podman))
    .map((path) => openConfigFile(path, path === userConfigFile(env) ? OWN_INDENT : DOCKER_INDENT));
  const files: PlannedFile[] = [];
  const undone = new Set<string>();
  for (const config of [docker, ...others]) {
    const drop = (config.ledger?.edits ?? []).filter((edit) => {
      const host = hostOf(edit);
      return isEverything || (host === undefined ? options.all === true : selection.hosts.includes(host));
    });
    for (const host of drop.map(hostOf)) if (host !== undefined) undone.add(host);
    const strangers = selection.hosts.filter(
      (host) =>
        stringIn(config, 'credHelpers', host) === HELPER && !drop.some((edit) => hostOf(edit) === host),
    );
    for (const host of strangers) undone.add(host);
    if (strangers.length > 0 && !options.force)
      mistakes.push({
        cause: `${strangers.join(', ')}: the entry in ${config.file} is not one that configure made`,
        hint: 'add --force to remove it in spite of that',
      });
    files.push({ config, change: undo(config, drop, options.force ? strangers : []) });
  }
  for (const host of selection.hosts)
    if (!undone.has(host)) remarks.push(`${host}: there is nothing to undo`);
  return { files: files.filter(isChanged), mistakes, remarks, clients: { docker } };
}

/** Takes edits back, and entries that nobody wrote down with them. */
function undo(config: ConfigFile, drop: readonly Edit[], strangers: readonly string[]): Change {
  const foreign = strangers.map(
    (host): Edit => ({ kind: 'string', at: ['credHelpers', host], value: HELPER }),
  );
  if (foreign.length === 0) return change(config, [], drop);
  const { ledger } = config;
  const edits = [...(ledger?.edits ?? []), ...foreign];
  const known = { existed: true, made: [], ...ledger, edits };
  // Without the original nothing is made anew: only the entries go.
  return change(
    { ...config, original: undefined, ledger: { ...known, existed: true } },
    [],
    [...drop, ...foreign],
  );
}

/** One `credHelpers` entry for each registry that has none. */
function helperEdits(
  config: ConfigFile,
  hosts: readonly string[],
  { force }: ConfigureOptions,
  { mistakes, remarks }: { mistakes: Mistake[]; remarks: string[] },
): Edit[] {
  const container = memberOf(config, 'credHelpers');
  return hosts.flatMap((host): Edit[] => {
    const node = memberValue(findMember(container, host));
    const edit: Edit = { kind: 'string', at: ['credHelpers', host], value: HELPER };
    if (node === undefined) return [edit];
    if (node.value === HELPER) return [];
    const before = String(node.value);
    if (!force || node.type !== 'string') {
      mistakes.push({
        cause: `${host}: "${before}" is its helper in ${config.file}`,
        hint: 'add --force to replace it; --remove brings it back',
      });
      return [];
    }
    remarks.push(`${host}: "${before}" is replaced in ${config.file}; --remove brings it back`);
    return [{ ...edit, before }];
  });
}

/** A string of a config file. */
export function stringIn(config: ConfigFile, key: string, inner?: string): string | undefined {
  const outer = memberOf(config, key);
  const node = inner === undefined ? outer : memberValue(findMember(outer, inner));
  return typeof node?.value === 'string' ? node.value : undefined;
}

function memberOf(config: ConfigFile, key: string): ReturnType<typeof memberValue> {
  return memberValue(findMember(parseObject(blankAsObject(config.text), config.file), key));
}

function hostOf(edit: Edit): string | undefined {
  return edit.kind === 'rule' ? edit.match : edit.at[1];
}

function isChanged({ config, change: { text, ledger } }: PlannedFile): boolean {
  return text !== config.text || JSON.stringify(ledger) !== JSON.stringify(config.ledger);
}

function dockerPath(options: ConfigureOptions, env: NodeJS.ProcessEnv): string {
  return dockerConfigPath(env, options.dockerConfig) ?? nowhere('DOCKER_CONFIG');
}

function podmanPath(env: NodeJS.ProcessEnv): string {
  return containersAuthPath(env) ?? nowhere('REGISTRY_AUTH_FILE');
}

function ownPath(env: NodeJS.ProcessEnv): string {
  return userConfigFile(env) ?? nowhere('AWS_ECR_CONFIG_FILE');
}

/** Without a home directory somebody must say where. */
function nowhere(name: string): never {
  throw new HelperError({
    kind: 'setting-invalid',
    name,
    value: '',
    wanted: 'set where there is no home directory',
  });
}
