// Owns which registries `configure` is about: hosts as typed, accounts and regions put together, those of the AWS profiles.
// Must not write anything, and must not ask AWS.
import { accountOf } from '../../aws/auto-profile.ts';
import { safeUrl } from '../../aws/endpoint.ts';
import { readSharedConfig } from '../../aws/shared-config.ts';
import { findTarget } from '../../config/rules.ts';
import { readSettings, requireUsable } from '../../config/settings.ts';
import { parseAuthority, registryHost } from '../../registry.ts';
import type { ConfigureOptions } from './options.ts';

/** The registries found, and what a person must be told about those that were not. */
export interface Selection {
  readonly hosts: readonly string[];
  /** Hosts that a rule of the config file maps; their profile stands in that rule. */
  readonly mapped: readonly string[];
  readonly mistakes: readonly Mistake[];
  /** What `--discover` passed over. */
  readonly remarks: readonly string[];
}

/** A thing that stops everything, with what to do about it. */
export interface Mistake {
  readonly cause: string;
  readonly hint: string;
}

/** The registries of a command line. */
export function selectRegistries(
  typed: readonly string[],
  options: ConfigureOptions,
  env: NodeJS.ProcessEnv,
): Selection {
  const mistakes: Mistake[] = [];
  const mapped: string[] = [];
  const named = typed.flatMap((serverUrl) => {
    const found = hostOf(serverUrl, env);
    if (found === undefined) {
      mistakes.push({
        cause: `${safeUrl(serverUrl)}: not a registry of Amazon ECR`,
        hint: 'name its host, such as 123456789012.dkr.ecr.us-east-1.amazonaws.com, or map the host in the config file',
      });
      return [];
    }
    if (found.isMapped) mapped.push(found.host);
    return [found.host];
  });
  const composed = composeHosts(options, mistakes);
  const discovered = options.discover ? discover(env) : { hosts: [], remarks: [] };
  if (options.discover && discovered.hosts.length === 0)
    mistakes.push({
      cause: 'no AWS profile tells both an account and a region',
      hint: 'name registries, or use --account and --region',
    });
  const shared = options.public ? ['public.ecr.aws'] : [];
  const hosts = [...new Set([...named, ...composed, ...discovered.hosts, ...shared])];
  return { hosts, mapped, mistakes, remarks: discovered.remarks };
}

/** The name that Docker looks up for what was typed: `https://host/path:tag` → `host`. */
function hostOf(serverUrl: string, env: NodeJS.ProcessEnv): { host: string; isMapped: boolean } | undefined {
  const authority = parseAuthority(serverUrl.trim());
  if (authority === undefined) return undefined;
  const own = findTarget(authority, [], {});
  if (own !== undefined) return { host: own.registry.host, isMapped: false };
  const settings = readSettings(env);
  requireUsable(settings);
  const target = findTarget(authority, settings.rules, {});
  return target && { host: target.registry.host, isMapped: true };
}

/** Every account with every region. */
function composeHosts(
  { account: accounts = [], region: regions = [] }: ConfigureOptions,
  mistakes: Mistake[],
): string[] {
  for (const account of accounts.filter((each) => !/^[0-9]{12}$/.test(each)))
    mistakes.push({
      cause: `--account ${account}: an AWS account has 12 digits`,
      hint: 'aws sts get-caller-identity prints yours',
    });
  for (const region of regions.filter((each) => !/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(each)))
    mistakes.push({
      cause: `--region ${region}: not the name of a region`,
      hint: 'use one such as eu-west-1',
    });
  if (accounts.length > 0 !== regions.length > 0)
    mistakes.push(
      accounts.length > 0
        ? { cause: '--account needs --region beside it', hint: 'add --region, such as --region eu-west-1' }
        : { cause: '--region needs --account beside it', hint: 'add --account with its 12 digits' },
    );
  return mistakes.length > 0
    ? []
    : accounts.flatMap((account) => regions.map((region) => registryHost(account, region)));
}

/** The registry of each profile that tells its account, in the region that it uses. */
function discover(env: NodeJS.ProcessEnv): { hosts: string[]; remarks: string[] } {
  const hosts: string[] = [];
  const remarks: string[] = [];
  for (const [name, profile] of readSharedConfig(env).profiles) {
    const account = accountOf(profile);
    const region = profile.get('region') ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION);
    if (account === undefined)
      remarks.push(`profile "${name}" is passed over: it does not tell its account (no role, SSO or login)`);
    else if (!region) remarks.push(`profile "${name}" is passed over: it has no region`);
    else if (!/^[0-9]{12}$/.test(account) || !/^[a-z0-9-]+$/.test(region))
      remarks.push(`profile "${name}" is passed over: its account or region is malformed`);
    else hosts.push(registryHost(account, region));
  }
  return { hosts, remarks };
}
