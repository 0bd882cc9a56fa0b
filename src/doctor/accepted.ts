// Owns what AWS says of the identity: who it is, whether it may have a token, and which tokens the cache has of it. Asks nobody
// at a terminal: doctor is run in scripts too. Must not show a key or a token.
import type { Resolved } from '../authorize.ts';
import type { Source } from '../aws/source.ts';
import { localTime } from '../commands/local-time.ts';
import type { Program } from '../compose.ts';
import type { Target } from '../config/rules.ts';
import { type Problem, problemOf } from '../errors.ts';
import { explain } from '../explain.ts';
import { clockCommand } from '../system-commands.ts';
import type { AuthorizationToken } from '../token/authorization-token.ts';
import { STORED_IDENTITY } from '../token/cache.ts';
import { type CallerIdentity, callerIdentity } from '../token/fetch/caller.ts';
import { instanceRole } from '../token/fetch/providers/imds.ts';
import { PROGRAM } from '../version.ts';
import { broken, type Finding, ok, warning } from './finding.ts';
import { brokenBy } from './remedy.ts';

/** What is known of the identity, and a password to try at the registry. */
export interface Acceptance {
  readonly findings: Finding[];
  readonly password?: string;
}

/** More than this and AWS refuses signatures: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html */
const CLOCK_LIMIT_MS = 5 * 60 * 1000;
const CALLER_LIMIT_MS = 10_000;

/** What can befall a request to STS alone, while ECR gives tokens: a private network often has a way to one of the two. */
const OF_STS_ALONE: readonly Problem['kind'][] = [
  'access-denied',
  'name-not-resolved',
  'connection-failed',
  'timed-out',
  'tls-failed',
  'proxy-failed',
  'throttled',
  'bad-response',
  'service-failed',
];

/** The findings about identity, cache and token of a registry whose declaration is sound. */
export async function checkAccepted(
  program: Program,
  target: Target,
  signal: AbortSignal,
): Promise<Acceptance> {
  let resolved: Resolved;
  try {
    resolved = await program.authorizer.resolve(target);
  } catch (error) {
    return { findings: [brokenBy(problemOf(error), target.registry.host), ...storedToken(program, target)] };
  }
  const cached = program.cache.read(resolved.key, Date.now());
  const findings = [
    ...(await checkInstance(resolved.source, program.env)),
    ...cacheFindings(program, target, cached),
  ];
  const caller = await attempt(() => callerOf(program, target, signal));
  if ('value' in caller) findings.push(...callerFindings(caller.value));
  else if (!OF_STS_ALONE.includes(caller.problem.kind))
    return refused(program, target, findings, caller.problem, cached);
  const authorized = await attempt(() =>
    program.authorizer.authorize(target, { fetch: 'always', interactive: false }),
  );
  if ('problem' in authorized) {
    const { problem } = authorized;
    if ('problem' in caller && explain(caller.problem).cause !== explain(problem).cause)
      findings.push(stsFinding(caller.problem));
    return refused(program, target, findings, problem, cached);
  }
  if ('problem' in caller) findings.push(stsFinding(caller.problem));
  const { token } = authorized.value;
  const action = `${target.registry.service}:GetAuthorizationToken`;
  findings.push(ok(`AWS gives a token (${action} is allowed), valid until ${localTime(token.expiresAt)}`));
  return { findings, password: token.password };
}

/** No token from AWS; a valid one of the cache serves on, and is good for asking the registry. */
function refused(
  program: Program,
  { registry }: Target,
  findings: readonly Finding[],
  problem: Problem,
  cached: AuthorizationToken | undefined,
): Acceptance {
  const finding =
    problem.kind === 'mfa-needed'
      ? mfaFinding(problem, registry.host, cached, program.settings.mfaCommand !== undefined)
      : brokenBy(problem, registry.host);
  return {
    findings: [...findings, finding],
    ...(cached === undefined ? {} : { password: cached.password }),
  };
}

