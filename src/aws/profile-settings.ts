// Owns the sources that a profile's own settings declare: keys, SSO, `aws login`, a process. Must not follow a profile to another.
import { invalidProfile } from './profile-problem.ts';
import type { SharedConfig } from './shared-config.ts';
import type { AwsKeys, Source } from './source.ts';

/** A pair of keys, with or without a session token; half a pair is an error. */
export function staticKeys(name: string, profile: ReadonlyMap<string, string>): AwsKeys | undefined {
  const accessKeyId = profile.get('aws_access_key_id');
  const secretAccessKey = profile.get('aws_secret_access_key');
  const sessionToken = profile.get('aws_session_token');
  if (!accessKeyId && !secretAccessKey) return undefined;
  if (!accessKeyId || !secretAccessKey)
    throw invalidProfile(
      name,
      `it has ${accessKeyId ? 'aws_access_key_id' : 'aws_secret_access_key'} without ${accessKeyId ? 'aws_secret_access_key' : 'aws_access_key_id'}`,
    );
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

/** SSO (IAM Identity Center) in both styles. */
export function ssoSource(
  name: string,
  profile: ReadonlyMap<string, string>,
  shared: SharedConfig,
): Source | undefined {
  const accountId = profile.get('sso_account_id');
  const roleName = profile.get('sso_role_name');
  // A profile with only an SSO session serves bearer tokens of other services; it holds no AWS credentials.
  if (!accountId && !roleName) return undefined;
  const session = profile.get('sso_session');
  const sessionSettings = session === undefined ? undefined : shared.ssoSessions.get(session);
  if (session !== undefined && sessionSettings === undefined)
    throw invalidProfile(name, `its sso_session "${session}" has no section [sso-session ${session}]`);
  const startUrl = sessionSettings?.get('sso_start_url') ?? profile.get('sso_start_url');
  const ssoRegion = sessionSettings?.get('sso_region') ?? profile.get('sso_region');
  const settings = {
    sso_start_url: startUrl,
    sso_region: ssoRegion,
    sso_account_id: accountId,
    sso_role_name: roleName,
  };
  const missing = Object.entries(settings).filter(([, value]) => !value);
  if (!startUrl || !ssoRegion || !accountId || !roleName)
    throw invalidProfile(
      name,
      `its SSO settings lack ${missing.map(([key]) => key).join(', ')}`,
      `aws configure sso --profile ${name}`,
    );
  return {
    kind: 'sso',
    profile: name,
    startUrl,
    ssoRegion,
    accountId,
    roleName,
    ...(session ? { session } : {}),
  };
}

/** What `aws login` left in a profile. */
export function loginSource(name: string, profile: ReadonlyMap<string, string>): Source | undefined {
  const loginSession = profile.get('login_session');
  const region = profile.get('region');
  return loginSession
    ? { kind: 'login', profile: name, loginSession, ...(region ? { region } : {}) }
    : undefined;
}

/** A command that answers keys. */
export function processSource(name: string, profile: ReadonlyMap<string, string>): Source | undefined {
  const command = profile.get('credential_process');
  return command ? { kind: 'process', profile: name, command } : undefined;
}
