// Owns what `configure` adds to this program's own config file: the registry rule of `--profile`, and the fallback of `--all`.
// Must not write.
import { profileOfAccount } from '../../aws/auto-profile.ts';
import { readSharedConfig } from '../../aws/shared-config.ts';
import { type ConfigFile as OwnConfig, parseConfigFile } from '../../config/file.ts';
import { findTarget } from '../../config/rules.ts';
import type { ConfigFile } from '../../docker/config-file.ts';
import { blankAsObject, type Edit } from '../../docker/ledger.ts';
import { findHelpers, isOurselves } from '../../docker/search-path.ts';
import { problemOf } from '../../errors.ts';
import { explain } from '../../explain.ts';
import { parseAuthority } from '../../registry.ts';
import type { ConfigureOptions } from './options.ts';
import type { Mistake, Selection } from './registries.ts';

/** What there is to go by. */
export interface OwnConfigRequest {
  readonly own: ConfigFile;
  /** Docker's `credsStore` as it is now. */
  readonly store: string | undefined;
  readonly selection: Selection;
  readonly options: ConfigureOptions;
  readonly env: NodeJS.ProcessEnv;
  readonly mistakes: Mistake[];
  readonly remarks: string[];
}

/** The edits of our config file, and whether Docker's `credsStore` becomes this program. */
export function planOwnConfig(request: OwnConfigRequest): {
  edits: Edit[];
  drop: Edit[];
  setsStore: boolean;
} {
  const { own, options } = request;
  const settings = parseConfigFile(blankAsObject(own.text), own.file);
  const edits = options.profile === undefined ? [] : ruleEdits(options.profile, settings, request);
  // A rule of ours for the same registry gives way to the new one.
  const drop = (own.ledger?.edits ?? []).filter(
    (former) =>
      former.kind === 'rule' && edits.some((edit) => edit.kind === 'rule' && edit.match === former.match),
  );
  if (!options.all) return { edits, drop, setsStore: false };
  const { fallback, setsStore } = planFallback(settings, request);
  return { edits: fallback === undefined ? edits : [...edits, fallback], drop, setsStore };
}

/** One rule for each registry that does not use the profile already. */
function ruleEdits(profile: string, settings: OwnConfig, request: OwnConfigRequest): Edit[] {
  const { own, selection, mistakes, remarks, env } = request;
  if (selection.hosts.length === 0)
    mistakes.push({ cause: '--profile is for registries, and none is named', hint: 'name one or more' });
  for (const host of selection.mapped)
    mistakes.push({
      cause: `${host}: a rule maps this host, and its profile stands in that rule`,
      hint: `write "profile": "${profile}" into the rule, in ${own.file}`,
    });
  remarks.push(...profileRemarks(profile, selection.hosts, env));
  return selection.hosts.flatMap((host): Edit[] => {
    const authority = parseAuthority(host);
    const rule = authority && findTarget(authority, settings.registries ?? [], {})?.rule;
    if (rule?.profile === profile) return [];
    return [{ kind: 'rule', match: host, profile }];
  });
}

/** A profile that is not there yet is no mistake: it may come later. */
function profileRemarks(profile: string, hosts: readonly string[], env: NodeJS.ProcessEnv): string[] {
  try {
    const shared = readSharedConfig(env);
    if (profile !== 'auto')
      return shared.profiles.has(profile)
        ? []
        : [`there is no AWS profile "${profile}" yet: aws configure --profile ${profile}`];
    const accounts = hosts.map((host) => /^[0-9]{12}/.exec(host)?.[0]).filter((id) => id !== undefined);
    return [...new Set(accounts)].flatMap((account) => {
      try {
        profileOfAccount(account, shared);
        return [];
      } catch (error) {
        return [explain(problemOf(error)).cause];
      }
    });
  } catch (error) {
    return [explain(problemOf(error)).cause];
  }
}

/** Who serves the other registries once this program is asked for all of them. */
function planFallback(
  settings: OwnConfig,
  { own, store, options, env, mistakes, remarks }: OwnConfigRequest,
): { fallback?: Edit; setsStore: boolean } {
  const known = settings.fallback;
  const wanted = store === undefined || store === 'ecr-login' ? (known ?? env.AWS_ECR_FALLBACK) : store;
  const setsStore = store !== 'ecr-login';
  if (!wanted) {
    mistakes.push({
      cause: `no helper is known for the other registries: ${store === undefined ? 'Docker has no credsStore' : 'credsStore is this program already'}`,
      hint: `name one as "fallback" in ${own.file}, such as { "fallback": "${SUGGESTED[process.platform] ?? 'pass'}" }, and run it again`,
    });
    return { setsStore: false };
  }
  if (!/^[A-Za-z0-9_.-]+$/.test(wanted)) {
    mistakes.push({
      cause: `credsStore "${wanted}" is not the name of a helper`,
      hint: 'correct it in the config file of Docker',
    });
    return { setsStore: false };
  }
  const [helper] = findHelpers(wanted, env);
  if (helper === undefined)
    remarks.push(`docker-credential-${wanted} is not on PATH: the other registries need it`);
  else if (isOurselves(helper)) {
    mistakes.push({
      cause: `docker-credential-${wanted} is this program, which cannot be its own fallback`,
      hint: `name another helper as "fallback" in ${own.file}`,
    });
    return { setsStore: false };
  }
  if (env.AWS_ECR_FALLBACK && env.AWS_ECR_FALLBACK !== wanted)
    remarks.push(`AWS_ECR_FALLBACK is set to "${env.AWS_ECR_FALLBACK}" and wins over the config file`);
  if (known === wanted || (known === undefined && store !== wanted)) return { setsStore };
  if (known !== undefined && !options.force) {
    mistakes.push({
      cause: `"fallback" is "${known}" in ${own.file}, and credsStore is "${wanted}"`,
      hint: `add --force to replace it by "${wanted}"; --remove brings it back`,
    });
    return { setsStore: false };
  }
  const fallback: Edit = { kind: 'string', at: ['fallback'], value: wanted, before: known };
  return { fallback, setsStore };
}

/** What Docker itself would choose. */
const SUGGESTED: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  darwin: 'osxkeychain',
  win32: 'wincred',
  linux: 'secretservice',
};
