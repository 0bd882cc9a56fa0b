// Owns the checks of who asks: which rule, profile and source apply and why, whether their sign-in still holds, and whether
// AWS lets that identity have a token. Must not show a key or a token.
import { readFileSync } from 'node:fs';
import { ssoTokenFile } from '../aws/identity.ts';
import { type Source, sourceName } from '../aws/source.ts';
import { localTime } from '../commands/local-time.ts';
import type { Program } from '../compose.ts';
import { ruleName, type Target } from '../config/rules.ts';
import { type Problem, problemOf } from '../errors.ts';
import { explain } from '../explain.ts';
import type { CallerIdentity } from '../token/fetch/caller.ts';
import { broken, type Finding, ok, warning } from './finding.ts';

/** More than this and AWS refuses signatures: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html */
const CLOCK_LIMIT_MS = 5 * 60 * 1000;

/** The findings about what is declared, without asking anybody. */
export function checkDeclared({ env, authorizer }: Program, target: Target): Finding[] {
  const { registry, rule } = target;
  const findings = [
    ok(
      rule === undefined
        ? `no rule of the config file applies to ${registry.host}`
        : `the rule for ${ruleName(rule)} applies`,
    ),
  ];
  let source: Source;
  try {
    source = authorizer.declare(target).source;
  } catch (error) {
    return [...findings, brokenBy(problemOf(error))];
  }
  findings.push(
    ...chain(source).map((link, index) =>
      ok(`${index === 0 ? 'credentials come from' : 'whose credentials come from'} ${link}`),
    ),
  );
  const shadowed = env.AWS_PROFILE || env.AWS_DEFAULT_PROFILE;
  if (base(source).kind === 'environment' && shadowed)
    findings.push(
      warning(
        `keys in the environment win over profile "${shadowed}"`,
        'unset AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name the profile in a rule of the config file',
      ),
    );
  return [...findings, ...checkSignIn(base(source), env)];
}

/** The findings about what AWS says of the identity, from one request to STS and one for a token. */
export async function checkAccepted(
  program: Program,
  target: Target,
): Promise<{ findings: Finding[]; password?: string }> {
  const findings: Finding[] = [];
  try {
    findings.push(...callerFindings(await callerOf(program, target)));
  } catch (error) {
    const problem = problemOf(error);
    // Without credentials there is nothing more to ask; a caller that may not ask who it is may still have a token.
    if (problem.kind !== 'access-denied') return { findings: [brokenBy(problem)] };
    findings.push(warning(explain(problem).cause, explain(problem).hint));
  }
  try {
    const { token } = await program.authorizer.authorize(target, { fetch: 'always', interactive: false });
    const action = `${target.registry.service}:GetAuthorizationToken`;
    findings.push(ok(`AWS gives a token (${action} is allowed), valid until ${localTime(token.expiresAt)}`));
    return { findings, password: token.password };
  } catch (error) {
    return { findings: [...findings, brokenBy(problemOf(error))] };
  }
}

/** The finding about the cache's token for a registry, before anything is fetched. */
export async function checkCached({ authorizer, cache }: Program, target: Target): Promise<Finding> {
  const now = Date.now();
  try {
    const { key } = await authorizer.resolve(target);
    const token = cache.read(key, now);
    if (token !== undefined)
      return ok(
        `the cache holds a token until ${localTime(token.expiresAt)}; it is renewed from ${localTime(token.refreshAt)}`,
      );
    const others = cache.entries(now).filter((entry) => entry.key.registry === target.registry.host).length;
    return ok(
      others === 0
        ? 'the cache holds no token for it'
        : `the cache holds no token of this identity for it, ${others} of others`,
    );
  } catch {
    return ok('the cache was not asked, since the identity is not known');
  }
}

async function callerOf({ authorizer, settings, log }: Program, target: Target): Promise<CallerIdentity> {
  const { source, endpoints } = authorizer.declare(target);
  const { callerIdentity } = await import('../token/fetch/caller.ts');
  return callerIdentity({
    registry: target.registry,
    source,
    settings: endpoints,
    limitMs: settings.timeoutMs,
    log,
    interactive: false,
  });
}

function callerFindings({ arn, clockSkewMs }: CallerIdentity): Finding[] {
  const findings = [ok(`AWS knows the caller as ${arn}`)];
  const seconds = Math.round(Math.abs(clockSkewMs) / 1000);
  const direction = clockSkewMs > 0 ? 'behind' : 'ahead of';
  const text = `the clock of this machine is ${seconds} s ${direction} AWS's`;
  if (Math.abs(clockSkewMs) > CLOCK_LIMIT_MS)
    findings.push(broken(text, 'set the clock: timedatectl set-ntp true'));
  else if (seconds > 60) findings.push(warning(text, 'set the clock: timedatectl set-ntp true'));
  else findings.push(ok("the clock of this machine agrees with AWS's"));
  return findings;
}

/** A source and what it builds on, outermost first. */
function chain(source: Source): string[] {
  if (source.kind !== 'role') return [sourceName(source)];
  const details = [
    source.externalId === undefined ? '' : ', with an external id',
    source.mfaSerial === undefined ? '' : `, with the MFA device ${source.mfaSerial}`,
  ].join('');
  const where = source.profile === '' ? 'of the rule' : `of profile "${source.profile}"`;
  return [`role ${source.roleArn} ${where}${details}`, ...chain(source.base)];
}

function base(source: Source): Source {
  return source.kind === 'role' ? base(source.base) : source;
}

/** Whether an SSO session's token is there and how long it holds. */
function checkSignIn(source: Source, env: NodeJS.ProcessEnv): Finding[] {
  if (source.kind !== 'sso') return [];
  const command =
    source.session === undefined
      ? `aws sso login --profile ${source.profile}`
      : `aws sso login --sso-session ${source.session}`;
  const file = ssoTokenFile(source, env);
  const token = file === undefined ? undefined : readSsoToken(file);
  if (token === undefined)
    return [broken(`the SSO sign-in of profile "${source.profile}" is missing`, command)];
  const { expiresAt, canRefresh } = token;
  if (expiresAt > Date.now()) return [ok(`the SSO sign-in holds until ${localTime(expiresAt)}`)];
  return canRefresh
    ? [ok(`the SSO sign-in ended at ${localTime(expiresAt)} and is renewed without asking`)]
    : [broken(`the SSO sign-in of profile "${source.profile}" ended at ${localTime(expiresAt)}`, command)];
}

function readSsoToken(file: string): { expiresAt: number; canRefresh: boolean } | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    const { expiresAt, refreshToken } = value as { expiresAt?: unknown; refreshToken?: unknown };
    const time = typeof expiresAt === 'string' ? Date.parse(expiresAt) : Number.NaN;
    return Number.isNaN(time) ? undefined : { expiresAt: time, canRefresh: typeof refreshToken === 'string' };
  } catch {
    return undefined;
  }
}

/** A failure as a finding, in the words that `get` has for it. */
export function brokenBy(problem: Problem): Finding {
  const { cause, hint } = explain(problem);
  return broken(cause, hint);
}
