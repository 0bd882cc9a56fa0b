// Owns a real Docker daemon with everything of its own in one directory: data, socket, pid file, containerd.
// It must not touch a daemon that runs on this machine already.

import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';

import { systemPath } from './prerequisites.ts';
import { startService } from './service.ts';

/** The running daemon; `host` is for `docker --host`. */
export interface Daemon {
  readonly host: string;
  log(): string;
  stop(): Promise<void>;
}

/** Starts a daemon without a network of its own and waits until it answers. */
export async function startDaemon(directory: string): Promise<Daemon> {
  const socket = join(directory, 'docker.sock');
  const configuration = join(directory, 'daemon.json');
  writeFileSync(configuration, '{}');
  const service = await startService({
    command: 'dockerd',
    args: [
      // vfs works on every file system, also where overlay cannot be mounted.
      '--storage-driver=vfs',
      '--iptables=false',
      '--bridge=none',
      `--config-file=${configuration}`,
      `--data-root=${join(directory, 'docker-data')}`,
      `--exec-root=${join(directory, 'docker-exec')}`,
      `--pidfile=${join(directory, 'docker.pid')}`,
      `--host=unix://${socket}`,
    ],
    environment: { PATH: systemPath, HOME: directory },
    logFile: join(directory, 'dockerd.log'),
    isReady: () => answersPing(socket),
  });
  return { host: `unix://${socket}`, log: service.log, stop: service.stop };
}

function answersPing(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const ping = request({ socketPath, path: '/_ping' }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.once('error', () => resolve(false));
    ping.end();
  });
}
