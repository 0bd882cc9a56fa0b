// Owns what one profile declares: the order of its settings, and its way through other profiles. As the AWS CLI and the Go SDK
// read it; where they differ, see the rows of the tests. Must not look at any profile that was not named.
import { containerSource, environmentKeys, instanceSource } from './ambient-source.ts';
import { invalidProfile, namedBy, profileNotFound } from './profile-problem.ts';
import { loginSource, processSource, ssoSource, staticKeys } from './profile-settings.ts';
import type { SharedConfig } from './shared-config.ts';
import type { Source } from './source.ts';

/** What a profile declares, or undefined when it holds no credentials and the search goes on. */
export function profileSource(
  name: string,
  env: NodeJS.ProcessEnv,
  shared: SharedConfig,
): Source | undefined {
  if (!shared.profiles.has(name)) {
    // Where nobody asked for `default`, its absence is no mistake.
    if (name === 'default') return undefined;
    throw profileNotFound(name, shared);
  }
  return resolveProfile(name, env, shared, []);
}

function resolveProfile(
  name: string,
  env: NodeJS.ProcessEnv,
  shared: SharedConfig,
  visited: readonly string[],
): Source | undefined {
  const profile = shared.profiles.get(name);
  if (profile === undefined) throw profileNotFound(name, shared, namedBy(visited.at(-1)));
  const roleArn = profile.get('role_arn');
  const tokenFile = profile.get('web_identity_token_file');
  const sourceProfile = profile.get('source_profile');
  const credentialSource = profile.get('credential_source');
  // The AWS CLI takes a source_profile's own keys before its role, and the JavaScript SDK follows it.
  const ownKeys = visited.length > 0 ? staticKeys(name, profile) : undefined;
  if (ownKeys !== undefined) return { kind: 'static', profile: name, keys: ownKeys };
  // Before the other ways to a role, as in the AWS CLI; the Go SDK refuses a profile that has both.
  if (roleArn && tokenFile) {
    const sessionName = profile.get('role_session_name');
    return {
      kind: 'web-identity',
      roleArn,
      tokenFile,
      profile: name,
      ...(sessionName ? { sessionName } : {}),
    };
  }
  if (roleArn && sourceProfile && credentialSource)
    throw invalidProfile(name, 'it has both source_profile and credential_source');
  if (roleArn && (sourceProfile || credentialSource)) {
    const base = sourceProfile
      ? sourceProfileBase(name, sourceProfile, env, shared, visited)
      : credentialSourceBase(name, credentialSource ?? '', env, shared);
    return roleSource(name, roleArn, profile, base);
  }
  if (tokenFile) throw invalidProfile(name, 'it has web_identity_token_file but no role_arn');
  // Never the profile's own keys instead of the role: that would be another identity, silently.
  if (roleArn)
    throw invalidProfile(
      name,
      'it has role_arn but neither source_profile nor credential_source nor web_identity_token_file',
    );
  const keys = staticKeys(name, profile);
  if (keys !== undefined) return { kind: 'static', profile: name, keys };
  return ssoSource(name, profile, shared) ?? loginSource(name, profile) ?? processSource(name, profile);
}

/** The credentials that a role's profile builds on; a profile may name itself when it also has static keys. */
function sourceProfileBase(
  name: string,
  source: string,
  env: NodeJS.ProcessEnv,
  shared: SharedConfig,
  visited: readonly string[],
): Source {
  const path = [...visited, name];
  const profile = shared.profiles.get(source);
  if (profile === undefined) throw profileNotFound(source, shared, namedBy(name));
  if (path.includes(source)) {
    const keys = source === name ? staticKeys(name, profile) : undefined;
    if (keys === undefined)
      throw invalidProfile(name, `source_profile goes in a circle: ${[...path, source].join(' → ')}`);
    return { kind: 'static', profile: name, keys };
  }
  const base = resolveProfile(source, env, shared, path);
  if (base === undefined)
    throw invalidProfile(source, `it is the source_profile of "${name}" but holds no credentials`);
  return base;
}

function credentialSourceBase(
  name: string,
  credentialSource: string,
  env: NodeJS.ProcessEnv,
  shared: SharedConfig,
): Source {
  switch (credentialSource) {
    case 'Environment': {
      const keys = environmentKeys(env);
      if (keys === undefined)
        throw invalidProfile(
          name,
          'its credential_source is Environment but AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set',
        );
      return { kind: 'environment', keys };
    }
    case 'EcsContainer': {
      const container = containerSource(env);
      if (container === undefined)
        throw invalidProfile(
          name,
          'its credential_source is EcsContainer but AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not set',
        );
      return container;
    }
    case 'Ec2InstanceMetadata': {
      const instance = instanceSource(env, shared, name);
      if (instance === undefined)
        throw invalidProfile(
          name,
          'its credential_source is Ec2InstanceMetadata but AWS_EC2_METADATA_DISABLED is true',
        );
      return instance;
    }
    default:
      throw invalidProfile(
        name,
        `credential_source is "${credentialSource}", must be Environment, EcsContainer or Ec2InstanceMetadata`,
      );
  }
}

function roleSource(
  name: string,
  roleArn: string,
  profile: ReadonlyMap<string, string>,
  base: Source,
): Source {
  const externalId = profile.get('external_id');
  const sessionName = profile.get('role_session_name');
  const mfaSerial = profile.get('mfa_serial');
  const region = profile.get('region');
  const duration = profile.get('duration_seconds');
  if (duration !== undefined && !isSessionLength(duration))
    throw invalidProfile(
      name,
      `duration_seconds is "${duration}", must be a number of seconds from 900 to 43200`,
    );
  return {
    kind: 'role',
    profile: name,
    roleArn,
    base,
    ...(externalId ? { externalId } : {}),
    ...(sessionName ? { sessionName } : {}),
    ...(mfaSerial ? { mfaSerial } : {}),
    ...(region ? { region } : {}),
    ...(duration ? { durationSeconds: Number(duration) } : {}),
  };
}

/** What STS takes: a quarter of an hour to half a day. */
function isSessionLength(seconds: string): boolean {
  return /^\d{3,5}$/.test(seconds) && Number(seconds) >= 900 && Number(seconds) <= 43_200;
}
