// The settings from environment and config file: defaults, precedence, and what is refused, by which name.
// Owns no syntax of the config file (config-file.test.ts).
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { isOn, readSettings, requireUsable, type Settings } from '../../src/config/settings.ts';
import { problemFrom, temporaryDirectory } from './fixtures.ts';

type Env = Readonly<Record<string, string>>;

/** Settings of an environment with this config file. */
function settingsOf(t: TestContext, env: Env, file?: object): Settings {
  const home = temporaryDirectory(t);
  if (file !== undefined) {
    mkdirSync(join(home, '.ecr'));
    writeFileSync(join(home, '.ecr/config.json'), JSON.stringify(file));
  }
  return readSettings({ HOME: home, ...env });
}

test('the defaults', () => {
  assert.deepEqual(readSettings({ HOME: '/nowhere' }), {
    directory: '/nowhere/.ecr',
    cacheEnabled: true,
    ignoreStorage: false,
    onError: 'not-found',
    logLevel: 'warn',
    timeoutMs: 20_000,
    mfaCommand: undefined,
    fallback: undefined,
    rules: [],
  });
});

test('nobody changes them', () => {
  assert.ok(Object.isFrozen(readSettings({ HOME: '/nowhere' })));
});

describe('one setting', () => {
  const rows: readonly (readonly [
    name: string,
    env: Env,
    file: object | undefined,
    expected: Partial<Settings>,
  ])[] = [
    ['AWS_ECR_CACHE_DIR', { AWS_ECR_CACHE_DIR: '/c' }, { cacheDir: '/f' }, { directory: '/c' }],
    ['AWS_ECR_CACHE_DIR with ~', { HOME: '/h', AWS_ECR_CACHE_DIR: '~/c' }, undefined, { directory: '/h/c' }],
    ['AWS_ECR_CACHE_DIR on Windows', { AWS_ECR_CACHE_DIR: 'C:\\c' }, undefined, { directory: 'C:\\c' }],
    [
      'an empty variable is unset',
      { HOME: '/h', AWS_ECR_CACHE_DIR: '', AWS_ECR_TIMEOUT: '', AWS_ECR_ON_ERROR: '', AWS_ECR_LOG_LEVEL: '' },
      undefined,
      { directory: '/h/.ecr', timeoutMs: 20_000, onError: 'not-found', logLevel: 'warn' },
    ],
    ['cacheDir', {}, { cacheDir: '/f' }, { directory: '/f' }],
    ['a HOME that is no path means: no disk', { HOME: 'relative' }, undefined, { directory: undefined }],
    ['AWS_ECR_DISABLE_CACHE', { AWS_ECR_DISABLE_CACHE: '1' }, { cache: true }, { cacheEnabled: false }],
    [
      'AWS_ECR_DISABLE_CACHE=false over the file',
      { AWS_ECR_DISABLE_CACHE: 'false' },
      { cache: false },
      { cacheEnabled: true },
    ],
    ['cache', {}, { cache: false }, { cacheEnabled: false }],
    [
      'AWS_ECR_IGNORE_CREDS_STORAGE',
      { AWS_ECR_IGNORE_CREDS_STORAGE: 'true' },
      { ignoreCredsStorage: false },
      { ignoreStorage: true },
    ],
    [
      'AWS_ECR_IGNORE_CREDS_STORAGE=0 over the file',
      { AWS_ECR_IGNORE_CREDS_STORAGE: '0' },
      { ignoreCredsStorage: true },
      { ignoreStorage: false },
    ],
    ['ignoreCredsStorage', {}, { ignoreCredsStorage: true }, { ignoreStorage: true }],
    ['AWS_ECR_ON_ERROR', { AWS_ECR_ON_ERROR: 'fail' }, { onError: 'not-found' }, { onError: 'fail' }],
    ['onError', {}, { onError: 'fail' }, { onError: 'fail' }],
    [
      'AWS_ECR_LOG_LEVEL, in any case',
      { AWS_ECR_LOG_LEVEL: 'DEBUG' },
      { logLevel: 'off' },
      { logLevel: 'debug' },
    ],
    ['logLevel', {}, { logLevel: 'off' }, { logLevel: 'off' }],
    ['AWS_ECR_TIMEOUT', { AWS_ECR_TIMEOUT: '1.5' }, { timeout: 3 }, { timeoutMs: 1500 }],
    ['AWS_ECR_TIMEOUT at its ends', { AWS_ECR_TIMEOUT: '600' }, undefined, { timeoutMs: 600_000 }],
    ['timeout', {}, { timeout: 3 }, { timeoutMs: 3000 }],
    ['AWS_ECR_MFA_COMMAND', { AWS_ECR_MFA_COMMAND: 'ykman' }, { mfaCommand: 'op' }, { mfaCommand: 'ykman' }],
    ['AWS_ECR_FALLBACK', { AWS_ECR_FALLBACK: 'pass' }, { fallback: 'osxkeychain' }, { fallback: 'pass' }],
    ['fallback', {}, { fallback: 'osxkeychain' }, { fallback: 'osxkeychain' }],
  ];
  for (const [name, env, file, expected] of rows)
    test(`${name}: ${JSON.stringify(expected)}`, (t) => {
      const settings = settingsOf(t, env, file);
      assert.deepEqual({ ...settings, ...expected }, settings);
      assert.equal(settings.problem, undefined);
      requireUsable(settings);
    });
});

