// Owns the twins of identity.test.ts: two credential sources, and whether the token of one may serve the other.
// Must hold only sources that are told without a disk; those with token files are in the test.
import type { Source } from '../../../src/aws/source.ts';
import { jwt } from '../fixtures.ts';

const keys = (accessKeyId: string, secretAccessKey = 's', sessionToken = 't') => ({
  accessKeyId,
  secretAccessKey,
  sessionToken,
});
export const env = (accessKeyId: string, secret?: string, session?: string): Source => ({
  kind: 'environment',
  keys: keys(accessKeyId, secret, session),
});
export const fixed = (profile: string, accessKeyId: string, secret?: string, session?: string): Source => ({
  kind: 'static',
  profile,
  keys: keys(accessKeyId, secret, session),
});
type Role = Extract<Source, { kind: 'role' }>;
export const role = (change: Partial<Role> = {}): Role => ({
  kind: 'role',
  profile: 'p',
  roleArn: 'arn:aws:iam::123456789012:role/pull',
  externalId: 'x',
  sessionName: 'n',
  mfaSerial: 'm',
  durationSeconds: 3600,
  base: env('AKIA1'),
  ...change,
});
export const container = (change: Partial<Extract<Source, { kind: 'container' }>> = {}): Source => ({
  kind: 'container',
  uri: 'http://169.254.170.2/v2/a',
  ...change,
});
export const pod = (token: string, roleArn = 'arn:a'): Source => ({
  kind: 'service-account',
  roleArn,
  token,
});
export const subject = (sub: string, more: Record<string, unknown> = {}): string =>
  jwt({ iss: 'https://i', sub, ...more });

/** Two sources and whether one's token may serve the other. */
export const TWINS: readonly (readonly [name: string, a: Source, b: Source, same: boolean])[] = [
  ['environment: another secret under the same id', env('AKIA1', 'a'), env('AKIA1', 'b'), true],
  ['environment: another session token', env('ASIA1', 's', 'a'), env('ASIA1', 's', 'b'), true],
  ['environment: another id', env('AKIA1'), env('AKIA2'), false],
  ['environment: an id in another case', env('AKIA1a'), env('AKIA1A'), false],
  ['static: another profile with the same key', fixed('a', 'AKIA1'), fixed('b', 'AKIA1'), true],
  ['static: the key moved into the environment', fixed('a', 'AKIA1'), env('AKIA1'), true],
  ['static: another secret', fixed('a', 'AKIA1', 'a'), fixed('a', 'AKIA1', 'b'), true],
  ['static: another id in the same profile', fixed('a', 'AKIA1'), fixed('a', 'AKIA2'), false],
  ['role: nothing changed', role(), role(), true],
  ['role: the profile got another name', role(), role({ profile: 'q' }), true],
  ['role: another STS region', role(), role({ region: 'eu-west-1' }), true],
  ['role: the base key`s secret was rotated', role(), role({ base: env('AKIA1', 'new') }), true],
  ['role: another role', role(), role({ roleArn: 'arn:aws:iam::123456789012:role/push' }), false],
  [
    'role: the same role in another account',
    role(),
    role({ roleArn: 'arn:aws:iam::000000000001:role/pull' }),
    false,
  ],
  ['role: another external id', role(), role({ externalId: 'y' }), false],
  ['role: another session name', role(), role({ sessionName: 'o' }), false],
  ['role: another MFA device', role(), role({ mfaSerial: 'l' }), false],
  ['role: another duration', role(), role({ durationSeconds: 900 }), false],
  ['role: another base key', role(), role({ base: env('AKIA2') }), false],
  ['role: another kind of base', role(), role({ base: { kind: 'instance' } }), false],
  [
    'role: external id and session name swapped',
    role({ externalId: 'a', sessionName: 'b' }),
    role({ externalId: 'b', sessionName: 'a' }),
    false,
  ],
  [
    'role: the base of the base',
    role({ base: role({ base: env('AKIA1') }) }),
    role({ base: role({ base: env('AKIA2') }) }),
    false,
  ],
  ['role: a role is not its base', role(), env('AKIA1'), false],
  ['container: nothing changed', container(), container(), true],
  ['container: another URI', container(), container({ uri: 'http://169.254.170.2/v2/b' }), false],
  [
    'container: a renewed token of the same subject',
    container({ token: subject('a', { exp: 1 }) }),
    container({ token: subject('a', { exp: 2 }) }),
    true,
  ],
  [
    'container: a token of another subject',
    container({ token: subject('a') }),
    container({ token: subject('b') }),
    false,
  ],
  [
    'container: another token that tells no subject',
    container({ token: 'Basic a' }),
    container({ token: 'Basic b' }),
    false,
  ],
  ['container: a token, and none', container({ token: 'Basic a' }), container(), false],
  ['service account: a renewed token', pod(subject('sa', { exp: 1 })), pod(subject('sa', { exp: 2 })), true],
  ['service account: another account', pod(subject('sa')), pod(subject('sb')), false],
  ['service account: another role', pod(subject('sa')), pod(subject('sa'), 'arn:b'), false],
  ['service account: tokens without a subject', pod('opaque-a'), pod('opaque-b'), false],
];
