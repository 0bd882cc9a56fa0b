// Owns the shape of a row of source.test.ts and the settings that many rows share.
// Must not hold a row: they are in sources.ts, role-profiles.ts and other-profiles.ts.

type Settings = Readonly<Record<string, string>>;

/** An environment and what it declares. */
export interface SourceRow {
  readonly name: string;
  readonly env?: Settings;
  readonly profiles?: Readonly<Record<string, Settings>>;
  readonly sessions?: Readonly<Record<string, Settings>>;
  readonly rule?: string;
  readonly declares: string;
  /** What the JavaScript SDK's default chain does instead. */
  readonly js?: string;
}

export const ENV = { AWS_ACCESS_KEY_ID: 'AKIAENV', AWS_SECRET_ACCESS_KEY: 's' };
export const WEB = { AWS_WEB_IDENTITY_TOKEN_FILE: '/token', AWS_ROLE_ARN: 'arn:web' };
export const ECS = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/x' };
export const NO_IMDS = { AWS_EC2_METADATA_DISABLED: 'true' };
export const keys = (id: string): Settings => ({ aws_access_key_id: id, aws_secret_access_key: 's' });
export const role = (more: Settings): Settings => ({ role_arn: 'arn:role', ...more });
export const LEGACY_SSO = {
  sso_start_url: 'https://x',
  sso_region: 'r',
  sso_account_id: '012345678901',
  sso_role_name: 'R',
};
export const NEW_SSO = { sso_session: 's', sso_account_id: '012345678901', sso_role_name: 'R' };
export const SESSIONS = { s: { sso_start_url: 'https://s', sso_region: 'q' } };
