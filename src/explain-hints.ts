// Owns the hints that depend on more than the kind of a failure. Loaded only after something failed.
import type { Problem } from './errors.ts';

/** A role is taken on by right of both sides; tokens know no resource. */
export function deniedHint({
  action,
  caller = 'that identity',
}: Extract<Problem, { kind: 'access-denied' }>): string {
  const whoami = 'see who you are with "aws sts get-caller-identity"';
  return action.startsWith('sts:AssumeRole')
    ? `allow ${action} on the role in a policy of ${caller}, and ${caller} in the role's trust policy; ${whoami}`
    : `allow ${action} on "*" in a policy of ${caller}; ${whoami}`;
}

/** Points at whatever names the profile; where there is none at all, at how to make one. */
export function missingProfileHint(problem: Extract<Problem, { kind: 'profile-not-found' }>): string {
  const { profile, known: others, namedBy, byRule } = problem;
  const make = `run "aws configure --profile ${profile}"`;
  if (others.length === 0) return `${make}, or "aws configure sso --profile ${profile}"`;
  if (namedBy !== undefined) return `correct the source_profile of "${namedBy}", or ${make}`;
  return byRule
    ? `name one of them in the registry rule, or ${make}`
    : `set AWS_PROFILE to one of them, or ${make}`;
}

/** Points at whatever names a file that is not there; else at its rights. */
export function unreadableHint({
  file,
  code,
  namedBy,
}: Extract<Problem, { kind: 'unreadable-file' }>): string {
  if (code !== 'ENOENT') return `make it readable for this user: ls -l ${file}`;
  return namedBy === undefined
    ? 'write the file, or correct the setting that names it'
    : `write the file, or correct or unset ${namedBy}`;
}
