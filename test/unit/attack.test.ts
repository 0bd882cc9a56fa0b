// Owns what an attacker among the files and variables of a machine might try, where no process is needed to see it fail.
// Must not test what programs make of it: that is test/process/hostile*.test.ts and canary*.test.ts.
import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { declareSource } from '../../src/aws/declare.ts';
import { identify } from '../../src/aws/identity.ts';
import { printable } from '../../src/commands/console.ts';
import { findPrograms } from '../../src/docker/search-path.ts';
import { explain, explanationLines } from '../../src/explain.ts';
import { openLog } from '../../src/log.ts';
import { cliCacheKey, findCliSession } from '../../src/token/fetch/providers/cli-session.ts';
import { isRoot, isWindows, problemFrom, sharedConfig, temporaryDirectory } from './fixtures.ts';

const SECRET = 'canary-of-a-url-0123456789';
const ESCAPES = '\x1b]0;title\x07\x1b[31m\x9b2J\u202e\u2028\r';
const skip = isWindows ? 'Windows has neither owners nor modes' : false;

describe('programs on PATH', () => {
  const program = '#!/bin/sh\n';

  test('are looked for in absolute directories alone', { skip }, (t) => {
    const directory = temporaryDirectory(t);
    writeFileSync(join(directory, 'aws'), program, { mode: 0o755 });
    const before = process.cwd();
    process.chdir(directory);
    t.after(() => process.chdir(before));
    for (const path of ['.', '', './', ':', `.:${directory}/none`, '..', 'bin', `../${directory}`])
      assert.deepEqual(findPrograms('aws', { PATH: path }), [], path);
    assert.deepEqual(findPrograms('aws', { PATH: `.:${directory}:` }), [join(directory, 'aws')]);
  });
  test('must be executable files', { skip }, (t) => {
    const directory = temporaryDirectory(t);
    writeFileSync(join(directory, 'aws'), program, { mode: 0o644 });
    mkdirSync(join(directory, 'below/aws'), { recursive: true });
    assert.deepEqual(findPrograms('aws', { PATH: `${directory}:${directory}/below` }), []);
  });
});

describe('the log', () => {
  test('that another user has put there is not written to', { skip: skip || !isRoot }, (t) => {
    const root = temporaryDirectory(t);
    mkdirSync(join(root, 'log'));
    const file = join(root, 'log/ecr-login.log');
    writeFileSync(file, '', { mode: 0o666 });
    chownSync(file, 65534, 65534);
    openLog(root, 'debug').error('cause', { arn: 'arn:aws:iam::123456789012:user/alice' });
    assert.equal(readFileSync(file, 'utf8'), '');
    assert.equal(statSync(file).uid, 65534);
  });
  test('never changes the mode of what a link names', { skip }, (t) => {
    const root = temporaryDirectory(t);
    const victim = join(root, 'victim');
    writeFileSync(victim, 'x', { mode: 0o644 });
    chmodSync(victim, 0o644);
    mkdirSync(join(root, 'log'));
    symlinkSync(victim, join(root, 'log/ecr-login.log'));
    openLog(root, 'debug').error('cause');
    assert.deepEqual([readFileSync(victim, 'utf8'), statSync(victim).mode & 0o777], ['x', 0o644]);
  });
  test('is one line for each message, and nothing that a terminal obeys', (t) => {
    const root = temporaryDirectory(t);
    openLog(root, 'debug').error(`a${ESCAPES}\nb`, { key: `c${ESCAPES}\nd` });
    const text = readFileSync(join(root, 'log/ecr-login.log'), 'utf8');
    assert.match(text, /^[^\n]+\n$/);
    assert.doesNotMatch(text.trimEnd(), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });
});

describe('what a terminal would obey', () => {
  test('becomes spaces in what is said to a person', () => {
    assert.equal(printable(`a${ESCAPES}b\n\tc`), 'a ]0;title  [31m 2J   b\n\tc');
  });
  test('becomes a space in the lines of a failure, whichever member holds it', () => {
    const problem = {
      kind: 'source-failed',
      source: `s${ESCAPES}`,
      reason: `r${ESCAPES}\n`,
      hint: `h${ESCAPES}`,
    } as const;
    for (const line of explanationLines(`host${ESCAPES}`, problem))
      assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });
});

describe('secrets of URLs', () => {
  test('stay out of the identity, which stands in the log', async () => {
    const nobody = async (): Promise<string> => assert.fail('nobody is asked');
    const identityOf = (uri: string): Promise<string> => identify({ kind: 'container', uri }, {}, nobody);
    const [plain, ...others] = await Promise.all(
      [
        'http://127.0.0.1/x',
        `http://user:${SECRET}@127.0.0.1/x`,
        `http://127.0.0.1/x?token=${SECRET}`,
        `http://127.0.0.1/x?token=${SECRET}2`,
      ].map(identityOf),
    );
    assert.equal(plain, '["container","http://127.0.0.1/x"]');
    for (const identity of others) assert.ok(!identity.includes(SECRET), identity);
    assert.equal(new Set([plain, ...others]).size, 4);
  });
  for (const value of [`htp://user:${SECRET}@host`, `http://user:${SECRET}@[bad`, `http://user:${SECRET}@`])
    test(`of an endpoint of instance metadata that cannot be used: ${value.slice(0, 12)}…`, () => {
      const env = { AWS_EC2_METADATA_SERVICE_ENDPOINT: value };
      const problem = problemFrom(() => declareSource({ env, shared: sharedConfig({}) }));
      assert.equal(problem.kind, 'setting-invalid');
      assert.ok(!JSON.stringify(problem).includes(SECRET));
    });
  test('stay out of the complaint that a host is no registry', () => {
    const { cause } = explain({ kind: 'not-ecr', host: `https://user:${SECRET}@ghcr.io/v2?x=${SECRET}` });
    assert.equal(cause, '"https://ghcr.io/v2" is asked for with a user name, which no registry has');
  });
});

describe("the AWS CLI's sessions", () => {
  const roleArn = 'arn:aws:iam::123456789012:role/r';
  const source = {
    kind: 'role',
    profile: 'p',
    roleArn,
    base: { kind: 'instance' },
  } as const;
  for (const [mode, isTaken] of [
    [0o600, true],
    [0o644, true],
    [0o620, false],
    [0o602, false],
    [0o666, false],
  ] as const)
    test(`a file of mode ${mode.toString(8)} is ${isTaken ? 'taken' : 'left'}`, { skip }, (t) => {
      const home = temporaryDirectory(t);
      const directory = join(home, '.aws/cli/cache');
      mkdirSync(directory, { recursive: true });
      const file = join(directory, `${cliCacheKey(source)}.json`);
      const keys = { AccessKeyId: 'ASIA', SecretAccessKey: 's', SessionToken: 't' };
      const arn = 'arn:aws:sts::123456789012:assumed-role/r/session';
      const Expiration = new Date(Date.now() + 3_600_000).toISOString();
      writeFileSync(
        file,
        JSON.stringify({ Credentials: { ...keys, Expiration }, AssumedRoleUser: { Arn: arn } }),
      );
      chmodSync(file, mode);
      assert.equal(findCliSession(source, { HOME: home }, Date.now()) !== undefined, isTaken);
    });
});
