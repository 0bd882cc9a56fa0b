// Owns the programs that are compared: where they are, what they are called in the table, and how each is led to the loopback AWS.
// Must not run them.
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from './aws.ts';

/** A program under comparison. */
export interface Contender {
  readonly id: 'native' | 'debian' | 'npm' | 'pkg' | 'empty' | 'true';
  readonly name: string;
  readonly command: readonly [program: string, ...argv: string[]];
}

/** `tls`: HTTPS through a CONNECT proxy, which every program can; `plain`: HTTP to an endpoint setting, which Debian's cannot. */
export type Transport = 'tls' | 'plain';

/** Debian's package amazon-ecr-credential-helper, the program that we are measured against. */
const DEBIAN_HELPER = '/usr/bin/docker-credential-ecr-login';

/** Our three executables. */
export function ourContenders(root: string): Record<'native' | 'npm' | 'pkg', Contender> {
  const node = join(root, 'node_modules/node/bin/node');
  const launcher = join(root, 'bin/docker-credential-ecr-login.js');
  return {
    native: { id: 'native', name: 'native', command: [join(root, 'dist/docker-credential-ecr-login')] },
    npm: { id: 'npm', name: 'npm', command: [node, launcher] },
    pkg: { id: 'pkg', name: 'pkg', command: [join(root, 'dist/pkg/docker-credential-ecr-login')] },
  };
}

/** Debian's helper with its version, or undefined where the package is not installed. */
export function debianContender(): Contender | undefined {
  if (!existsSync(DEBIAN_HELPER)) return undefined;
  const status = execFileSync('dpkg', ['-s', 'amazon-ecr-credential-helper'], { encoding: 'utf8' });
  const version = /^Version: ([0-9.]+)/m.exec(status)?.[1] ?? 'unknown';
  return { id: 'debian', name: `Debian ${version}`, command: [DEBIAN_HELPER] };
}

/** What starting a process costs on this machine, and what the runtime adds before our first line runs. */
export function floorContenders(root: string, directory: string): Contender[] {
  const source = join(directory, 'empty.ts');
  const executable = join(directory, 'empty');
  // It leaves as our executable does; falling off the end of the source takes Bun longer.
  writeFileSync(source, 'process.exit(0);\n');
  // The same options as the executable that it is compared with.
  execFileSync(join(root, 'node_modules/.bin/bun'), [join(root, 'scripts/native.ts'), source, executable]);
  return [
    { id: 'true', name: '/bin/true', command: ['/bin/true'] },
    { id: 'empty', name: 'empty program', command: [executable] },
  ];
}

/** The variables that lead a helper to the loopback. */
export function transportEnvironment(
  transport: Transport,
  place: Place,
  authority: string,
): Record<string, string> {
  return transport === 'tls'
    ? { HTTPS_PROXY: place.proxy, SSL_CERT_FILE: authority }
    : { AWS_ENDPOINT_URL: place.url };
}
