// The two AWS config files as one: which file and section a profile comes from, on real files, and against the SDK's own loader.
// Owns no syntax (ini.test.ts). Where the tools differ from each other, the test says whom we follow.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { parseKnownFiles } from '@smithy/core/config';
import fc from 'fast-check';
import { expandHome, readSharedConfig, sharedConfigPaths } from '../../src/aws/shared-config.ts';
import { isWindows, problemFrom, temporaryDirectory, withoutPrivilege } from './fixtures.ts';
import { check } from './property.ts';

type Profiles = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A home with the two files, as an environment. */
function homeWith(t: TestContext, files: { config?: string; credentials?: string }): { HOME: string } {
  const home = temporaryDirectory(t);
  mkdirSync(join(home, '.aws'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, '.aws', name), text);
  return { HOME: home };
}

function plain(maps: ReadonlyMap<string, ReadonlyMap<string, string>>): Profiles {
  return Object.fromEntries([...maps].map(([name, values]) => [name, Object.fromEntries(values)]));
}

describe('profiles', () => {
  const rows: readonly (readonly [
    name: string,
    files: { config?: string; credentials?: string },
    profiles: Profiles,
  ])[] = [
    ['no files', {}, {}],
    [
      '[default] in either file',
      { config: '[default]\nregion = r', credentials: '[default]\nx = 1' },
      { default: { region: 'r', x: '1' } },
    ],
    ['[profile x] in the config file', { config: '[profile x]\nregion = r' }, { x: { region: 'r' } }],
    ['[x] in the config file is none', { config: '[x]\nregion = r' }, {}],
    ['[x] in the credentials file, in no other', { credentials: '[x]\nk = v' }, { x: { k: 'v' } }],
    [
      'quotes around a name',
      { config: '[profile "my name"]\nk = 1\n[profile \'other name\']\nk = 2' },
      { 'my name': { k: '1' }, 'other name': { k: '2' } },
    ],
    ['a name with a space, unquoted', { config: '[profile my name]\nk = 1' }, { 'my name': { k: '1' } }],
    [
      '[profile default] wins over [default], whichever comes first',
      { config: '[default]\na = 1\nb = 1\n[profile default]\na = 2' },
      { default: { a: '2' } },
    ],
    [
      '[profile "default"] wins too',
      { config: '[profile "default"]\na = 2\n[default]\na = 1' },
      { default: { a: '2' } },
    ],
    [
      '[default] after [profile default]',
      { config: '[profile default]\na = 2\n[default]\na = 1\nb = 1' },
      { default: { a: '2' } },
    ],
    ['[ default ]', { config: '[ default ]\na = 1' }, { default: { a: '1' } }],
    [
      'the credentials file wins key by key',
      { config: '[profile x]\na = 1\nb = 1', credentials: '[x]\nb = 2' },
      { x: { a: '1', b: '2' } },
    ],
    [
      'keys do not mix: those of the credentials file come without the session token of the config file',
      {
        config:
          '[profile x]\nregion = r\naws_access_key_id = A\naws_secret_access_key = B\naws_session_token = C',
        credentials: '[x]\naws_access_key_id = D\naws_secret_access_key = E',
      },
      { x: { region: 'r', aws_access_key_id: 'D', aws_secret_access_key: 'E' } },
    ],
    [
      'an account id keeps its zero',
      { config: '[profile x]\nsso_account_id = 012345678901' },
      { x: { sso_account_id: '012345678901' } },
    ],
    [
      'sections of other kinds are no profiles',
      { config: '[sso-session s]\nk = 1\n[services v]\necr =\n  k = 1\n[plugins]\nk = 1\n[profile]\nk = 1' },
      {},
    ],
    [
      'a profile __proto__ is a name like any other',
      { config: '[profile __proto__]\nk = 1' },
      { ['__proto__']: { k: '1' } },
    ],
    [
      'a nested setting is none of the profile',
      { config: '[profile x]\ns3 =\n  region = wrong\nregion = right' },
      { x: { s3: '', region: 'right' } },
    ],
  ];
  for (const [name, files, profiles] of rows)
    test(name, (t) => {
      assert.deepEqual(plain(readSharedConfig(homeWith(t, files)).profiles), profiles);
    });

  test('SSO sessions and services are found by name', (t) => {
    const env = homeWith(t, {
      config:
        '[sso-session s]\nsso_region = r\n[services v]\necr =\n  endpoint_url = u\nsts =\n  endpoint_url = w',
    });
    const { ssoSessions, services } = readSharedConfig(env);
    assert.deepEqual(plain(ssoSessions), { s: { sso_region: 'r' } });
    assert.deepEqual(plain(services.get('v') ?? new Map()), {
      ecr: { endpoint_url: 'u' },
      sts: { endpoint_url: 'w' },
    });
  });
});

describe('paths', () => {
  test('HOME, and a variable for each file', () => {
    assert.deepEqual(sharedConfigPaths({ HOME: '/h' }), {
      config: '/h/.aws/config',
      credentials: '/h/.aws/credentials',
    });
    assert.deepEqual(
      sharedConfigPaths({ HOME: '/h', AWS_CONFIG_FILE: '/c', AWS_SHARED_CREDENTIALS_FILE: '~/k' }),
      { config: '/c', credentials: '/h/k' },
    );
  });
  test('empty variables are unset ones', () => {
    const empty = { HOME: '/h', AWS_CONFIG_FILE: '', AWS_SHARED_CREDENTIALS_FILE: '' };
    assert.deepEqual(sharedConfigPaths(empty), sharedConfigPaths({ HOME: '/h' }));
  });
  test('without HOME the system knows the home directory', { skip: isWindows }, () => {
    assert.equal(sharedConfigPaths({}).config, join(userInfo().homedir, '.aws/config'));
  });
  test('only a leading ~ alone stands for the home directory', () => {
    const rows = [
      ['~', '/h'],
      ['~/a', '/h/a'],
      ['~other/a', '~other/a'],
      ['/a/~/b', '/a/~/b'],
    ] as const;
    for (const [path, expanded] of rows) assert.equal(expandHome(path, '/h'), expanded);
    assert.equal(expandHome('~/a', undefined), '~/a');
  });
});

