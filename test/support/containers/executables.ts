// Owns which executables are under test and how each one comes to be `docker-credential-ecr-login` on a PATH.
// It must not build them.

import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { requireExecutable } from './prerequisites.ts';

/** The three ways to run the program. */
export const executableNames = ['native', 'npm', 'pkg'] as const;

/** One of the three ways to run the program. */
export type ExecutableName = (typeof executableNames)[number];

const root = join(import.meta.dirname, '../../..');

const files: Readonly<Record<ExecutableName, string>> = {
  native: join(root, 'dist/docker-credential-ecr-login'),
  npm: join(root, 'bin/docker-credential-ecr-login.js'),
  pkg: join(root, 'dist/pkg/docker-credential-ecr-login'),
};

/** Makes `directory` hold the executable under the name that clients look for. */
export function installExecutable(name: ExecutableName, directory: string): void {
  const file = files[name];
  requireExecutable(file);
  mkdirSync(directory, { recursive: true });
  const command = join(directory, 'docker-credential-ecr-login');
  if (name !== 'npm') {
    symlinkSync(file, command);
    return;
  }
  // The Node that runs the tests: the machine's own may be too old for the program.
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${file}' "$@"\n`);
  chmodSync(command, 0o755);
}
