// The log file on real directories: one line a call, private, bounded, and never in anybody's way.
// Owns no message: who logs what is tested there.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { LogLevel } from '../../src/config/settings.ts';
import { type Log, openLog } from '../../src/log.ts';
import { isWindows, temporaryDirectory, withoutPrivilege } from './fixtures.ts';

const MIB = 1024 * 1024;

function opened(t: TestContext, level: LogLevel = 'debug'): { log: Log; root: string; file: string } {
  const root = temporaryDirectory(t);
  return { log: openLog(root, level), root, file: join(root, 'log/ecr-login.log') };
}

function writeAll(log: Log): void {
  log.error('e');
  log.warn('w');
  log.info('i');
  log.debug('d');
}

describe('levels', () => {
  for (const [level, written] of [
    ['off', ''],
    ['error', 'e'],
    ['warn', 'ew'],
    ['info', 'ewi'],
    ['debug', 'ewid'],
  ] as const)
    test(`${level} writes ${JSON.stringify(written)}`, (t) => {
      const { log, file } = opened(t, level);
      writeAll(log);
      const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
      assert.equal(
        text
          .split('\n')
          .map((line) => line.at(-1) ?? '')
          .join(''),
        written,
      );
      assert.equal(log.isDebug, level === 'debug');
    });
  test('no line, no file, no directory', (t) => {
    const { log, root } = opened(t, 'error');
    log.debug('d');
    assert.deepEqual(readdirSync(root), []);
  });
  test('without a directory it is silent', () => {
    const log = openLog(undefined, 'debug');
    writeAll(log);
    assert.equal(log.isDebug, false);
  });
});

describe('a line', () => {
  const lineOf = (t: TestContext, message: string, fields?: Parameters<Log['warn']>[1]): string => {
    const { log, file } = opened(t);
    log.warn(message, fields);
    return readFileSync(file, 'utf8');
  };
  test('has a time, a level, a process, a message and fields', (t) => {
    const line = lineOf(t, 'cannot do it', { code: 'EACCES', bytes: 12, ok: false, nothing: undefined });
    assert.match(
      line,
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warn \[\d+\] cannot do it code=EACCES bytes=12 ok=false\n$/,
    );
  });
  test('quotes what is not one plain word', (t) => {
    const line = lineOf(t, 'm', { a: 'two words', b: '', c: 'say "hi"', d: 'x=y', e: '/a/b-c_d.e:f@g+h' });
    assert.ok(line.endsWith('m a="two words" b="" c="say \\"hi\\"" d="x=y" e=/a/b-c_d.e:f@g+h\n'), line);
  });
  test('is one line, whatever is in it', (t) => {
    const evil = 'a\nb\r\n2026-01-01T00:00:00.000Z error [1] forged\x1b[2J\u0085\u2028\u2029\0';
    const line = lineOf(t, evil, { field: evil });
    assert.equal(line.split(/[\n\r\u0085\u2028\u2029]/).length, 2);
    assert.doesNotMatch(line.slice(0, -1), /\p{Cc}/u);
  });
});

describe('the file', () => {
  test('is 0600 in 0700, whatever the umask', { skip: isWindows }, (t) => {
    const umask = process.umask(0);
    t.after(() => process.umask(umask));
    const { log, file } = opened(t);
    log.warn('w');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(statSync(dirname(file)).mode & 0o777, 0o700);
  });
  test('that others may read is closed to them', { skip: isWindows }, (t) => {
    const { log, file } = opened(t);
    log.warn('one');
    chmodSync(file, 0o644);
    log.warn('two');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(readFileSync(file, 'utf8').split('\n').length, 3);
  });
  test('is turned over at one MiB, with one predecessor', (t) => {
    const { log, file } = opened(t);
    mkdirSync(dirname(file));
    writeFileSync(`${file}.1`, 'oldest');
    writeFileSync(file, 'x'.repeat(MIB - 1));
    log.warn('still fits');
    assert.ok(statSync(file).size > MIB);
    log.warn('a new one');
    assert.match(readFileSync(file, 'utf8'), /^\S+ warn \[\d+\] a new one\n$/);
    assert.match(readFileSync(`${file}.1`, 'utf8').slice(-20), /still fits\n$/);
    assert.deepEqual(readdirSync(dirname(file)).sort(), ['ecr-login.log', 'ecr-login.log.1']);
  });
});

describe('in nobody`s way', () => {
  const places: readonly (readonly [name: string, place: (file: string) => void])[] = [
    ['a planted link leads nowhere', (file) => symlinkSync(join(dirname(dirname(file)), 'target'), file)],
    ['a FIFO does not hang', (file) => execFileSync('mkfifo', [file])],
    ['a directory', (file) => mkdirSync(file)],
  ];
  for (const [name, place] of places)
    test(name, { skip: isWindows, timeout: 5000 }, (t) => {
      const { log, file, root } = opened(t);
      mkdirSync(dirname(file));
      place(file);
      const before = lstatSync(file).mode;
      writeAll(log);
      assert.equal(lstatSync(file).mode, before);
      assert.equal(existsSync(join(root, 'target')), false);
    });
  test('a file in place of the directory, a directory without permission', { skip: isWindows }, async (t) => {
    const first = opened(t);
    writeFileSync(join(first.root, 'log'), 'mine');
    writeAll(first.log);
    assert.equal(readFileSync(join(first.root, 'log'), 'utf8'), 'mine');
    const second = opened(t);
    chmodSync(second.root, 0o500);
    await withoutPrivilege(second.root, () => writeAll(second.log));
    assert.deepEqual(readdirSync(second.root), []);
  });
});
