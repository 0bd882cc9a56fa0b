// Owns `"profile": "auto"`: the one AWS profile whose account is the registry's. Pure, and never a guess between two.
import { HelperError } from '../errors.ts';
import type { SharedConfig } from './shared-config.ts';

/** The profile of an account; throws `profile-not-guessed` when there is none or more than one. */
export function profileOfAccount(account: string, shared: SharedConfig): string {
  const candidates = [...shared.profiles]
    .filter(([, profile]) => accountOf(profile) === account)
    .map(([name]) => name);
  const [only, ...others] = candidates;
  if (only === undefined || others.length > 0)
    throw new HelperError({ kind: 'profile-not-guessed', account, candidates });
  return only;
}

/** The account that a profile's credentials belong to, as far as the profile says: of its role, its SSO role or its login. */
export function accountOf(profile: ReadonlyMap<string, string>): string | undefined {
  // A role wins: the SSO settings beside it would only be its source.
  const arn =
    profile.get('role_arn') ?? (profile.has('sso_account_id') ? undefined : profile.get('login_session'));
  return arn === undefined
    ? profile.get('sso_account_id')
    : /^arn:[\w-]+:(?:iam|sts)::(\d{12}):/.exec(arn)?.[1];
}
