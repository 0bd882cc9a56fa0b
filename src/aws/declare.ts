// Owns which AWS identity the environment and the shared config files name, with the precedence of the AWS CLI and the Go SDK
// (aws-sdk-go-v2 config/resolve_credentials.go), before anybody is asked for a key. What one profile holds is in
// profile-source.ts. Must not contact anyone, and must not import the AWS SDK.
import { HelperError } from '../errors.ts';
import { containerSource, environmentKeys, instanceSource } from './ambient-source.ts';
import { holdsNothing, profileNotFound } from './profile-problem.ts';
import { profileSource } from './profile-source.ts';
import type { SharedConfig } from './shared-config.ts';
import type { Source } from './source.ts';

/** What the declaration reads; all of it given, so that a test is a table. */
export interface Declaration {
  readonly env: NodeJS.ProcessEnv;
  readonly shared: SharedConfig;
  /** The profile that a registry rule names: it wins over everything in the environment. */
  readonly ruleProfile?: string;
}

/** The credential source in force; throws `profile-not-found`, `profile-invalid` or `no-credentials`. */
export function declareSource({ env, shared, ruleProfile }: Declaration): Source {
  if (ruleProfile !== undefined) {
    if (!shared.profiles.has(ruleProfile)) throw profileNotFound(ruleProfile, shared, { byRule: true });
    return profileSource(ruleProfile, env, shared) ?? holdsNothing(ruleProfile);
  }
  // As the AWS CLI and the Go SDK: keys win over a profile, but not over one that somebody named and nobody has.
  const named = env.AWS_PROFILE || 'default';
  if (named !== 'default' && !shared.profiles.has(named)) throw profileNotFound(named, shared);
  const keys = environmentKeys(env);
  if (keys !== undefined) return { kind: 'environment', keys };
  const { AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile, AWS_ROLE_ARN: roleArn } = env;
  if (tokenFile) {
    // As in the AWS CLI and the Go SDK: going on would end at another identity, silently.
    if (!roleArn)
      throw new HelperError({
        kind: 'setting-invalid',
        name: 'AWS_ROLE_ARN',
        value: '',
        wanted: 'the ARN of a role, because AWS_WEB_IDENTITY_TOKEN_FILE is set',
      });
    return {
      kind: 'web-identity',
      roleArn,
      tokenFile,
      ...(env.AWS_ROLE_SESSION_NAME ? { sessionName: env.AWS_ROLE_SESSION_NAME } : {}),
    };
  }
  const name = activeProfile(env);
  const declared = profileSource(name, env, shared);
  return (
    declared ?? containerSource(env) ?? instanceSource(env, shared, name) ?? noCredentials(env, shared, name)
  );
}

/** The profile in force where no rule names one: `AWS_PROFILE`, `AWS_DEFAULT_PROFILE`, else `default`. */
export function activeProfile(env: NodeJS.ProcessEnv): string {
  return env.AWS_PROFILE || env.AWS_DEFAULT_PROFILE || 'default';
}

/** The places that were looked at, in order, for the error that nothing was found. */
export function triedSources(env: NodeJS.ProcessEnv, shared: SharedConfig, profile: string): string[] {
  const halfPair = env.AWS_ACCESS_KEY_ID ? ' (AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY)' : '';
  return [
    `environment keys${halfPair}`,
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    `profile "${profile}" (${shared.profiles.has(profile) ? 'holds no credentials' : `not in ${shared.files.join(' or ') || 'any file'}`})`,
    'container endpoint',
    instanceSource(env, shared, profile) === undefined ? 'instance metadata (disabled)' : 'instance metadata',
  ];
}

function noCredentials(env: NodeJS.ProcessEnv, shared: SharedConfig, profile: string): never {
  throw new HelperError({ kind: 'no-credentials', tried: triedSources(env, shared, profile) });
}
