// Which credential source an environment declares: tables of environments, and what a refused one says.
// Owns no rows (tables/sources.ts and its neighbours). Nobody is contacted: a source is only named here.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { activeProfile, declareSource, triedSources } from '../../src/aws/declare.ts';
import { type Source, sourceName } from '../../src/aws/source.ts';
import { HelperError } from '../../src/errors.ts';
import { problemFrom, sharedConfig } from './fixtures.ts';
import { OTHER_PROFILES } from './tables/other-profiles.ts';
import { ROLE_PROFILES } from './tables/role-profiles.ts';
import type { SourceRow } from './tables/source-row.ts';
import { PRECEDENCE } from './tables/sources.ts';

const PROFILES = [...ROLE_PROFILES, ...OTHER_PROFILES];

/** A source in a few words: everything that it holds, but for secrets. */
function brief(source: Source): string {
  const some = (name: string, value: unknown): string => (value === undefined ? '' : ` ${name} ${value}`);
  switch (source.kind) {
    case 'environment':
      return `environment ${source.keys.accessKeyId}${source.keys.sessionToken === undefined ? '' : ' +session'}`;
    case 'static':
      return `static ${source.profile} ${source.keys.accessKeyId}${source.keys.sessionToken === undefined ? '' : ' +session'}`;
    case 'web-identity':
      return `web-identity ${source.roleArn} ${source.tokenFile}${some('session', source.sessionName)}`;
    case 'service-account':
      return `service-account ${source.roleArn}`;
    case 'role': {
      const { externalId, sessionName, mfaSerial, region, durationSeconds } = source;
      const settings = `${some('external', externalId)}${some('session', sessionName)}${some('mfa', mfaSerial)}${some('region', region)}${some('duration', durationSeconds)}`;
      return `role ${source.roleArn}${settings} < ${brief(source.base)}`;
    }
    case 'sso':
      return `sso ${source.startUrl} ${source.ssoRegion} ${source.accountId} ${source.roleName}${some('session', source.session)}`;
    case 'login':
      return `login ${source.loginSession}${some('region', source.region)}`;
    case 'process':
      return `process ${source.command}`;
    case 'container':
      return `container ${source.uri}${some('token', source.token)}${some('file', source.tokenFile)}`;
    case 'instance':
      return `instance${source.endpoint === undefined ? '' : ` ${source.endpoint}`}`;
  }
}

function declared({
  env = {},
  profiles = {},
  sessions = {},
  rule,
}: Omit<SourceRow, 'name' | 'declares'>): string {
  const shared = sharedConfig(profiles, { ssoSessions: sessions });
  try {
    return brief(declareSource({ env, shared, ...(rule === undefined ? {} : { ruleProfile: rule }) }));
  } catch (error) {
    assert.ok(error instanceof HelperError, `${error}`);
    const { problem } = error;
    const profile = 'profile' in problem ? ` ${problem.profile}` : '';
    const name = 'name' in problem ? ` ${problem.name}` : '';
    const namedBy = 'namedBy' in problem ? ` < ${problem.namedBy}` : '';
    return `! ${problem.kind}${profile}${name}${namedBy}`;
  }
}

describe('precedence', () => {
  for (const row of PRECEDENCE)
    test(`${row.name}: ${row.declares}`, () => assert.equal(declared(row), row.declares));
});

