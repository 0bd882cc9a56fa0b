// Owns a cache whose writers get killed: an old entry that is due for a refresh, a `get` that is killed in the midst of it, and
// what is then there. It must not judge but the one thing that must always hold: the old entry or a new one, whole.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aged, entriesOf } from './entries.ts';
import { type RunOptions, type RunResult, runCommand } from './run.ts';
import { HOST, type World } from './world.ts';

const HOUR = 3_600_000;
/** What a killed writer leaves behind is removed when it is older than this. */
const DEBRIS_AGE_MS = 11 * 60_000;

/** A cache with one entry, which is stale unless told otherwise. */
export interface Victim {
  readonly directory: string;
  /** Puts the old entry back, in its second half of life, and takes away what would keep a refresh from happening. */
  reset(): void;
  /** Runs `get`, by another command line than the executable's own if one is given. */
  get(options?: Partial<RunOptions> & { readonly command?: readonly string[] }): Promise<RunResult>;
  /** Which of the two entries is there; fails when it is neither, or when anything beside it is not for this user alone. */
  found(): 'old' | 'new';
  /** What lies beside the entry. */
  debris(): string[];
  /** Makes debris so old that it has no owner any more. */
  ageDebris(): void;
}

/** Fills a world's cache. */
export async function victimOf(world: World): Promise<Victim> {
  const { executable, home } = world;
  assert.equal((await world.get(HOST)).code, 0);
  const [entry] = entriesOf(world);
  assert.ok(entry !== undefined);
  const path = join(home.directory, entry.path);
  const directory = join(home.directory, '.ecr/tokens-v1');
  const old = aged(entry.text, 7 * HOUR);
  const debris = (): string[] =>
    readdirSync(directory)
      .filter((name) => !name.endsWith('.json'))
      .sort();
  return {
    directory,
    debris,
    reset() {
      writeFileSync(path, old, { mode: 0o600 });
      // On a busy machine a refresh may fail for want of time, and the next ones would then wait for a minute.
      rmSync(`${path}.failed`, { force: true });
    },
    get: ({ command, ...options } = {}) =>
      runCommand(command ?? [executable.command, ...executable.prefix, 'get'], {
        cwd: home.directory,
        env: world.env(),
        stdin: HOST,
        ...options,
      }),
    found() {
      for (const name of debris()) assert.equal(statSync(join(directory, name)).mode & 0o777, 0o600, name);
      assert.deepEqual(
        readdirSync(directory).filter((name) => name.endsWith('.json')),
        [path.slice(directory.length + 1)],
      );
      const text = readFileSync(path, 'utf8');
      if (text === old) return 'old';
      const { password, expiresAt } = JSON.parse(text);
      assert.ok(world.aws.mintedTokens.some((token) => token.password === password));
      assert.ok(expiresAt > Date.now() && text.endsWith('}\n'));
      return 'new';
    },
    ageDebris() {
      const at = (Date.now() - DEBRIS_AGE_MS) / 1000;
      for (const name of debris()) utimesSync(join(directory, name), at, at);
    },
  };
}

/** Kills the group that a child leads, while it runs. */
export function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It was quicker.
  }
}
