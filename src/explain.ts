// Owns every word that a failure is told in: one cause and one hint for each kind, lower case, one line each.
// Must not decide what happens next, and is loaded only after something failed.
import { safeUrl } from './aws/endpoint.ts';
import { locateInConfig } from './config/locate.ts';
import type { Problem } from './errors.ts';
import { deniedHint, missingProfileHint, unreadableHint } from './explain-hints.ts';
import { explainTls, through } from './explain-tls.ts';
import { CREDENTIALS_NOT_FOUND } from './protocol/messages.ts';
import { clockCommand, lookupCommand } from './system-commands.ts';
import { PROGRAM } from './version.ts';

/** A failure in words: what happened, and the next command or deed. */
export interface Explanation {
  readonly cause: string;
  readonly hint: string;
}

/** The two lines for stderr, `docker-credential-ecr-login: <registry>: <cause>` and `hint: <next command>`, without newlines. */
export function explanationLines(registry: string, problem: Problem): [cause: string, hint: string] {
  const { cause, hint } = explain(problem, registry);
  return [oneLine(`${PROGRAM}: ${registry}: ${cause}`), oneLine(`hint: ${hint}`)];
}

/** The cause line alone, safe as the whole stdout: it never contains the sentinel that clients search for. */
export function causeLine(registry: string, problem: Problem): string {
  // Other words, so that what stands around them cannot make the sentinel anew.
  return explanationLines(registry, problem)[0].replaceAll(CREDENTIALS_NOT_FOUND, 'no such credentials');
}

