// Owns where the executable for this system is: in a package that npm installed because it fits. Must not run it.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const PROGRAM = 'docker-credential-ecr-login';

/** The path of this system's executable, or undefined. */
export function executable() {
  const system = { darwin: 'macos', win32: 'windows' }[process.platform] ?? process.platform;
  const name = `${PROGRAM}-${system}-${process.arch}${isMusl() ? '-musl' : ''}`;
  try {
    const file = createRequire(import.meta.url).resolve(`${name}/package.json`);
    const path = file.replace(/package\.json$/, `${PROGRAM}${process.platform === 'win32' ? '.exe' : ''}`);
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

function isMusl() {
  if (process.platform !== 'linux') return false;
  try {
    return readFileSync('/usr/bin/ldd', 'latin1').includes('musl');
  } catch {
    return existsSync(`/lib/ld-musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`);
  }
}
