// Owns the way of a user with a fresh Debian: install the .deb with apt, pull an image through it with Docker's CLI, remove
// it. Registry, daemon and AWS are those of the end-to-end tests. Must not leave a mount or a root behind.
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { image, registryHost, startWorld } from '../../../test/support/containers/harness.ts';
import { run as runClient } from '../../../test/support/containers/run.ts';
import type { Release } from '../build.ts';
import { run } from '../shell.ts';
import { PROGRAM } from '../targets.ts';
import { type Row, rowOf } from './row.ts';

/** One line, for the architecture of this machine. */
export async function checkFreshRoot({ version, directory }: Release, work: string): Promise<Row> {
  const file = join(directory, `${PROGRAM}_${version}_amd64.deb`);
  const where = 'fresh Debian root: apt install, docker pull, apt purge';
  return rowOf(basename(file), where, async () => {
    const root = join(work, 'debian');
    run('mmdebstrap', ['--quiet', '--variant=minbase', '--include=ca-certificates', codename(), root]);
    copyFileSync(file, join(root, 'tmp', basename(file)));
    const inside = (...argv: string[]) =>
      run('/usr/sbin/chroot', [root, ...argv], { env: { DEBIAN_FRONTEND: 'noninteractive', HOME: '/root' } });
    run('/usr/bin/mount', ['-t', 'proc', 'proc', join(root, 'proc')]);
    try {
      inside('apt-get', '-q', '-y', '--no-install-recommends', 'install', `/tmp/${basename(file)}`);
      for (const path of [
        `usr/share/man/man1/${PROGRAM}.1.gz`,
        `usr/share/bash-completion/completions/${PROGRAM}`,
      ])
        if (!existsSync(join(root, path))) throw new Error(`${path} is missing`);
      await pull(root);
      inside('apt-get', '-q', '-y', 'purge', PROGRAM);
      if (existsSync(join(root, 'usr/bin', PROGRAM))) throw new Error('it stays when it is removed');
    } finally {
      run('/usr/bin/umount', [join(root, 'proc')]);
    }
    return 'installed, pulled, removed';
  });
}

async function pull(root: string): Promise<void> {
  // Docker's CLI from this machine, which is the same Debian: the root has all that it needs.
  copyFileSync('/usr/bin/docker', join(root, 'usr/bin/docker'));
  chmodSync(join(root, 'usr/bin/docker'), 0o755);
  mkdirSync(join(root, 'root/.docker'), { recursive: true });
  writeFileSync(
    join(root, 'root/.docker/config.json'),
    JSON.stringify({ credHelpers: { [registryHost]: 'ecr-login' } }),
  );
  const world = await startWorld({ withDaemon: true });
  const socket = join(root, 'run/docker.sock');
  writeFileSync(socket, '');
  run('/usr/bin/mount', ['--bind', world.dockerHost().replace('unix://', ''), socket]);
  try {
    const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', ...world.allowed };
    const argv = [root, 'docker', '--host', 'unix:///run/docker.sock', 'pull', image];
    const { code, stdout, stderr } = await runClient('/usr/sbin/chroot', argv, { environment, cwd: '/' });
    if (code !== 0) throw new Error(`docker pull: ${stdout}${stderr}`);
    if (world.minted.length !== 1) throw new Error(`AWS handed out ${world.minted.length} tokens, not one`);
    if (!existsSync(join(root, 'root/.ecr/tokens-v1')))
      throw new Error('the token did not go through the cache');
  } finally {
    run('/usr/bin/umount', [socket]);
    await world.close();
  }
}

function codename(): string {
  const found = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  if (found === undefined) throw new Error('/etc/os-release names no release of Debian');
  return found;
}
