// Owns what mends a refusal by AWS: from IAM's own sentence to the policy that is wanting and the statement that belongs there.
// Must not guess where the sentence says it. https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
import type { Target } from '../config/rules.ts';
import type { Problem } from '../errors.ts';
import { explain } from '../explain.ts';
import { broken, type Finding } from './finding.ts';

type Registry = Target['registry'];

/** A failure as a finding, in the words that `get` has for it, with the statement where it is a right that is wanting. */
export function brokenBy(problem: Problem, registry?: string): Finding {
  const { cause, hint } = explain(problem, registry);
  if (problem.kind !== 'access-denied') return broken(cause, hint);
  const { action, detail = '' } = problem;
  return broken(cause, tokenRemedy(action, detail, callerIn(detail) ?? problem.caller));
}

/** The actions of a pull, all of which belong into one statement. */
const PULL = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchCheckLayerAvailability'];

/** What lets an identity pull from a repository, where the registry refused with `sentence`. */
export function pullRemedy(
  sentence: string,
  { region, accountId = '<account>', partition }: Registry,
  repository: string,
): string {
  const caller = callerIn(sentence);
  const other = unusual(sentence, /\becr:\w+/.exec(sentence)?.[0] ?? 'ecr:BatchGetImage');
  if (other !== undefined) return other;
  const resource = `arn:${partition}:ecr:${region}:${accountId}:repository/${repository}`;
  const own = `add to ${policyOf(caller)}: ${statement(PULL, { Resource: resource })}`;
  const where = `--registry-id ${accountId} --region ${region} --repository-name ${repository}`;
  const theirs = `add to the repository's policy (aws ecr get-repository-policy ${where}): ${statement(PULL, { Principal: { AWS: caller === undefined ? '<identity>' : principal(caller) } })}`;
  if (/no identity-based policy allows/.test(sentence)) return own;
  if (/no resource-based policy allows/.test(sentence)) return theirs;
  // An identity of another account needs both; which of them is wanting the registry has not said.
  return accountOf(caller) === accountId ? own : `${own}; for an identity of another account also ${theirs}`;
}

/** What lets an identity have a token, or take on the role that shall have it. */
function tokenRemedy(action: string, sentence: string, caller: string | undefined): string {
  const other = unusual(sentence, action);
  if (other !== undefined) return other;
  const role = /on resource: (arn:\S+:role\/[^\s,]+)/.exec(sentence)?.[1];
  if (action.startsWith('sts:AssumeRole') && role !== undefined)
    return `add to ${policyOf(caller)}: ${statement(action, { Resource: role })}; and to the trust policy of ${role}: ${statement(action, { Principal: { AWS: caller === undefined ? '<identity>' : principal(caller) } })}`;
  const actions =
    action === 'ecr-public:GetAuthorizationToken' || action === 'sts:GetServiceBearerToken'
      ? ['ecr-public:GetAuthorizationToken', 'sts:GetServiceBearerToken']
      : action;
  return `add to ${policyOf(caller)}: ${statement(actions, { Resource: '*' })}`;
}

/** Where another kind of policy stands in the way, an allow in the identity's own would not help. */
function unusual(sentence: string, action: string): string | undefined {
  const denied = /explicit deny in an? ([\w -]+?)(?=[.,:;]|$)/.exec(sentence)?.[1];
  if (denied !== undefined)
    return `take the deny of ${action} out of the ${denied}; no allow elsewhere outweighs it`;
  const silent =
    /no (session policy|permissions boundary|service control policy|VPC endpoint policy) allows/i.exec(
      sentence,
    )?.[1];
  return silent === undefined ? undefined : `allow ${action} in the ${silent} too`;
}

function statement(action: string | readonly string[], more: object): string {
  return JSON.stringify({ Effect: 'Allow', Action: action, ...more });
}

/** `User: arn:… is not authorized to perform: …` */
function callerIn(sentence: string): string | undefined {
  return /(arn:[\w-]+:(?:iam|sts)::\d{12}:[\w+=,.@/-]+) is not authorized/.exec(sentence)?.[1];
}

/** Policies hang on the role, not on its session. */
function policyOf(caller: string | undefined): string {
  if (caller === undefined) return 'a policy of the identity';
  const role = /:assumed-role\/([^/]+)\//.exec(caller)?.[1];
  return role === undefined ? `a policy of ${caller}` : `a policy of role ${role}`;
}

/** Without the session's name, which changes; the path of a role does not stand in the ARN of its session. */
function principal(caller: string): string {
  const session = /^arn:([\w-]+):sts::(\d{12}):assumed-role\/([^/]+)\//.exec(caller);
  return session === null ? caller : `arn:${session[1]}:iam::${session[2]}:role/${session[3]}`;
}

function accountOf(arn: string | undefined): string | undefined {
  return arn?.split(':')[4];
}
