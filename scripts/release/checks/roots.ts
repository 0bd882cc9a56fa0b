// Owns the places in which executables are run: bare roots with a C library and nothing else (no Node, no HOME, no CA
// certificates, no shell), with QEMU for the other machine, and Wine. Must not know what is asked of an executable.
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { elfNeeds } from '../elf.ts';
import { run } from '../shell.ts';
import { executableName, type Target } from '../targets.ts';
import type { Place } from './vectors.ts';

const shims = join(import.meta.dirname, 'shims');

/** Makes the place for an executable below `directory`, or says why there is none on this machine. */
export function placeFor(target: Target, executable: string, directory: string): Place | string {
  if (target.os === 'linux') return linuxRoot(target, executable, directory);
  if (target.os === 'windows' && target.runtime === 'node')
    return 'not run here: Node refuses Wine 8, needs Windows';
  if (target.os === 'windows' && target.arch === 'x64') return wine(target, executable, directory);
  return {
    macos: 'not run here: needs macOS',
    windows: 'not run here: needs Windows on Arm',
    freebsd: 'not run here: needs FreeBSD',
  }[target.os];
}

function linuxRoot(target: Target, executable: string, directory: string): Place {
  const foreign = target.arch !== process.arch;
  const { loader, libraries } = elfNeeds(readFileSync(executable));
  mkdirSync(join(directory, 'cache'), { recursive: true });
  mkdirSync(join(directory, 'tmp'), { recursive: true });
  const inside = `/${executableName(target)}`;
  put(executable, join(directory, inside));
  let libc = 'glibc 2.36';
  if (target.musl) {
    muslLibraries(target, directory, loader);
    libc = 'musl 1.2.3';
  } else {
    glibcLibraries(target, directory, loader, libraries);
  }
  if (foreign) put('/usr/bin/qemu-aarch64-static', join(directory, 'qemu'));
  const emulator = foreign ? ['/qemu'] : [];
  return {
    name: `bare root with ${libc}${foreign ? ', under QEMU' : ''}`,
    command: ['/usr/sbin/chroot', directory, ...emulator, inside],
    env: {},
    cache: '/cache',
    close: mountProc(directory),
  };
}

/** glibc asks there for the bounds of the stack, and Bun ends without the answer; every container has it. */
function mountProc(root: string): () => void {
  const proc = join(root, 'proc');
  mkdirSync(proc);
  run('/usr/bin/mount', ['-t', 'proc', '-o', 'ro', 'proc', proc]);
  const close = () => void run('/usr/bin/umount', [proc]);
  return close;
}

function glibcLibraries(target: Target, root: string, loader: string, libraries: readonly string[]): void {
  const source =
    target.arch === process.arch
      ? ['/lib/x86_64-linux-gnu', '/usr/lib/x86_64-linux-gnu']
      : ['/usr/aarch64-linux-gnu/lib'];
  put(find(source, basename(loader)), join(root, loader));
  // What a library needs is the libraries of the C library again, but for libstdc++, which needs all of these.
  for (const name of new Set([...libraries, 'libc.so.6', 'libm.so.6', 'libresolv.so.2', 'libnss_files.so.2']))
    put(find(source, name), join(root, 'lib', name));
}

/**
 * Debian has musl but no libstdc++ for it, which Alpine has. Debian's own libstdc++ works under musl's loader, which takes
 * glibc's names for itself, when a few functions of glibc are added.
 */
function muslLibraries(target: Target, root: string, loader: string): void {
  const here = target.arch === process.arch;
  const gnu = here ? ['/usr/lib/x86_64-linux-gnu', '/lib/x86_64-linux-gnu'] : ['/usr/aarch64-linux-gnu/lib'];
  const musl = here ? '/lib/ld-musl-x86_64.so.1' : foreignMusl(root);
  put(musl, join(root, loader));
  const gnuLoader = here ? 'ld-linux-x86-64.so.2' : 'ld-linux-aarch64.so.1';
  for (const name of [gnuLoader, `libc.musl-${here ? 'x86_64' : 'aarch64'}.so.1`])
    put(musl, join(root, 'lib', name));
  put(find(gnu, 'libstdc++.so.6'), join(root, 'lib/libstdc++.so.6'));
  // In libgcc's place, and with libgcc behind it, the functions are there without a variable that the loader would read.
  const real = join(root, 'lib/libgcc-real.so');
  const link = (...argv: string[]) =>
    run(here ? 'gcc' : 'aarch64-linux-gnu-gcc', ['-shared', '-fPIC', '-nostdlib', ...argv]);
  link('-o', real, '-x', 'c', '/dev/null');
  const shim = join(root, 'lib/libgcc_s.so.1');
  link(
    '-o',
    shim,
    '-Wl,-soname,libgcc_s.so.1',
    '-Wl,--no-as-needed',
    join(shims, 'musl.c'),
    `-L${dirname(real)}`,
    '-l:libgcc-real.so',
  );
  put(find(gnu, 'libgcc_s.so.1'), real);
}

/** Debian's musl for the other machine, fetched by apt into a state of its own so that this system stays as it is. */
function foreignMusl(root: string): string {
  const state = join(dirname(root), 'apt-arm64');
  const unpacked = join(state, 'unpacked');
  const found = join(unpacked, 'lib/ld-musl-aarch64.so.1');
  if (existsSync(found)) return found;
  mkdirSync(join(state, 'lists/partial'), { recursive: true });
  mkdirSync(unpacked, { recursive: true });
  writeFileSync(join(state, 'status'), '');
  const options = [
    `Dir::State::Lists=${join(state, 'lists')}`,
    `Dir::State::Status=${join(state, 'status')}`,
    'APT::Architecture=arm64',
    'APT::Architectures::=arm64',
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  run('apt-get', [...options, '-q', 'update']);
  run('apt-get', [...options, '-q', 'download', 'musl:arm64'], { cwd: state });
  run('sh', ['-c', 'dpkg-deb -x musl_*_arm64.deb unpacked'], { cwd: state });
  return found;
}

/** Wine 8 has no bcryptprimitives.dll, which every Windows since Vista has; one function of it is enough. */
function wine(target: Target, executable: string, directory: string): Place {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, executableName(target));
  put(executable, file);
  run('x86_64-w64-mingw32-gcc', [
    '-shared',
    '-o',
    join(directory, 'bcryptprimitives.dll'),
    join(shims, 'bcryptprimitives.c'),
    '-ladvapi32',
  ]);
  const prefix = join(dirname(directory), 'wine');
  const env = { WINEPREFIX: prefix, WINEDEBUG: '-all', PATH: '/usr/bin:/bin', HOME: dirname(directory) };
  run('/usr/bin/wine', ['wineboot', '--init'], { env });
  return { name: 'Wine 8', command: ['/usr/lib/wine/wine64', file], env, cache: 'C:\\ecr', close: () => {} };
}

function find(folders: readonly string[], name: string): string {
  const found = folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
  if (found === undefined) throw new Error(`there is no ${name} in ${folders.join(', ')}`);
  return found;
}

function put(source: string, file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  copyFileSync(source, file);
  chmodSync(file, 0o755);
}
