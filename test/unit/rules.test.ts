// Registry rules as a table: which rule a server URL meets, what it makes of the registry, and which hosts stay strangers.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { profileOfAccount } from '../../src/aws/auto-profile.ts';
import type { SharedConfig } from '../../src/aws/shared-config.ts';
import { findTarget, matchesGlob, type Rule, ruleName } from '../../src/config/rules.ts';
import { HelperError } from '../../src/errors.ts';
import { parseAuthority } from '../../src/registry.ts';

const HOST = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const MAPPED: Rule = {
  match: { host: 'registry.example.com' },
  account: '123456789012',
  region: 'eu-west-1',
  profile: 'm',
};
const PORT: Rule = {
  match: { host: 'other.example.com:5000' },
  account: '123456789012',
  region: 'cn-north-1',
  profile: 'p',
};
const rules: readonly Rule[] = [
  { match: { account: '999999999999', region: 'eu-*' }, profile: 'nines in europe' },
  { match: { account: '999999999999' }, profile: 'nines' },
  {
    match: { host: '*.dkr.ecr.us-*.amazonaws.com' },
    profile: 'us',
    region: 'us-west-2',
    fips: true,
    dualStack: true,
  },
  { match: { host: 'public.ecr.aws' }, profile: 'public', region: 'eu-west-1' },
  MAPPED,
  PORT,
  { match: { host: '*' }, profile: 'rest' },
];

const meets: readonly (readonly [serverUrl: string, profile: string])[] = [
  [HOST, 'us'],
  [`https://${HOST}:443/v2/`, 'us'],
  ['999999999999.dkr.ecr.eu-west-1.amazonaws.com', 'nines in europe'],
  ['999999999999.dkr.ecr.us-east-1.amazonaws.com', 'nines'],
  ['123456789012.dkr.ecr.ap-south-1.amazonaws.com', 'rest'],
  ['public.ecr.aws', 'public'],
  ['ecr-public.aws.com', 'rest'],
  ['registry.example.com', 'm'],
  ['REGISTRY.example.com', 'm'],
  ['https://registry.example.com:443/v2/', 'm'],
  ['other.example.com:5000', 'p'],
];

const strangers: readonly string[] = [
  'registry.example.com:5000',
  'registry.example.com.evil.test',
  'x.registry.example.com',
  'other.example.com',
  'other.example.com:443',
  'user@registry.example.com',
  'ghcr.io',
  '*',
];

function target(serverUrl: string, env: NodeJS.ProcessEnv = {}): ReturnType<typeof findTarget> {
  const authority = parseAuthority(serverUrl);
  return authority && findTarget(authority, rules, env);
}

describe('the first rule that fits', () => {
  for (const [serverUrl, profile] of meets)
    test(`${serverUrl} → ${profile}`, () => assert.equal(target(serverUrl)?.rule?.profile, profile));
  for (const serverUrl of strangers)
    test(`${serverUrl} is no registry`, () => assert.equal(target(serverUrl), undefined));

  test('changes region, FIPS and dual-stack of the request, not the host', () => {
    const registry = target(HOST)?.registry;
    assert.deepEqual(registry, {
      host: HOST,
      service: 'ecr',
      accountId: '123456789012',
      region: 'us-west-2',
      partition: 'aws',
      fips: true,
      dualStack: true,
    });
  });
  test('cannot move ECR Public out of us-east-1', () =>
    assert.equal(target('public.ecr.aws')?.registry.region, 'us-east-1'));
  test('makes a registry of a mapped host', () => {
    assert.deepEqual(target('registry.example.com')?.registry, {
      host: 'registry.example.com',
      service: 'ecr',
      accountId: '123456789012',
      region: 'eu-west-1',
      partition: 'aws',
      fips: false,
      dualStack: false,
    });
  });
  test('keeps the port of a mapped host, which is another server without it', () => {
    assert.equal(target('other.example.com:5000')?.registry.host, 'other.example.com:5000');
    assert.equal(target('other.example.com:5000')?.registry.partition, 'aws-cn');
  });
});