describe('files that cannot be read', () => {
  test('an absent file, or a file where the directory should be, is an empty one', (t) => {
    const home = temporaryDirectory(t);
    writeFileSync(join(home, '.aws'), '');
    assert.equal(readSharedConfig({ HOME: home }).profiles.size, 0);
    assert.equal(readSharedConfig({ HOME: join(home, 'none') }).profiles.size, 0);
  });
  test('a directory in place of the file is an error with its name', (t) => {
    const home = temporaryDirectory(t);
    mkdirSync(join(home, '.aws/config'), { recursive: true });
    assert.deepEqual(
      problemFrom(() => readSharedConfig({ HOME: home })),
      { kind: 'unreadable-file', file: join(home, '.aws/config'), code: 'EISDIR' },
    );
  });
  test('a file of no permission is an error with its name', { skip: isWindows }, async (t) => {
    const { HOME } = homeWith(t, { credentials: '[default]' });
    chmodSync(join(HOME, '.aws/credentials'), 0);
    const problem = await withoutPrivilege(HOME, () => problemFrom(() => readSharedConfig({ HOME })));
    assert.deepEqual(problem, {
      kind: 'unreadable-file',
      file: join(HOME, '.aws/credentials'),
      code: 'EACCES',
    });
  });
  test('a malformed file is an error with its name and line', (t) => {
    const env = homeWith(t, { config: '[default]\nregion = r\n', credentials: '[default]\nnonsense\n' });
    const problem = problemFrom(() => readSharedConfig(env));
    assert.ok(problem.kind === 'malformed-file');
    assert.equal(problem.file, join(env.HOME, '.aws/credentials'));
    assert.equal(problem.line, 2);
  });
});

// Files in the part of the grammar where the AWS CLI and both SDKs agree; keys in lower case, no repeated plain key left empty.
const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/).filter((key) => !['s3', 'ecr'].includes(key));
const value = fc.stringMatching(/^[!-~]([ -~]{0,12}[!-~])?$/).filter((text) => !/\s[#;]|^[#;]/.test(text));
const space = fc.constantFrom('', ' ', '  ', '\t');
const setting = fc.tuple(word, space, space, value).map(([key, a, b, text]) => `${key}${a}=${b}${text}`);
const comment = fc.tuple(fc.constantFrom('# ', ';', '  #', '\t; '), value).map(([mark, text]) => mark + text);
const trailing = fc.tuple(setting, value).map(([line, text]) => `${line} # ${text}`);
const block = fc
  .tuple(fc.constantFrom('s3', 'ecr'), fc.array(fc.oneof(setting, comment), { minLength: 1, maxLength: 3 }))
  .map(([key, lines]) => [`${key} =`, ...lines.map((line) => `  ${line}`)].join('\n'));
const lines = fc.array(fc.oneof(setting, comment, trailing, block, fc.constant('')), { maxLength: 6 });
const name = fc.constantFrom('default', 'a', 'b-1', 'c.d', 'e@f', 'g:h/i');
const section = (header: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(header, setting, lines).map(([text, first, rest]) => [text, first, ...rest].join('\n'));
const file = (header: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(fc.array(section(header), { maxLength: 5 }), fc.constantFrom('\n', '\r\n'))
    .map(([sections, end]) => sections.join('\n').replaceAll('\n', end));
const configHeader = fc.oneof(
  fc.constant('[default]'),
  name.map((each) => `[profile ${each}]`),
  name.map((each) => `[profile "${each}"]`),
  name.map((each) => `[sso-session ${each}]`),
  name.map((each) => `[services ${each}]`),
);

test('property: the SDK`s loader reads the same profiles out of the same files', async (t) => {
  const env = homeWith(t, {});
  const config = join(env.HOME, '.aws/config');
  const credentials = join(env.HOME, '.aws/credentials');
  await check(
    t,
    fc.asyncProperty(file(configHeader), file(name.map((each) => `[${each}]`)), async (ours, theirs) => {
      writeFileSync(config, ours);
      writeFileSync(credentials, theirs);
      const read = await parseKnownFiles({
        configFilepath: config,
        filepath: credentials,
        ignoreCache: true,
      });
      const expected = Object.entries(read).filter(([header]) => !/^(sso-session|services)\./.test(header));
      // The SDK keeps nested settings as `key.sub` in the profile; they are none of the profile's here.
      const own = expected.map(([header, values]) => [
        header,
        Object.entries(values)
          .filter(([key]) => !/^(s3|ecr)\./.test(key))
          .sort(),
      ]);
      const { profiles } = readSharedConfig(env);
      const mine = [...profiles].map(([header, values]) => [
        header,
        [...values].filter(([key]) => key !== 's3' && key !== 'ecr').sort(),
      ]);
      assert.deepEqual(mine.sort(), own.sort());
    }),
  );
});