describe('refused', () => {
  for (const [name, value, instead] of [
    ['AWS_ECR_ON_ERROR', 'Fail', { onError: 'not-found' }],
    ['AWS_ECR_ON_ERROR', 'yes', { onError: 'not-found' }],
    ['AWS_ECR_LOG_LEVEL', 'verbose', { logLevel: 'warn' }],
    ['AWS_ECR_TIMEOUT', '0', { timeoutMs: 20_000 }],
    ['AWS_ECR_TIMEOUT', '0.9', { timeoutMs: 20_000 }],
    ['AWS_ECR_TIMEOUT', '601', { timeoutMs: 20_000 }],
    ['AWS_ECR_TIMEOUT', '-1', { timeoutMs: 20_000 }],
    ['AWS_ECR_TIMEOUT', '20s', { timeoutMs: 20_000 }],
    ['AWS_ECR_TIMEOUT', '1e2', { timeoutMs: 20_000 }],
    ['AWS_ECR_TIMEOUT', 'Infinity', { timeoutMs: 20_000 }],
    ['AWS_ECR_TIMEOUT', '٢٠', { timeoutMs: 20_000 }],
    ['AWS_ECR_CACHE_DIR', 'relative', { directory: undefined }],
    ['AWS_ECR_CACHE_DIR', './cache', { directory: undefined }],
    ['AWS_ECR_CACHE_DIR', '~other/cache', { directory: undefined }],
    ['AWS_ECR_FALLBACK', '../evil', { fallback: undefined }],
    ['AWS_ECR_FALLBACK', 'a b', { fallback: undefined }],
    ['AWS_ECR_FALLBACK', 'a;b', { fallback: undefined }],
  ] as const)
    test(`${name}=${value}: told by name, and the default stands in`, (t) => {
      const settings = settingsOf(t, { [name]: value });
      assert.deepEqual({ ...settings, ...instead }, settings);
      assert.ok(settings.problem?.kind === 'setting-invalid');
      assert.equal(settings.problem.name, name);
      assert.equal(settings.problem.value, value);
      assert.equal(
        problemFrom(() => requireUsable(settings)),
        settings.problem,
      );
    });
  test('a config file that cannot be used is a problem, not a throw: the log must open first', (t) => {
    const settings = settingsOf(t, {}, { onErrors: 'fail' });
    assert.equal(settings.problem?.kind, 'config-invalid');
    assert.equal(settings.onError, 'not-found');
  });
});

test('a switch is on for any value but nothing, 0, false and no', () => {
  for (const off of [undefined, '', '0', 'false', 'FALSE', 'no', 'No'])
    assert.equal(isOn(off), false, String(off));
  for (const on of ['1', 'true', 'yes', 'on', ' ']) assert.equal(isOn(on), true, on);
});
