// Owns what the tests of the fallback stand on: a helper on PATH that writes down how it was called. It must not judge.
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Executable } from './executables.ts';
import { SYSTEM_PATH } from './run.ts';
import { type Env, openWorld, type World } from './world.ts';

/** A server URL that is not ours. */
export const THEIRS = 'https://index.docker.io/v1/';

/** What a helper for tests does beside writing down how it was called. */
const RECORD = `#!/bin/sh\nprintf '%s' "$*" > "$HOME/argv"\ncat > "$HOME/stdin"\n`;

/** A world, and what its helper was asked. */
export interface Neighbours {
  readonly world: World;
  /** The bytes that the helper was given. */
  stdin(): string;
  argv(): string;
}

/** A world whose fallback is a shell script. */
export async function worldWith(
  t: TestContext,
  executable: Executable,
  script: string,
  env: Env = {},
): Promise<Neighbours> {
  const world = await openWorld(t, executable, {
    files: { 'bin/docker-credential-other': { text: RECORD + script, mode: 0o755 } },
    env: { AWS_ECR_FALLBACK: 'other', ...env },
  });
  const bin = join(world.home.directory, 'bin');
  const path = env.PATH ?? `${bin}:${SYSTEM_PATH}`;
  const inPath: World = {
    ...world,
    run: (argv, options = {}) => world.run(argv, { ...options, env: { PATH: path, ...options.env } }),
  };
  return { world: inPath, stdin: () => world.home.read('stdin'), argv: () => world.home.read('argv') };
}
