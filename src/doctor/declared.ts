// Owns what is declared for a registry, told with its reasons: which rule applies, which source the credentials come from and
// why that one, link by link. Must not ask anybody, and must not show a key.
import { type Source, sourceName } from '../aws/source.ts';
import type { Program } from '../compose.ts';
import { findTarget, ruleName, type Target } from '../config/rules.ts';
import { problemOf } from '../errors.ts';
import { parseAuthority } from '../registry.ts';
import { type Finding, ok, warning } from './finding.ts';
import { brokenBy } from './remedy.ts';
import { checkSignIn } from './sign-in.ts';

/** The findings about what is declared. */
export async function checkDeclared(program: Program, target: Target): Promise<Finding[]> {
  const { env, authorizer } = program;
  const findings = [ruleFinding(program, target)];
  let source: Source;
  try {
    source = authorizer.declare(target).source;
  } catch (error) {
    return [...findings, brokenBy(problemOf(error), target.registry.host)];
  }
  const [first = '', ...others] = chain(source);
  findings.push(ok(`credentials come from ${first}, ${reason(source, target, env)}`));
  findings.push(...others.map((link) => ok(`whose credentials come from ${link}`)));
  findings.push(...passedOver(source, target, env));
  return [...findings, ...(await checkSignIn(source, env, Date.now()))];
}

function ruleFinding({ env, settings }: Program, target: Target): Finding {
  const { registry, rule } = target;
  const variable = variableFor(target, env);
  if (variable !== undefined)
    return ok(`the variable ${variable} decides for ${registry.host}, before any rule`);
  if (rule === undefined) return ok(`no rule of the config file applies to ${registry.host}`);
  const name = `the rule for ${ruleName(rule)}`;
  const authority = parseAuthority(registry.host);
  const next =
    authority === undefined
      ? undefined
      : findTarget(authority, settings.rules.slice(settings.rules.indexOf(rule) + 1), {})?.rule;
  return ok(
    next === undefined
      ? `${name} applies`
      : `${name} applies, as the first that fits; the one for ${ruleName(next)} is passed over`,
  );
}

/** A variable that names a profile or a role for the account; a rule made from it stands in no file. */
function variableFor({ registry, rule }: Target, env: NodeJS.ProcessEnv): string | undefined {
  if (registry.accountId === undefined || rule === undefined) return undefined;
  return [`AWS_ECR_ROLE_ARN_${registry.accountId}`, `AWS_ECR_PROFILE_${registry.accountId}`].find(
    (name) => env[name] && [rule.roleArn, rule.profile].includes(env[name]),
  );
}

/** Why this source and no other; the order is that of the AWS CLI. */
function reason(source: Source, target: Target, env: NodeJS.ProcessEnv): string {
  const { rule, registry } = target;
  const by = variableFor(target, env) ?? 'the rule';
  if (rule?.roleArn !== undefined) return `because ${by} names the role`;
  if (rule?.profile === 'auto')
    return `because the rule says "auto" and this is the only profile of account ${registry.accountId}`;
  if (rule?.profile !== undefined) return `because ${by} names the profile`;
  switch (source.kind) {
    case 'environment':
      return 'because AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set and come before all else';
    case 'container':
      return 'because AWS_CONTAINER_CREDENTIALS_* is set and nothing comes before it';
    case 'instance':
      return 'because nothing else is declared';
    case 'web-identity':
      if (source.profile === undefined) return 'because AWS_WEB_IDENTITY_TOKEN_FILE is set';
  }
  const variable = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'].find((name) => env[name]);
  return variable === undefined
    ? 'because the profile "default" is used where AWS_PROFILE is not set'
    : `because ${variable} names the profile`;
}

/** A profile that somebody chose and that is not used. */
function passedOver(source: Source, target: Target, env: NodeJS.ProcessEnv): Finding[] {
  const { rule } = target;
  const chosen = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'].find((name) => env[name]);
  if (chosen === undefined || rule?.profile !== undefined || rule?.roleArn !== undefined) return [];
  if (source.kind === 'environment')
    return [
      warning(
        `keys in the environment win over ${chosen}="${env[chosen]}"`,
        'unset AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name the profile in a rule of the config file',
      ),
    ];
  if (source.kind === 'web-identity' && source.profile === undefined)
    return [
      warning(
        `AWS_WEB_IDENTITY_TOKEN_FILE wins over ${chosen}="${env[chosen]}"`,
        'unset AWS_WEB_IDENTITY_TOKEN_FILE, or name the profile in a rule of the config file',
      ),
    ];
  return [];
}

/** A source and what it builds on, outermost first. */
function chain(source: Source): string[] {
  if (source.kind === 'web-identity') return [`${sourceName(source)} (role ${source.roleArn})`];
  if (source.kind !== 'role') return [sourceName(source)];
  const details = [
    source.externalId === undefined ? '' : ', with an external id',
    source.mfaSerial === undefined ? '' : `, with the MFA device ${source.mfaSerial}`,
  ].join('');
  const where = source.profile === '' ? '' : ` of profile "${source.profile}"`;
  return [`role ${source.roleArn}${where}${details}`, ...chain(source.base)];
}