/** Cause and hint of a failure, with the registry and the platform in its commands; never a stack, never a secret. */
export function explain(
  problem: Problem,
  registry = '<registry>',
  platform: NodeJS.Platform = process.platform,
): Explanation {
  switch (problem.kind) {
    case 'no-credentials':
      return {
        cause: `no AWS credentials found: tried ${problem.tried.join(', ')}`,
        hint:
          problem.hint ??
          'run "aws configure" or "aws sso login", or set AWS_PROFILE to a profile that has credentials',
      };
    case 'not-ecr':
      return {
        cause: `${quote(safeUrl(problem.host))} ${problem.host.includes('@') ? 'is asked for with a user name, which no registry has' : 'is not a registry of Amazon ECR'}`,
        hint: 'name its host, such as 123456789012.dkr.ecr.us-east-1.amazonaws.com, or map the host in the config file',
      };
    case 'profile-not-found':
      return {
        cause: `AWS profile ${quote(problem.profile)}${problem.namedBy === undefined ? '' : `, the source_profile of ${quote(problem.namedBy)},`} not found in ${problem.files.join(' and ')}: ${known(problem.known)}`,
        hint: missingProfileHint(problem),
      };
    case 'profile-invalid':
      return {
        cause: `AWS profile ${quote(problem.profile)} cannot be used: ${problem.reason}`,
        hint: problem.hint ?? `mend the profile: aws configure --profile ${problem.profile}`,
      };
    case 'malformed-file':
      return {
        cause: `cannot parse ${place(problem.file, problem.line)}: ${problem.reason}`,
        hint: `mend ${place(problem.file, problem.line)}`,
      };
    case 'config-invalid': {
      const { line, reason } = locateInConfig(problem);
      return {
        cause: `cannot use ${place(problem.file, line)}: ${reason}`,
        hint: `mend ${place(problem.file, line)}`,
      };
    }
    case 'profile-not-guessed':
      return problem.candidates.length === 0
        ? {
            cause: `"profile": "auto" finds no AWS profile for account ${problem.account}`,
            hint: `name one in the rule, or run "aws configure sso" for account ${problem.account}`,
          }
        : {
            cause: `"profile": "auto" finds more than one AWS profile for account ${problem.account}: ${problem.candidates.join(', ')}`,
            hint: 'name the one to use in the rule of the config file',
          };
    case 'unreadable-file':
      return {
        cause: `cannot read ${problem.file}${problem.namedBy === undefined ? '' : `, named by ${problem.namedBy}`}: ${problem.code === 'ENOENT' ? 'no such file' : problem.code}`,
        hint: unreadableHint(problem),
      };
    case 'file-not-written':
      return {
        cause: `cannot write ${problem.file}: ${problem.reason}`,
        hint: `make it and its directory writable for this user: ls -ld ${problem.file}`,
      };
    case 'file-changed':
      return {
        cause: `cannot write ${problem.file}: another program changed it in this moment`,
        hint: 'run the command again',
      };
    case 'fallback-failed':
      return {
        cause: `cannot ask ${problem.helper}, the helper for hosts that are not ECR's: ${problem.reason}`,
        hint: problem.hint,
      };
    case 'access-denied':
      return {
        cause: `access denied: ${problem.caller ?? 'the AWS identity in use'} may not call ${problem.action}${problem.detail === undefined ? '' : ` (${problem.detail})`}`,
        hint: deniedHint(problem),
      };
    case 'credentials-rejected':
      return {
        cause: `${problem.service} does not accept the AWS credentials from ${problem.source}: ${problem.detail}`,
        hint: `renew the credentials from ${problem.source}; test them with "aws sts get-caller-identity"`,
      };
    case 'credentials-expired':
      return {
        cause: `the AWS credentials from ${problem.source} have expired: ${problem.detail}`,
        hint: `renew the credentials from ${problem.source}; test them with "aws sts get-caller-identity"`,
      };
    case 'sso-expired':
      return {
        cause: `the AWS SSO sign-in of profile ${quote(problem.profile)} is missing or has expired`,
        hint:
          problem.session === undefined
            ? `aws sso login --profile ${problem.profile}`
            : `aws sso login --sso-session ${problem.session}`,
      };
    case 'login-expired':
      return {
        cause: `the AWS sign-in of profile ${quote(problem.profile)} is missing or has expired`,
        hint: `aws login --profile ${problem.profile}`,
      };
    case 'source-failed':
      return {
        cause: `cannot get AWS credentials from ${problem.source}: ${problem.reason}`,
        hint: problem.hint ?? 'test the source with "aws sts get-caller-identity"',
      };
    case 'mfa-needed':
      return {
        cause: `${problem.profile === '' ? 'the role of the registry rule' : `profile ${quote(problem.profile)}`} needs the MFA code of ${problem.serial}: ${problem.reason}`,
        hint: `${PROGRAM} login ${registry}`,
      };
    case 'clock-skew':
      return {
        cause: `the clock of this machine differs too much from AWS's: ${problem.detail}`,
        hint: `set the clock: ${clockCommand(platform)}`,
      };
    case 'name-not-resolved':
      return {
        cause: `cannot resolve ${problem.host}: ${problem.code === undefined ? 'no such host' : `the name servers gave no answer (${problem.code})`}${problem.region === undefined || problem.code !== undefined ? '' : `; either region ${quote(problem.region)} does not exist or DNS is not working`}`,
        hint: `check the region in the registry's name, then the network: ${lookupCommand(platform, problem.host)}`,
      };
    case 'connection-failed':
      return {
        cause: `cannot connect to ${problem.endpoint}${through(problem.proxy)}: ${problem.reason}`,
        hint:
          problem.proxy === undefined
            ? 'check the network, the firewall and AWS_ENDPOINT_URL; set HTTPS_PROXY where a proxy is needed'
            : `check the proxy, or put the host into NO_PROXY: curl -v --proxy ${problem.proxy} ${problem.endpoint}`,
      };
    case 'tls-failed':
      return explainTls(problem);
    case 'ca-bundle-invalid':
      return {
        cause: `cannot use ${problem.file}, named by ${problem.name}: ${problem.reason}`,
        hint: `correct ${problem.name}: it must name a readable file of certificates in PEM form`,
      };
    case 'proxy-failed':
      return {
        cause: `the proxy ${problem.proxy} does not connect to ${problem.endpoint}: ${problem.reason}`,
        hint: "check HTTPS_PROXY and the proxy's user and password, or put the host into NO_PROXY",
      };
    case 'timed-out':
      return {
        cause: `timed out after ${seconds(problem.limitMs)} s: ${problem.step}${whereabouts(problem)}`,
        hint: 'check the network and HTTPS_PROXY; AWS_ECR_TIMEOUT sets the limit in seconds',
      };
    case 'throttled':
      return {
        cause: `${problem.service} throttles this account's requests`,
        hint: 'try again in a minute; keep the cache on (AWS_ECR_DISABLE_CACHE unset) so that parallel jobs share one token',
      };
    case 'bad-response':
      return {
        cause: `${problem.service} gave an answer that cannot be used${problem.endpoint === undefined ? '' : ` (${problem.endpoint}${through(problem.proxy)})`}: ${problem.reason}`,
        hint: 'check AWS_ENDPOINT_URL and any proxy in between',
      };
    case 'service-failed':
      return {
        cause: `${problem.service} failed: ${problem.code}: ${problem.detail}`,
        hint: 'try again in a minute; https://health.aws.amazon.com/health/status tells of outages',
      };
    case 'setting-invalid':
      return {
        cause: `cannot use ${problem.name} ${quote(problem.value)}: must be ${problem.wanted}`,
        hint: `correct ${problem.name}`,
      };
    case 'internal':
      return {
        cause: `internal error: ${problem.detail}`,
        hint: 'report it as a bug of docker-credential-ecr-login, with the log file',
      };
  }
}

/** The place that a step was at, unless it names it. */
function whereabouts({ step, endpoint, proxy }: Extract<Problem, { kind: 'timed-out' }>): string {
  if (endpoint === undefined || step.includes(endpoint)) return through(proxy);
  return ` (${endpoint}${through(proxy)})`;
}

/** A value in quotes, cut where it is absurdly long. */
function quote(value: string): string {
  return `"${value.length > 200 ? `${value.slice(0, 200)}…` : value}"`;
}

function known(profiles: readonly string[]): string {
  if (profiles.length === 0) return 'there are no profiles';
  const shown = profiles.slice(0, 12).join(', ');
  return `there is ${shown}${profiles.length > 12 ? ` and ${profiles.length - 12} more` : ''}`;
}

function place(file: string, line: number | undefined): string {
  return line === undefined ? file : `${file}:${line}`;
}

function seconds(ms: number): string {
  return String(Math.round(ms / 100) / 10);
}

/** Messages are one line for every client: control characters become spaces, and 1,000 characters are enough. */
function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return line.length > 1000 ? `${line.slice(0, 999)}…` : line;
}