describe('rules of the environment', () => {
  test('a profile for an account comes before the file', () => {
    assert.equal(target(HOST, { AWS_ECR_PROFILE_123456789012: 'job' })?.rule?.profile, 'job');
  });
  test('a role for an account, with the profile as its source', () => {
    const env = {
      AWS_ECR_ROLE_ARN_123456789012: 'arn:aws:iam::1:role/r',
      AWS_ECR_PROFILE_123456789012: 'base',
    };
    assert.deepEqual(target(HOST, env)?.rule, {
      match: { account: '123456789012' },
      roleArn: 'arn:aws:iam::1:role/r',
      sourceProfile: 'base',
    });
  });
  test('another account is not meant', () => {
    assert.equal(target(HOST, { AWS_ECR_PROFILE_999999999999: 'job' })?.rule?.profile, 'us');
    assert.equal(target('public.ecr.aws', { AWS_ECR_PROFILE_undefined: 'job' })?.rule?.profile, 'public');
  });
});

describe('globs', () => {
  const rows: readonly (readonly [pattern: string, text: string, fits: boolean])[] = [
    ['*', '', true],
    ['*', 'anything', true],
    ['a*c', 'abbbc', true],
    ['a*c', 'abbbcd', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['*.x.*', 'a.x.b', true],
    ['*.x.*', 'a.y.b', false],
    ['A*', 'abc', true],
    ['', 'a', false],
    ['a.c', 'abc', false],
    ['**', 'abc', true],
    ['*a*b', 'xaxbxb', true],
  ];
  for (const [pattern, text, fits] of rows)
    test(`${pattern} ${fits ? 'fits' : 'does not fit'} "${text}"`, () =>
      assert.equal(matchesGlob(pattern, text), fits));
  test('agree with the regular expression of the same meaning', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 10 });
    fc.assert(
      fc.property(letters, text, (pattern, value) => {
        const source = pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
        assert.equal(matchesGlob(pattern, value), new RegExp(`^${source}$`).test(value));
      }),
      { numRuns: 5000 },
    );
  });
  test('a hostile pattern takes no time', () =>
    assert.equal(matchesGlob(`${'*a'.repeat(2000)}b`, 'a'.repeat(5000)), false));
  test('a rule is named by what it matches', () =>
    assert.equal(ruleName(MAPPED), 'host registry.example.com'));
});

describe('profile "auto"', () => {
  const shared = (profiles: Record<string, Record<string, string>>): SharedConfig => ({
    profiles: new Map(
      Object.entries(profiles).map(([name, values]) => [name, new Map(Object.entries(values))]),
    ),
    ssoSessions: new Map(),
    services: new Map(),
    files: [],
  });
  const rows: readonly (readonly [
    name: string,
    profiles: Record<string, Record<string, string>>,
    picked: string | readonly string[],
  ])[] = [
    ['an SSO account', { a: { sso_account_id: '123456789012' }, b: { sso_account_id: '999999999999' } }, 'a'],
    ['a role', { a: { role_arn: 'arn:aws:iam::123456789012:role/x' } }, 'a'],
    ['a login', { a: { login_session: 'arn:aws:sts::123456789012:assumed-role/x/y' } }, 'a'],
    [
      'the role beside SSO settings',
      { a: { role_arn: 'arn:aws:iam::999999999999:role/x', sso_account_id: '123456789012' } },
      [],
    ],
    [
      'two candidates',
      { a: { sso_account_id: '123456789012' }, b: { role_arn: 'arn:aws-cn:iam::123456789012:role/x' } },
      ['a', 'b'],
    ],
    ['nobody', { a: { aws_access_key_id: 'x' } }, []],
  ];
  for (const [name, profiles, picked] of rows) {
    test(name, () => {
      if (typeof picked === 'string')
        return assert.equal(profileOfAccount('123456789012', shared(profiles)), picked);
      assert.throws(
        () => profileOfAccount('123456789012', shared(profiles)),
        (error) =>
          error instanceof HelperError &&
          error.problem.kind === 'profile-not-guessed' &&
          assert.deepEqual(error.problem.candidates, picked) === undefined,
      );
    });
  }
});
