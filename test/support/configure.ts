// Owns what the tests of `configure` stand on: a world whose PATH leads to the executable under test. It must not judge.
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Executable, executables } from './executables.ts';
import { SYSTEM_PATH } from './run.ts';
import { openWorld, type World, type WorldOptions } from './world.ts';

/** A world in which this executable is the one on PATH. */
export async function worldOf(
  t: TestContext,
  executable: Executable | undefined = executables[0],
  options: WorldOptions = {},
): Promise<World> {
  if (executable === undefined) throw new Error('there is no executable');
  const world = await openWorld(t, executable, options);
  const bin = join(world.home.directory, 'bin');
  mkdirSync(bin);
  symlinkSync(executable.prefix[0] ?? executable.command, join(bin, 'docker-credential-ecr-login'));
  return {
    ...world,
    run: (argv, { env, ...rest } = {}) =>
      world.run(argv, { ...rest, env: { PATH: `${bin}:${SYSTEM_PATH}`, ...env } }),
  };
}

/** Runs `configure`. */
export function configure(world: World, ...args: string[]): ReturnType<World['run']> {
  return world.run(['configure', ...args]);
}