describe('one profile', () => {
  for (const row of PROFILES)
    test(`${row.name}: ${row.declares}`, () => assert.equal(declared(row), row.declares));

  test('a role keeps its own name for the profile, its source has another', () => {
    const shared = sharedConfig({
      p: { role_arn: 'arn:role', source_profile: 'b' },
      b: { aws_access_key_id: 'A', aws_secret_access_key: 's' },
    });
    const source = declareSource({ env: { AWS_PROFILE: 'p' }, shared });
    assert.ok(source.kind === 'role' && source.base.kind === 'static');
    assert.equal(source.profile, 'p');
    assert.equal(source.base.profile, 'b');
  });

  test('a session lasts as long as AWS allows', () => {
    for (const duration of ['899', '100', '43201', '99999', '3600s', '-900', '1e3', '']) {
      const shared = sharedConfig({
        default: { role_arn: 'r', source_profile: 'b', duration_seconds: duration },
        b: { aws_access_key_id: 'A', aws_secret_access_key: 's' },
      });
      const problem = problemFrom(() => declareSource({ env: {}, shared }));
      assert.ok(problem.kind === 'profile-invalid');
      assert.match(problem.reason, /must be a number of seconds from 900 to 43200$/);
    }
  });

  test('a circle is told with the way round', () => {
    const shared = sharedConfig({
      default: { role_arn: 'r', source_profile: 'b' },
      b: { role_arn: 'r', source_profile: 'default' },
    });
    const problem = problemFrom(() => declareSource({ env: {}, shared }));
    assert.ok(problem.kind === 'profile-invalid');
    assert.match(problem.reason, /default → b → default$/);
  });

  test('a chain of a thousand roles is followed, and ends', () => {
    const profiles = Object.fromEntries(
      Array.from({ length: 1000 }, (_, index) => [
        index === 0 ? 'default' : `p${index}`,
        { role_arn: `arn:${index}`, source_profile: `p${index + 1}` },
      ]),
    );
    const shared = sharedConfig({
      ...profiles,
      p1000: { aws_access_key_id: 'A', aws_secret_access_key: 's' },
    });
    assert.match(brief(declareSource({ env: {}, shared })), /^role arn:0 < .* < static p1000 A$/);
  });
});

describe('words', () => {
  const shared = sharedConfig({ p: { region: 'r' } });

  test('the profile in force', () => {
    assert.equal(activeProfile({}), 'default');
    assert.equal(activeProfile({ AWS_PROFILE: 'p' }), 'p');
    assert.equal(activeProfile({ AWS_PROFILE: '', AWS_DEFAULT_PROFILE: 'q' }), 'q');
  });

  test('a missing profile is told with the known ones and the files', () => {
    assert.deepEqual(
      problemFrom(() => declareSource({ env: { AWS_PROFILE: 'none' }, shared })),
      {
        kind: 'profile-not-found',
        profile: 'none',
        known: ['p'],
        files: ['/home/me/.aws/config', '/home/me/.aws/credentials'],
      },
    );
  });

  test('what was tried is told in the order of trying, with half a pair and a switch named', () => {
    const env = { AWS_ACCESS_KEY_ID: 'AKIACANARY', AWS_EC2_METADATA_DISABLED: 'true' };
    const tried = triedSources(env, shared, 'p');
    assert.deepEqual(
      tried.map((each) => each.replace(/ \(.*/, '')),
      [
        'environment keys',
        'AWS_WEB_IDENTITY_TOKEN_FILE',
        'profile "p"',
        'container endpoint',
        'instance metadata',
      ],
    );
    assert.match(tried[0] ?? '', /AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY/);
    assert.match(tried[2] ?? '', /holds no credentials/);
    assert.match(tried[4] ?? '', /disabled/);
    assert.ok(!tried.join().includes('CANARY'));
  });

  test('a source`s name holds no key, no token and no command', () => {
    const all = [...PRECEDENCE, ...PROFILES].filter(({ declares }) => !declares.startsWith('!'));
    for (const { env = {}, profiles = {}, sessions = {}, rule } of all) {
      const shared = sharedConfig(profiles, { ssoSessions: sessions });
      const name = sourceName(
        declareSource({ env, shared, ...(rule === undefined ? {} : { ruleProfile: rule }) }),
      );
      assert.doesNotMatch(name, /AKIA|ASIA|cmd|token T|\/v2\/x/);
      assert.notEqual(name, '');
    }
  });
});
