// Owns disks that are full or cannot be written, and a user who is not root: what a test of a damaged cache needs from the system.
// Each is undone at the end of its test. It must not judge.
import { spawnSync } from 'node:child_process';
import {
  chownSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A user of many systems who owns nothing; 65534 by custom. */
export const STRANGER = 65534;

/** Whether file systems can be mounted here. */
export const canMount = ((): boolean => {
  if (process.platform !== 'linux' || process.geteuid?.() !== 0) return false;
  return spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
})();

/** A new directory with a file system of its own, of `size` (such as `64k`). */
export function mountTmpfs(t: TestContext, size: string): string {
  // Not below a world's home, which is removed first.
  const directory = mkdtempSync(join(tmpdir(), 'ecr-login-disk-'));
  system('mount', '-t', 'tmpfs', '-o', `size=${size},mode=0700`, 'tmpfs', directory);
  t.after(() => {
    system('umount', '--lazy', directory);
    rmdirSync(directory);
  });
  return directory;
}

/** Makes a mounted directory one that cannot be written, not even by root. */
export function makeReadOnly(directory: string): void {
  system('mount', '-o', 'remount,ro', directory);
}

/** Fills what is left of a small disk. */
export function fill(directory: string): void {
  for (let size = 64 * 1024, index = 0; size >= 1; index++) {
    try {
      writeFileSync(join(directory, `filler-${index}`), Buffer.alloc(size));
    } catch {
      size = Math.floor(size / 2);
    }
  }
}

/** Gives a tree to another user. */
export function giveTo(uid: number, directory: string): void {
  for (const name of ['', ...readdirSync(directory, { recursive: true, encoding: 'utf8' })])
    chownSync(join(directory, name), uid, uid);
}

/** A command line run by another user. */
export function asUser(uid: number, command: readonly string[]): string[] {
  return ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', ...command];
}

/** All that can be seen of a tree: kinds, modes, owners, contents and times of change, by path. */
export function snapshot(directory: string): Record<string, string> {
  const paths = ['', ...readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()];
  return Object.fromEntries(
    paths.map((path) => {
      const full = join(directory, path);
      const stats = lstatSync(full);
      const content = stats.isFile()
        ? readFileSync(full, 'latin1')
        : stats.isSymbolicLink()
          ? readlinkSync(full)
          : '';
      return [path, [stats.mode.toString(8), stats.uid, stats.gid, stats.mtimeMs, content].join(' ')];
    }),
  );
}

function system(command: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}
