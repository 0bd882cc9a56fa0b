// Owns the registry rules: which AWS identity and which endpoint serve which registry, and which other hosts stand for one.
// Pure: reading and checking the file is `file.ts`.
import { type Authority, parseRegistry, partitionOf, type Registry } from '../registry.ts';

/** One rule, as the config file writes it; every member of `match` that is given must fit. */
export interface Rule {
  readonly match: {
    /** A glob of the host, `*` for any characters but a dot at its ends: `*.dkr.ecr.eu-*.amazonaws.com`. */
    readonly host?: string;
    readonly account?: string;
    /** A glob of the region. */
    readonly region?: string;
  };
  /** The profile to use, or `auto` for the one profile of the registry's account. */
  readonly profile?: string;
  readonly roleArn?: string;
  readonly externalId?: string;
  readonly sessionName?: string;
  readonly mfaSerial?: string;
  /** The profile whose credentials take on `roleArn`; without it whatever the environment declares. */
  readonly sourceProfile?: string;
  /** With `region`, maps a host that is not ECR's own. */
  readonly account?: string;
  readonly region?: string;
  readonly endpoint?: string;
  readonly fips?: boolean;
  readonly dualStack?: boolean;
}

/** A registry, and the rule that applies to it. */
export interface Target {
  readonly registry: Registry;
  readonly rule?: Rule;
}

/**
 * The registry that a server URL names and the first rule that fits. A host that is not ECR's is one only where a rule names
 * it in full, with account and region: no token ever goes to a host that nobody named.
 */
export function findTarget(
  authority: Authority,
  rules: readonly Rule[],
  env: NodeJS.ProcessEnv,
): Target | undefined {
  const own = parseRegistry(authority.host);
  if (own === undefined) {
    const rule = rules.find((candidate) => mapsHost(candidate, authority));
    return rule?.account === undefined || rule.region === undefined
      ? undefined
      : { registry: mappedRegistry(authority, rule.account, rule.region, rule), rule };
  }
  const rule = environmentRule(own, env) ?? rules.find((candidate) => fits(candidate.match, own));
  if (rule === undefined) return { registry: own };
  return {
    registry: {
      ...own,
      region: own.service === 'ecr' ? (rule.region ?? own.region) : own.region,
      fips: rule.fips ?? own.fips,
      dualStack: rule.dualStack ?? own.dualStack,
    },
    rule,
  };
}

/** A job that cannot write a file says it in a variable: `AWS_ECR_PROFILE_<account>`, `AWS_ECR_ROLE_ARN_<account>`. */
function environmentRule(registry: Registry, env: NodeJS.ProcessEnv): Rule | undefined {
  if (registry.accountId === undefined) return undefined;
  const profile = env[`AWS_ECR_PROFILE_${registry.accountId}`];
  const roleArn = env[`AWS_ECR_ROLE_ARN_${registry.accountId}`];
  const match = { account: registry.accountId };
  if (roleArn) return { match, roleArn, ...(profile ? { sourceProfile: profile } : {}) };
  return profile ? { match, profile } : undefined;
}

function fits(match: Rule['match'], registry: Registry): boolean {
  return (
    (match.host === undefined || matchesGlob(match.host, registry.host)) &&
    (match.account === undefined || match.account === registry.accountId) &&
    (match.region === undefined || matchesGlob(match.region, registry.region))
  );
}

/** Named in full; a rule without a port stands for the port of HTTPS alone, since another port is another server. */
function mapsHost({ match, account, region }: Rule, authority: Authority): boolean {
  if (account === undefined || region === undefined || match.host === undefined) return false;
  const [host, port = '443'] = match.host.toLowerCase().split(':');
  return host === authority.host && Number(port) === (authority.port ?? 443);
}

function mappedRegistry(
  { host, port = 443 }: Authority,
  accountId: string,
  region: string,
  rule: Rule,
): Registry {
  return {
    host: port === 443 ? host : `${host}:${port}`,
    service: 'ecr',
    accountId,
    region,
    partition: partitionOf(region),
    fips: rule.fips ?? false,
    dualStack: rule.dualStack ?? false,
  };
}

/** `*` stands for any run of characters, `?` for one; letter case does not count. Linear in time, whatever the pattern. */
export function matchesGlob(pattern: string, text: string): boolean {
  const glob = pattern.toLowerCase();
  const value = text.toLowerCase();
  let g = 0;
  let v = 0;
  let star = -1;
  let mark = 0;
  while (v < value.length) {
    if (g < glob.length && (glob[g] === '?' || glob[g] === value[v]) && glob[g] !== '*') {
      g++;
      v++;
    } else if (glob[g] === '*') {
      star = g++;
      mark = v;
    } else if (star !== -1) {
      g = star + 1;
      v = ++mark;
    } else return false;
  }
  while (glob[g] === '*') g++;
  return g === glob.length;
}

/** A rule in a few words, for the log and `doctor`: what it matches. */
export function ruleName({ match }: Rule): string {
  return Object.entries(match)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');
}
