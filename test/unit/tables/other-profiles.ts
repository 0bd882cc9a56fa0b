// Owns the rows of source.test.ts about web identity, SSO, `aws login` and processes in the default profile.
// As the AWS CLI and the Go SDK read them; `js` marks where the JavaScript SDK differs.
import { ENV, keys, LEGACY_SSO, NEW_SSO, role, SESSIONS, type SourceRow } from './source-row.ts';

/** What a profile without source_profile and credential_source declares. */
export const OTHER_PROFILES: readonly SourceRow[] = [
  {
    name: 'web identity',
    profiles: { default: role({ web_identity_token_file: '/f', role_session_name: 'n' }) },
    declares: 'web-identity arn:role /f session n',
  },
  {
    name: 'web identity without a role',
    profiles: { default: { web_identity_token_file: '/f', ...keys('A') } },
    declares: '! profile-invalid default',
    js: 'the keys',
  },
  {
    name: 'web identity before source_profile, as in the AWS CLI',
    profiles: { default: role({ source_profile: 'b', web_identity_token_file: '/f' }), b: keys('B') },
    declares: 'web-identity arn:role /f',
    js: 'the role over the source; the Go SDK refuses a profile with both',
  },
  {
    name: 'web identity before credential_source, as in the AWS CLI',
    env: ENV,
    rule: 'p',
    profiles: { p: role({ credential_source: 'Environment', web_identity_token_file: '/f' }) },
    declares: 'web-identity arn:role /f',
    js: 'the role over the source; the Go SDK refuses a profile with both',
  },
  {
    name: 'SSO, the older style',
    profiles: { default: LEGACY_SSO },
    declares: 'sso https://x r 012345678901 R',
  },
  {
    name: 'SSO by session',
    profiles: { default: NEW_SSO },
    sessions: SESSIONS,
    declares: 'sso https://s q 012345678901 R session s',
  },
  {
    name: 'SSO by a session without a section',
    profiles: { default: NEW_SSO },
    declares: '! profile-invalid default',
  },
  {
    name: 'SSO without a region',
    profiles: { default: { ...LEGACY_SSO, sso_region: '' } },
    declares: '! profile-invalid default',
  },
  {
    name: 'SSO without a role',
    profiles: { default: { ...NEW_SSO, sso_role_name: '' } },
    sessions: SESSIONS,
    declares: '! profile-invalid default',
  },
  {
    name: 'only a session, for bearer tokens',
    profiles: { default: { sso_session: 's' } },
    sessions: SESSIONS,
    declares: 'instance',
  },
  {
    name: 'keys before SSO, as in the Go SDK',
    profiles: { default: { ...LEGACY_SSO, ...keys('A') } },
    declares: 'static default A',
    js: 'the same; the AWS CLI takes SSO',
  },
  {
    name: 'SSO before a process',
    profiles: { default: { ...LEGACY_SSO, credential_process: 'cmd' } },
    declares: 'sso https://x r 012345678901 R',
    js: 'the process',
  },
  {
    name: 'aws login',
    profiles: { default: { login_session: 'arn:l', region: 'r' } },
    declares: 'login arn:l region r',
  },
  {
    name: 'aws login before a process',
    profiles: { default: { login_session: 'arn:l', credential_process: 'cmd' } },
    declares: 'login arn:l',
    js: 'the process',
  },
  {
    name: 'a process',
    profiles: { default: { credential_process: 'cmd --flag "a b"' } },
    declares: 'process cmd --flag "a b"',
  },
  {
    name: 'keys before a process',
    profiles: { default: { ...keys('A'), credential_process: 'cmd' } },
    declares: 'static default A',
  },
  {
    name: 'a duration that is no number',
    profiles: { default: role({ source_profile: 'b', duration_seconds: '1h' }), b: keys('B') },
    declares: '! profile-invalid default',
  },
  {
    name: 'a duration below zero',
    profiles: { default: role({ source_profile: 'b', duration_seconds: '-900' }), b: keys('B') },
    declares: '! profile-invalid default',
  },
];
