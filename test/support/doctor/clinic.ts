// Owns the world of a `doctor` test: a machine on which everything is well (the program on PATH, Docker's config, keys, a
// registry on loopback), to be damaged by one row each; and the page, read back. It must not judge.
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Executable } from '../executables.ts';
import { type Authority, makeAuthority } from '../network/authority.ts';
import { quote, type RunResult } from '../run.ts';
import { ACCOUNT, type Env, HOST, openWorld, type World, type WorldOptions } from '../world.ts';
import { type Mood, startRegistry, type TestRegistry } from './registry.ts';

/** A world, and a registry in it. */
export interface Clinic extends World {
  readonly registry: TestRegistry;
  readonly authority: Authority;
  /** Docker's config file, anew. */
  writeDocker(config: object): undefined;
  /** An executable script below the home. */
  writeScript(path: string, ...lines: readonly string[]): void;
}

/** What differs from the usual machine. */
export interface ClinicOptions {
  readonly mood?: Mood;
  readonly certificate?: 'good' | 'expired' | 'otherHost';
  readonly aws?: WorldOptions['aws'];
}

/** One line of the page, with its fix. */
export interface PageLine {
  readonly status: string;
  readonly text: string;
  readonly fix: string;
}

let authority: Authority | undefined;

/** Opens the clinic; it ends with the test. */
export async function openClinic(
  t: TestContext,
  executable: Executable,
  { mood, certificate = 'good', aws }: ClinicOptions = {},
): Promise<Clinic> {
  authority ??= makeAuthority();
  const registry = await startRegistry(t, authority[certificate], mood);
  const world = await openWorld(t, executable, aws === undefined ? {} : { aws });
  const { directory } = world.home;
  world.addSecret('canary-bearer-token-of-the-registry');
  world.write('ca.pem', authority.ca);
  const config = {
    registries: [{ match: registry.host, account: ACCOUNT, region: 'us-east-1' }],
  };
  world.write('.ecr/config.json', JSON.stringify(config));
  const usual: Env = {
    PATH: join(directory, 'bin'),
    AWS_CA_BUNDLE: join(directory, 'ca.pem'),
    LANG: 'C.UTF-8',
  };
  const clinic: Clinic = {
    ...world,
    get secrets() {
      return world.secrets;
    },
    env: (changes) => world.env({ ...usual, ...changes }),
    run: (argv, options = {}) => world.run(argv, { ...options, env: { ...usual, ...options.env } }),
    registry,
    authority,
    writeDocker: (content) => void world.write('.docker/config.json', JSON.stringify(content, undefined, 2)),
    writeScript(path, ...lines) {
      world.write(path, { text: `#!/bin/sh\n${lines.join('\n')}\n`, mode: 0o700 });
      chmodSync(join(directory, path), 0o700);
    },
  };
  const command = [executable.command, ...executable.prefix].map(quote).join(' ');
  clinic.writeScript('bin/docker-credential-ecr-login', `exec ${command} "$@"`);
  clinic.writeDocker({ credHelpers: { [HOST]: 'ecr-login', [registry.host]: 'ecr-login' } });
  mkdirSync(join(directory, 'other'));
  return clinic;
}

/** The findings of a page that was printed without a terminal. */
export function readPage({ stdout }: RunResult): PageLine[] {
  return [...stdout.matchAll(/^ {2}(ok|warning|broken): (.*)(?:\n {6}fix: (.*))?$/gm)].map(
    ([, status = '', text = '', fix = '']) => ({ status, text, fix }),
  );
}
