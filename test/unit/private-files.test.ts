// Making directories: all that is missing and no more, and an end where none can be made. Owns no cache.
import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { makeDirectory } from '../../src/token/private-files.ts';
import { isWindows, temporaryDirectory } from './fixtures.ts';

describe('makeDirectory', () => {
  test('makes what is missing, for this user alone, and names the outermost', (t) => {
    const root = temporaryDirectory(t);
    assert.equal(makeDirectory(join(root, 'a b/ü/c')), join(root, 'a b'));
    assert.equal(makeDirectory(join(root, 'a b/ü/d')), join(root, 'a b/ü/d'));
    assert.equal(makeDirectory(join(root, 'a b/ü/d')), undefined);
    assert.equal(makeDirectory(`${root}/e//f/`), `${root}/e`);
    assert.equal(makeDirectory(root), undefined);
    if (!isWindows) assert.equal(lstatSync(join(root, 'a b/ü')).mode & 0o777, 0o700);
  });
  test('goes through a link to a directory', { skip: isWindows }, (t) => {
    const root = temporaryDirectory(t);
    mkdirSync(join(root, 'real'));
    symlinkSync(join(root, 'real'), join(root, 'link'));
    assert.equal(makeDirectory(join(root, 'link')), undefined);
    assert.equal(makeDirectory(join(root, 'link/a')), join(root, 'link/a'));
  });
  test('throws where something else stands', (t) => {
    const root = temporaryDirectory(t);
    writeFileSync(join(root, 'file'), '');
    assert.throws(() => makeDirectory(join(root, 'file')), { code: 'EEXIST' });
    assert.throws(() => makeDirectory(join(root, 'file/a/b')), { code: 'ENOTDIR' });
    if (isWindows) return;
    symlinkSync(join(root, 'nowhere/at/all'), join(root, 'dangling'));
    assert.throws(() => makeDirectory(join(root, 'dangling')));
    assert.throws(() => makeDirectory(join(root, 'dangling/a')));
  });
  for (const path of ['/proc/a', '/proc/a/b/c', '/sys/a', '/dev/null/a'])
    test(`throws below what can hold no directory: ${path}`, { skip: process.platform !== 'linux' }, () => {
      assert.throws(() => makeDirectory(path), /ENOENT|EPERM|EACCES|ENOTDIR|EROFS/);
    });
});
