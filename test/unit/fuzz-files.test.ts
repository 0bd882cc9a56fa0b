// Owns the fuzzing of the files of AWS and of our own config. Invariants: only typed errors, no secret in them, nothing that
// is read changes what objects are born with, and what is written is read again as it was.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe } from 'node:test';
import fc from 'fast-check';
import { declareSource } from '../../src/aws/declare.ts';
import { parseIni } from '../../src/aws/ini.ts';
import { readSharedConfig } from '../../src/aws/shared-config.ts';
import { sourceName } from '../../src/aws/source.ts';
import { parseConfigFile } from '../../src/config/file.ts';
import { locate } from '../../src/config/locate.ts';
import { matchesGlob } from '../../src/config/rules.ts';
import { countCases, fuzz, onlyTyped, SECRET } from './fuzz.ts';
import { BORN_WITH, damagedText, objectWith, realHost, strange } from './fuzz-arbitraries.ts';

countCases(30_000);

const directory = mkdtempSync(join(tmpdir(), 'ecr-login-fuzz-'));
after(() => rmSync(directory, { recursive: true }));

const key = fc.oneof(
  fc.constantFrom(
    'region',
    'role_arn',
    'source_profile',
    'credential_source',
    'sso_session',
    'sso_start_url',
    'sso_region',
    'sso_account_id',
    'sso_role_name',
    'credential_process',
    'login_session',
    'web_identity_token_file',
    'endpoint_url',
    'services',
    'duration_seconds',
    ...BORN_WITH,
  ),
  strange,
);
const secretKey = fc.constantFrom('aws_access_key_id', 'aws_secret_access_key', 'aws_session_token');
const setting = fc.oneof(
  fc.tuple(
    key,
    fc.oneof(
      fc.constantFrom('default', 'a', 'b', 'Environment', 'arn:aws:iam::123456789012:role/r', '900', 'true'),
      strange,
    ),
  ),
  fc.tuple(secretKey, fc.constant(SECRET)),
);
const section = fc.tuple(
  fc.oneof(
    fc.constantFrom(
      'default',
      'profile a',
      'profile b',
      'profile default',
      'sso-session a',
      'services a',
      'a',
      'profile "a b"',
      ...BORN_WITH.map((name) => `profile ${name}`),
    ),
    strange,
  ),
  fc.array(setting, { maxLength: 6 }),
);
const ini = fc
  .array(
    fc.oneof(
      {
        weight: 5,
        arbitrary: section.map(
          ([name, settings]) => `[${name}]\n${settings.map(([k, v]) => `${k} = ${v}`).join('\n')}`,
        ),
      },
      strange,
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.join('\n'));

describe('files of AWS', () => {
  fuzz('parse into sections of text, or name the line', ini, (text) => {
    const sections = onlyTyped(() => parseIni(text, '/f'));
    for (const { values, nested } of sections?.values() ?? []) {
      assert.ok([...values].flat().every((each) => typeof each === 'string'));
      assert.ok([...nested.values()].every((each) => each instanceof Map));
    }
  });
  const plain = fc.stringMatching(/^[a-z][a-z0-9_]{0,10}$/);
  const tidy = fc.dictionary(
    plain,
    fc.dictionary(plain, fc.stringMatching(/^[A-Za-z0-9/+=_.:-]{1,30}$/), { noNullPrototype: true }),
    { noNullPrototype: true },
  );
  fuzz('parse(write(sections)) are the sections', tidy, (sections) => {
    const text = Object.entries(sections)
      .map(
        ([name, values]) =>
          `[${name}]\n${Object.entries(values)
            .map(([k, v]) => `${k} = ${v}\n`)
            .join('')}`,
      )
      .join('');
    const parsed = parseIni(text, '/f');
    assert.deepEqual(
      Object.fromEntries([...parsed].map(([name, { values }]) => [name, Object.fromEntries(values)])),
      sections,
    );
  });
  fuzz(
    'declare one source, or say why there is none',
    fc.tuple(ini, ini, fc.constantFrom(undefined, 'a', 'b', 'default', '__proto__')),
    ([config, credentials, profile]) => {
      const env = {
        AWS_CONFIG_FILE: join(directory, 'config'),
        AWS_SHARED_CREDENTIALS_FILE: join(directory, 'credentials'),
        ...(profile === undefined ? {} : { AWS_PROFILE: profile }),
      };
      writeFileSync(env.AWS_CONFIG_FILE, config);
      writeFileSync(env.AWS_SHARED_CREDENTIALS_FILE, credentials);
      const source = onlyTyped(() => declareSource({ env, shared: readSharedConfig(env) }));
      if (source !== undefined) assert.ok(!sourceName(source).includes(SECRET));
    },
    0.5,
  );
});

const rule = objectWith({
  match: fc.oneof(
    realHost,
    strange,
    objectWith({ host: strange, account: fc.constant('123456789012'), region: fc.constant('eu-*') }),
  ),
  profile: strange,
  roleArn: fc.constant('arn:aws:iam::123456789012:role/r'),
  account: fc.constant('123456789012'),
  region: fc.constant('eu-west-1'),
  endpoint: fc.webUrl(),
  fips: fc.boolean(),
});
const config = objectWith({
  registries: fc.array(rule, { maxLength: 3 }),
  onError: fc.constantFrom('fail', 'not-found'),
  timeout: fc.double(),
  logLevel: fc.constant('debug'),
  cache: fc.boolean(),
  cacheDir: fc.constant('~/x'),
  mfaCommand: strange,
  fallback: fc.constant('pass'),
});

describe('our own config', () => {
  fuzz('is used whole or refused with its place', damagedText(config), (text) => {
    const before = Object.keys(Object.prototype).length;
    const parsed = onlyTyped(() => parseConfigFile(text, '/f'));
    assert.equal(Object.keys(Object.prototype).length, before);
    if (parsed === undefined) return;
    const { timeout = 1, registries = [], cacheDir = '/x' } = parsed;
    assert.ok(timeout >= 1 && timeout <= 600 && /^[~/]/.test(cacheDir));
    assert.ok(registries.every(({ match }) => typeof match === 'object' && match !== null));
  });
  fuzz(
    'a mistake is found in any text',
    fc.tuple(damagedText(config), fc.array(fc.oneof(fc.nat(3), strange), { maxLength: 3 })),
    ([text, at]) => {
      for (const reason of ['syntax', 'other']) {
        const { line = 1 } = locate(text, { at, reason });
        assert.ok(line >= 1 && line <= text.split('\n').length);
      }
    },
  );
  fuzz(
    'a glob is matched in time',
    fc.tuple(
      fc.array(fc.constantFrom('*', 'a', '?', '.', '**a'), { maxLength: 60 }),
      fc.array(fc.constantFrom('a', 'b', '.'), { maxLength: 250 }),
    ),
    ([pattern, text]) => {
      assert.equal(typeof matchesGlob(pattern.join(''), text.join('')), 'boolean');
      assert.ok(matchesGlob('*', text.join('')) && matchesGlob(text.join(''), text.join('')));
    },
  );
});
