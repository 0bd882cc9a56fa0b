// Locks on real files: who gets one, who succeeds whom, and that of many successors there is one. Owns no waiting.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { acquire, isLocked, type LockRequest, lockContent, release } from '../../src/token/lock.ts';
import { temporaryDirectory } from './fixtures.ts';

const deadPid = (): number => spawnSync(process.execPath, ['--version']).pid;

function lockIn(t: TestContext) {
  const directory = temporaryDirectory(t);
  const path = join(directory, 'x.lock');
  const take = (more: Partial<LockRequest> = {}) =>
    acquire({ path, deadlineAt: Date.now() + 5000, now: Date.now(), ...more });
  return { directory, path, take, files: () => readdirSync(directory) };
}

/** The lock of a process of another container or machine, whose number means nothing here. */
const elsewhere = (pid: number, leftMs: number): string =>
  JSON.stringify({ ...JSON.parse(lockContent(Date.now() + leftMs, pid)), place: 'another machine' });

describe('a lock', () => {
  test('is had by one, and after its release by the next', (t) => {
    const { take, path, files } = lockIn(t);
    const first = take();
    assert.ok(first !== undefined && 'lock' in first);
    assert.deepEqual(take(), { holder: readFileSync(path, 'utf8') });
    assert.ok(isLocked(path, Date.now()));
    release(first.lock);
    assert.deepEqual(files(), []);
    const second = take();
    assert.ok(second !== undefined && 'lock' in second);
    // The first's release, were it late, would leave the second's alone.
    release(first.lock);
    assert.ok(isLocked(path, Date.now()));
  });
  for (const [name, content] of [
    ['dead', () => lockContent(Date.now() + 5000, deadPid())],
    ['late', () => lockContent(Date.now() - 1)],
    ['late, elsewhere', () => elsewhere(process.pid, -1)],
    ['of a clock that jumped', () => lockContent(Date.now() + 3_600_000)],
  ] as const)
    test(`whose holder is ${name} has one successor and leaves nothing behind`, (t) => {
      const { take, path, files } = lockIn(t);
      writeFileSync(path, content());
      const attempts = Array.from({ length: 20 }, () => take());
      const [winner, ...others] = attempts;
      assert.ok(winner !== undefined && 'lock' in winner);
      assert.deepEqual(others, Array(19).fill({ holder: winner.lock.content }));
      release(winner.lock);
      assert.deepEqual(files(), []);
    });
  test('of a process elsewhere is held until its deadline, whatever its number means here', (t) => {
    const { take, path } = lockIn(t);
    for (const pid of [process.pid, deadPid()]) {
      const content = elsewhere(pid, 5000);
      writeFileSync(path, content);
      assert.deepEqual(take(), { holder: content });
      const later = take({ isOverdue: (holder) => holder === content });
      assert.ok(later !== undefined && 'lock' in later);
    }
  });
  test('whose successor is at it is not succeeded by another', (t) => {
    const { take, path } = lockIn(t);
    writeFileSync(path, lockContent(Date.now() + 5000, deadPid()));
    const content = lockContent(Date.now() + 5000);
    writeFileSync(path, 'stale');
    writeFileSync(claimOf(path, 'stale'), content);
    assert.deepEqual(take(), { holder: content });
    assert.equal(readFileSync(path, 'utf8'), 'stale');
  });
  test('whose successors were killed between two steps is succeeded all the same', (t) => {
    const { take, path, files } = lockIn(t);
    const dead = lockContent(Date.now() + 5000, deadPid());
    writeFileSync(path, 'stale');
    writeFileSync(claimOf(path, 'stale'), dead);
    const attempt = take();
    assert.ok(attempt !== undefined && 'lock' in attempt);
    assert.equal(readFileSync(path, 'utf8'), attempt.lock.content);
    assert.deepEqual(files(), ['x.lock']);
  });
  test('is not to be had in a directory that is not there, nor in place of a directory', (t) => {
    const { take, directory, path } = lockIn(t);
    assert.equal(take({ path: join(directory, 'none', 'x') }), undefined);
    mkdirSync(path);
    assert.equal(take(), undefined);
    assert.ok(existsSync(path));
  });
  test('that is empty is held for a moment', (t) => {
    const { take, path } = lockIn(t);
    writeFileSync(path, '');
    assert.deepEqual(take(), { holder: '' });
    utimesSync(path, 1000, 1000);
    const attempt = take();
    assert.ok(attempt !== undefined && 'lock' in attempt);
  });
});

/** The name of the file that the successor of a holder takes first. */
function claimOf(path: string, holder: string): string {
  return `${path}.${createHash('sha256').update(holder).digest('hex').slice(0, 16)}`;
}
