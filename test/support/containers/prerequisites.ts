// Owns the question whether this machine can run the end-to-end tests, answered with a sentence a person can act on.
// It must not skip anything: what is missing is a failure.

import { accessSync, constants, existsSync } from 'node:fs';
import { createServer } from 'node:net';

const commands = {
  dockerd: 'docker.io',
  docker: 'docker.io',
  'docker-registry': 'docker-registry',
  skopeo: 'skopeo',
  podman: 'podman',
  buildah: 'buildah',
  htpasswd: 'apache2-utils',
  openssl: 'openssl',
  setpriv: 'util-linux',
  curl: 'curl',
  kubectl: 'kubernetes-client',
} as const;

/** The port of an ECR registry; a name without a port means this one to every client. */
export const registryPort = 443;

const searchPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** The directories in which the clients and the services look for programs. */
export const systemPath: string = searchPath.join(':');

/** The Docker CLIs of this machine: Debian's and one installed beside it can be of different ages. */
export const dockerClients: readonly string[] = ['/usr/local/bin/docker', '/usr/bin/docker'].filter(
  isExecutable,
);

/** Throws a sentence naming what is missing for the end-to-end tests. */
export async function requirePrerequisites(): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new Error(
      `Cannot run the end-to-end tests as this user: they start a Docker daemon, listen on port ${registryPort} and edit /etc/hosts, so run them as root`,
    );
  }
  for (const [command, debianPackage] of Object.entries(commands)) {
    if (!searchPath.some((directory) => isExecutable(`${directory}/${command}`))) {
      throw new Error(
        `Cannot find ${command} in ${systemPath}: install the Debian package ${debianPackage}, as .ci/run does`,
      );
    }
  }
  await requireFreePort();
}

/** Throws a sentence when a built executable is not there. */
export function requireExecutable(file: string): void {
  if (!existsSync(file)) throw new Error(`Cannot find ${file}: run "npm run build:all" first`);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function requireFreePort(): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const cause = error.code === 'EADDRINUSE' ? 'another program listens there' : error.message;
      reject(
        new Error(
          `Cannot start a registry on 127.0.0.1:${registryPort}: ${cause}; the end-to-end tests need that port`,
        ),
      );
    });
    server.listen(registryPort, '127.0.0.1', resolve);
  });
  await new Promise((resolve) => server.close(resolve));
}
