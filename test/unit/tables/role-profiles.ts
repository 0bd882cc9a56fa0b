// Owns the rows of source.test.ts about keys and roles in profiles. Each row's profile is `default`, its sources stand beside it.
// As the AWS CLI (botocore AssumeRoleProvider) and the Go SDK read them; `js` marks where the JavaScript SDK differs.
import { ECS, ENV, keys, LEGACY_SSO, NO_IMDS, role, type SourceRow } from './source-row.ts';

/** What a profile with keys, or with a role over other credentials, declares. */
export const ROLE_PROFILES: readonly SourceRow[] = [
  {
    name: 'keys with a session token',
    profiles: { default: { ...keys('ASIA'), aws_session_token: 't' } },
    declares: 'static default ASIA +session',
  },
  {
    name: 'an id without a secret',
    profiles: { default: { aws_access_key_id: 'A' } },
    declares: '! profile-invalid default',
  },
  {
    name: 'a secret without an id',
    profiles: { default: { aws_secret_access_key: 's' } },
    declares: '! profile-invalid default',
  },
  {
    name: 'empty keys are none',
    profiles: { default: { aws_access_key_id: '', aws_secret_access_key: '' } },
    declares: 'instance',
  },
  {
    name: 'a role over another profile`s keys',
    profiles: { default: role({ source_profile: 'b' }), b: keys('AKIAB') },
    declares: 'role arn:role < static b AKIAB',
  },
  {
    name: 'a role`s settings',
    profiles: {
      default: role({
        source_profile: 'b',
        external_id: 'x',
        role_session_name: 'n',
        mfa_serial: 'm',
        region: 'r',
        duration_seconds: '3600',
      }),
      b: keys('B'),
    },
    declares: 'role arn:role external x session n mfa m region r duration 3600 < static b B',
  },
  {
    name: 'a session of 900 s',
    profiles: { default: role({ source_profile: 'b', duration_seconds: '900' }), b: keys('B') },
    declares: 'role arn:role duration 900 < static b B',
  },
  {
    name: 'a session of 43200 s',
    profiles: { default: role({ source_profile: 'b', duration_seconds: '43200' }), b: keys('B') },
    declares: 'role arn:role duration 43200 < static b B',
  },
  {
    name: 'a role before the profile`s own keys',
    profiles: { default: { ...role({ source_profile: 'b' }), ...keys('OWN') }, b: keys('B') },
    declares: 'role arn:role < static b B',
  },
  {
    name: 'a role over a role',
    profiles: {
      default: role({ source_profile: 'b' }),
      b: { role_arn: 'arn:b', source_profile: 'c' },
      c: keys('C'),
    },
    declares: 'role arn:role < role arn:b < static c C',
  },
  {
    name: 'the source`s own keys before its role, as in the AWS CLI',
    profiles: {
      default: role({ source_profile: 'b' }),
      b: { role_arn: 'arn:b', source_profile: 'c', ...keys('B') },
      c: keys('C'),
    },
    declares: 'role arn:role < static b B',
  },
  {
    name: 'a role over SSO',
    profiles: { default: role({ source_profile: 'b' }), b: LEGACY_SSO },
    declares: 'role arn:role < sso https://x r 012345678901 R',
  },
  {
    name: 'a role over web identity',
    profiles: {
      default: role({ source_profile: 'b' }),
      b: { role_arn: 'arn:b', web_identity_token_file: '/f' },
    },
    declares: 'role arn:role < web-identity arn:b /f',
  },
  {
    name: 'a role over a process',
    profiles: { default: role({ source_profile: 'b' }), b: { credential_process: 'cmd' } },
    declares: 'role arn:role < process cmd',
  },
  {
    name: 'a role over itself with keys',
    profiles: { default: { ...role({ source_profile: 'default' }), ...keys('OWN') } },
    declares: 'role arn:role < static default OWN',
  },
  {
    name: 'a role over itself without keys',
    profiles: { default: role({ source_profile: 'default' }) },
    declares: '! profile-invalid default',
  },
  {
    name: 'a circle',
    profiles: {
      default: role({ source_profile: 'b' }),
      b: role({ source_profile: 'c' }),
      c: role({ source_profile: 'b' }),
    },
    declares: '! profile-invalid c',
  },
  {
    name: 'a circle through a profile with keys',
    profiles: {
      default: { ...role({ source_profile: 'b' }), ...keys('A') },
      b: role({ source_profile: 'default' }),
    },
    declares: '! profile-invalid b',
    js: 'the AWS CLI calls it an infinite loop too',
  },
  {
    name: 'a source profile that does not exist',
    profiles: { default: role({ source_profile: 'none' }) },
    declares: '! profile-not-found none < default',
  },
  {
    name: 'a source profile without credentials',
    profiles: { default: role({ source_profile: 'b' }), b: { region: 'r' } },
    declares: '! profile-invalid b',
  },
  {
    name: 'a source profile with half a pair',
    profiles: { default: role({ source_profile: 'b' }), b: { aws_access_key_id: 'A' } },
    declares: '! profile-invalid b',
  },
  {
    name: 'both source_profile and credential_source',
    profiles: { default: role({ source_profile: 'b', credential_source: 'Environment' }), b: keys('B') },
    declares: '! profile-invalid default',
  },
  {
    name: 'a role over the container',
    env: ECS,
    profiles: { default: role({ credential_source: 'EcsContainer' }) },
    declares: 'role arn:role < container http://169.254.170.2/v2/x',
  },
  {
    name: 'a role over a container that is not there',
    profiles: { default: role({ credential_source: 'EcsContainer' }) },
    declares: '! profile-invalid default',
  },
  {
    name: 'a role over an instance at another address',
    profiles: {
      default: role({
        credential_source: 'Ec2InstanceMetadata',
        ec2_metadata_service_endpoint: 'http://127.0.0.1:2',
      }),
    },
    declares: 'role arn:role < instance http://127.0.0.1:2',
  },
  {
    name: 'a role over the instance',
    profiles: { default: role({ credential_source: 'Ec2InstanceMetadata' }) },
    declares: 'role arn:role < instance',
  },
  {
    name: 'a role over an instance that is off',
    env: NO_IMDS,
    profiles: { default: role({ credential_source: 'Ec2InstanceMetadata' }) },
    declares: '! profile-invalid default',
  },
  {
    name: 'a role over the environment, named by a rule',
    env: ENV,
    rule: 'p',
    profiles: { p: role({ credential_source: 'Environment' }) },
    declares: 'role arn:role < environment AKIAENV',
  },
  {
    name: 'a role over an environment without keys',
    profiles: { default: role({ credential_source: 'Environment' }) },
    declares: '! profile-invalid default',
  },
  {
    name: 'another credential_source',
    profiles: { default: role({ credential_source: 'environment' }) },
    declares: '! profile-invalid default',
  },
  {
    name: 'a role without any source never ends at the profile`s keys',
    profiles: { default: { ...role({}), ...keys('A') } },
    declares: '! profile-invalid default',
    js: 'the keys, without the role',
  },
  {
    name: 'source_profile without a role is ignored, as in the AWS CLI',
    profiles: { default: { source_profile: 'b' }, b: keys('B') },
    declares: 'instance',
  },
];
