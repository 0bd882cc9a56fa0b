// Owns the failures of profiles: absent, or not to be used as they stand. Must not decide which failure it is.
import { HelperError } from '../errors.ts';
import type { SharedConfig } from './shared-config.ts';

/** The failure of a rule whose profile declares nothing. */
export function holdsNothing(profile: string): never {
  throw invalidProfile(profile, 'a registry rule names it, but it holds no credentials');
}

/** The failure of a profile that no file has; who names it is told with it. */
export function profileNotFound(
  profile: string,
  shared: SharedConfig,
  by: { readonly namedBy?: string; readonly byRule?: boolean } = {},
): HelperError {
  return new HelperError({
    kind: 'profile-not-found',
    profile,
    known: [...shared.profiles.keys()],
    files: shared.files,
    ...by,
  });
}

/** Who names a missing profile, for {@link profileNotFound}. */
export function namedBy(profile: string | undefined): { readonly namedBy?: string } {
  return profile === undefined ? {} : { namedBy: profile };
}

/** The failure of a profile that cannot be used as it stands. */
export function invalidProfile(profile: string, reason: string, hint?: string): HelperError {
  return new HelperError({
    kind: 'profile-invalid',
    profile,
    reason,
    ...(hint === undefined ? {} : { hint }),
  });
}