function mfaFinding(
  { profile, serial }: Extract<Problem, { kind: 'mfa-needed' }>,
  host: string,
  cached: AuthorizationToken | undefined,
  hasCommand: boolean,
): Finding {
  const who = profile === '' ? 'the role of the rule' : `profile "${profile}"`;
  const text = `${who} needs the MFA code of ${serial}, and doctor asks nobody for it`;
  const login = `${PROGRAM} login ${host}`;
  if (cached !== undefined)
    return warning(`${text}; the cached token serves until ${localTime(cached.expiresAt)}`, login);
  return hasCommand
    ? warning(`${text}; the MFA command is run when a token is needed`, login)
    : broken(`${text}; there is no token in the cache`, login);
}

/** What STS says of itself is no obstacle to a pull. */
function stsFinding(problem: Problem): Finding {
  const { cause, hint } = explain(problem);
  return warning(`AWS STS does not say who the caller is: ${cause}`, `pulls do not need it; ${hint}`);
}

async function checkInstance(source: Source, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  if (source.kind === 'role') return checkInstance(source.base, env);
  if (source.kind !== 'instance') return [];
  const role = await attempt(() => instanceRole(source, env));
  return 'value' in role
    ? [ok(`instance metadata answers, its hop limit is wide enough for here; the role is ${role.value}`)]
    : [];
}

function cacheFindings(
  { cache, settings }: Program,
  target: Target,
  cached: AuthorizationToken | undefined,
): Finding[] {
  if (cached !== undefined)
    return [
      ok(
        `the cache held a token until ${localTime(cached.expiresAt)}, to be renewed from ${localTime(cached.refreshAt)}`,
      ),
    ];
  if (!settings.cacheEnabled) return [];
  const others = entriesOf(cache, target).length;
  return [
    ok(
      others === 0
        ? 'the cache held no token for it'
        : `the cache held no token of this identity for it, ${others} of others`,
    ),
  ];
}

/** A token that `docker login` handed over is given out only while no AWS credentials can be had. */
function storedToken({ cache }: Program, target: Target): Finding[] {
  const stored = entriesOf(cache, target).find(({ key }) => key.identity === STORED_IDENTITY);
  return stored === undefined
    ? []
    : [ok(`until ${localTime(stored.token.expiresAt)} the token of a docker login is given out instead`)];
}

function entriesOf(cache: Program['cache'], { registry }: Target): ReturnType<Program['cache']['entries']> {
  return cache.entries(Date.now()).filter(({ key }) => key.registry === registry.host);
}

async function callerOf(
  { authorizer, settings, log }: Program,
  target: Target,
  signal: AbortSignal,
): Promise<CallerIdentity> {
  const { source, endpoints } = authorizer.declare(target);
  return callerIdentity({
    registry: target.registry,
    source,
    settings: endpoints,
    limitMs: Math.min(settings.timeoutMs, CALLER_LIMIT_MS),
    log,
    interactive: false,
    signal,
  });
}

function callerFindings({ arn, clockSkewMs }: CallerIdentity): Finding[] {
  const seconds = Math.round(Math.abs(clockSkewMs) / 1000);
  const text = `the clock of this machine is ${seconds} s ${clockSkewMs > 0 ? 'behind' : 'ahead of'} AWS's`;
  const clock =
    Math.abs(clockSkewMs) > CLOCK_LIMIT_MS
      ? broken(text, `set the clock: ${clockCommand(process.platform)}`)
      : seconds > 60
        ? warning(text, `set the clock: ${clockCommand(process.platform)}`)
        : ok("the clock of this machine agrees with AWS's");
  return [ok(`AWS knows the caller as ${arn}`), clock];
}

async function attempt<T>(ask: () => Promise<T>): Promise<{ value: T } | { problem: Problem }> {
  try {
    return { value: await ask() };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}
