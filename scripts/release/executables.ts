// Owns the making of every executable of the release, into one folder per target. Must not pack or run them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signMachO } from './macho.ts';
import { NODE_VERSION, pkgHome } from './prepare.ts';
import { run } from './shell.ts';
import { executableName, PROGRAM, TARGETS, type Target, targetName } from './targets.ts';

const root = join(import.meta.dirname, '../..');
const bun = join(root, 'node_modules/.bin/bun');

/** Where a target's executable is. */
export function executablePath(work: string, target: Target): string {
  return join(work, targetName(target), executableName(target));
}

/** Builds all executables below `work`; the bundle for Node must have been built. */
export function buildExecutables(work: string, commit: string): void {
  const native = TARGETS.filter(({ runtime }) => runtime === 'native');
  run(bun, ['scripts/release/native.ts', commit, work, ...native.map(targetName)], { cwd: root });
  const withNode = TARGETS.filter(({ runtime }) => runtime === 'node');
  const { home, host } = pkgHome(withNode);
  const bundle = join(root, `dist/pkg-input/${PROGRAM}.cjs`);
  for (const target of withNode) {
    const output = executablePath(work, target);
    const system = target.os === 'windows' ? 'win' : target.os;
    // No path to Node: pkg then takes it from its cache, which holds it, and makes the blob with the Node that runs it.
    run(host, ['scripts/pkg.ts', bundle, '', output, system, target.arch], {
      cwd: root,
      env: { HOME: home },
    });
    if (target.os === 'macos') writeFileSync(output, signMachO(readFileSync(output), PROGRAM));
  }
}

/** The runtimes inside, for the bill of materials. */
export function runtimes(): { readonly bun: string; readonly node: string } {
  return { bun: run(bun, ['--version']).trim(), node: NODE_VERSION };
}

/** The commit and its time, which is the time of everything in the release. */
export function commitOf(): { readonly commit: string; readonly seconds: number } {
  if (!existsSync(join(root, '.git'))) throw new Error('cannot release without the repository: clone it');
  const [commit = '', seconds = ''] = run('git', ['log', '-1', '--format=%H %ct'], { cwd: root })
    .trim()
    .split(' ');
  const changes = run('git', ['status', '--porcelain', '--untracked-files=no', '--', 'src', 'package.json'], {
    cwd: root,
  });
  return { commit: changes.trim() === '' ? commit : `${commit}-dirty`, seconds: Number(seconds) };
}
