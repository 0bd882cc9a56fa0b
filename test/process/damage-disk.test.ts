// Owns cache directories that cannot be written, cannot be made, or belong to another: `get` is served all the same, says nothing,
// and writes nowhere else. What needs a mount or another user is for root.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type Executable, executables } from '../support/executables.ts';
import { assertOutcome, credentials } from '../support/expect.ts';
import { runCommand } from '../support/run.ts';
import {
  asUser,
  canMount,
  fill,
  giveTo,
  makeReadOnly,
  mountTmpfs,
  STRANGER,
  snapshot,
} from '../support/surroundings.ts';
import { type Env, HOST, openWorld, type World } from '../support/world.ts';

const isRoot = process.geteuid?.() === 0;
const NO_MOUNT = canMount ? false : 'nothing can be mounted here';
const NO_STRANGER = isRoot ? false : 'only root can run a program as another user';

/** How a `get` is run, where it differs from the usual. */
interface Setting {
  readonly env?: Env;
  readonly uid?: number;
  /** Whether a second `get` is served from the cache. */
  readonly isCached?: boolean;
  /** What the log tells, where it can be written; without it there is none to look for. */
  readonly logged?: RegExp;
}

interface Row {
  readonly name: string;
  readonly skip?: string | false;
  readonly arrange: (world: World, t: TestContext) => Setting;
}

const UNUSABLE = /warn .*cannot (use|write) the (cache directory|token cache)/;

/** A disk of 64 KiB, and a cache on it that may be there already. */
function smallDisk(t: TestContext, { isMade, options = '' }: { isMade: boolean; options?: string }) {
  const path = mountTmpfs(t, `64k${options}`);
  if (isMade) mkdirSync(`${path}/cache/tokens-v1`, { recursive: true, mode: 0o700 });
  return { path, env: { AWS_ECR_CACHE_DIR: `${path}/cache` } };
}

const rows: readonly Row[] = [
  {
    name: 'a full disk',
    skip: NO_MOUNT,
    arrange: (_, t) => {
      const { path, env } = smallDisk(t, { isMade: false });
      fill(path);
      return { env };
    },
  },
  {
    name: 'a disk that becomes full when the cache is there',
    skip: NO_MOUNT,
    arrange: (_, t) => {
      const { path, env } = smallDisk(t, { isMade: true });
      fill(path);
      return { env };
    },
  },
  {
    name: 'a disk without inodes',
    skip: NO_MOUNT,
    arrange: (_, t) => {
      const { env } = smallDisk(t, { isMade: true, options: ',nr_inodes=3' });
      return { env };
    },
  },
  {
    name: 'a disk that is read-only',
    skip: NO_MOUNT,
    arrange: (_, t) => {
      const { path, env } = smallDisk(t, { isMade: false });
      makeReadOnly(path);
      return { env };
    },
  },
  {
    name: 'a cache on a disk that became read-only',
    skip: NO_MOUNT,
    arrange: (_, t) => {
      const { path, env } = smallDisk(t, { isMade: true });
      makeReadOnly(path);
      return { env };
    },
  },
  {
    name: 'a home that this user cannot write',
    skip: NO_STRANGER,
    arrange: ({ home }) => {
      chmodSync(home.directory, 0o755);
      return { uid: STRANGER };
    },
  },
  {
    name: "HOME left at another user's",
    skip: NO_STRANGER,
    arrange: () => ({ uid: STRANGER }),
  },
  {
    name: 'a cache directory that this user cannot look into',
    skip: NO_STRANGER,
    arrange: (world) => {
      const path = join(world.home.directory, 'closed');
      mkdirSync(path, { mode: 0o700 });
      chmodSync(world.home.directory, 0o755);
      return { uid: STRANGER, env: { AWS_ECR_CACHE_DIR: `${path}/cache` } };
    },
  },
  {
    name: 'a cache directory that this user may read and not write',
    skip: NO_STRANGER,
    arrange: ({ home }) => {
      mkdirSync(join(home.directory, '.ecr/tokens-v1'), { recursive: true, mode: 0o700 });
      giveTo(STRANGER, home.directory);
      chmodSync(join(home.directory, '.ecr/tokens-v1'), 0o500);
      return { uid: STRANGER, logged: UNUSABLE };
    },
  },
  {
    name: 'a cache of root, when another user has the same home',
    skip: NO_STRANGER,
    arrange: ({ home }) => {
      mkdirSync(join(home.directory, '.ecr/tokens-v1'), { recursive: true, mode: 0o755 });
      chmodSync(home.directory, 0o755);
      return { uid: STRANGER };
    },
  },
  {
    name: "a cache of another user, when root has that user's home",
    skip: NO_STRANGER,
    arrange: ({ home }) => {
      mkdirSync(join(home.directory, '.ecr/tokens-v1'), { recursive: true, mode: 0o700 });
      giveTo(STRANGER, join(home.directory, '.ecr'));
      return { logged: UNUSABLE };
    },
  },
  {
    name: 'HOME unset, and a user without a home',
    skip: NO_STRANGER,
    arrange: ({ home }) => {
      chmodSync(home.directory, 0o755);
      return { uid: STRANGER, env: { HOME: undefined } };
    },
  },
  {
    name: 'HOME unset, and a user who is not known to the system',
    skip: NO_STRANGER,
    arrange: ({ home }) => {
      chmodSync(home.directory, 0o755);
      return { uid: 54321, env: { HOME: undefined } };
    },
  },
  ...['/proc', '/proc/self', '/sys', '/dev/null', 'relative'].map(
    (home): Row => ({ name: `HOME=${home}`, arrange: () => ({ env: { HOME: home } }) }),
  ),
  {
    name: 'a home with spaces and other letters',
    arrange: (world) => ({
      env: { HOME: join(world.home.directory, ' a home/ü 日本 \'q"') },
      isCached: true,
    }),
  },
  {
    name: 'a cache directory with a line end in its name',
    arrange: (world) => ({
      env: { AWS_ECR_CACHE_DIR: join(world.home.directory, 'a\nb') },
      isCached: true,
    }),
  },
  {
    name: 'a cache directory deeper than a path may be',
    arrange: (world) => ({ env: { AWS_ECR_CACHE_DIR: join(world.home.directory, 'deep/'.repeat(1000)) } }),
  },
  {
    name: 'a cache directory with a name longer than one may be',
    arrange: (world) => ({ env: { AWS_ECR_CACHE_DIR: join(world.home.directory, 'x'.repeat(300)) } }),
  },
  {
    name: 'a cache directory of many that are not there',
    arrange: (world) => ({
      env: { AWS_ECR_CACHE_DIR: join(world.home.directory, 'd/'.repeat(100)) },
      isCached: true,
    }),
  },
];

test('the table of disks has its rows', (t) => t.diagnostic(`${rows.length} rows`));

describe('disks', { concurrency: executables.length }, () => {
  for (const executable of executables)
    describe(executable.name, { concurrency: 3 }, () => {
      for (const { name, skip = false, arrange } of rows)
        test(name, { skip }, async (t) => {
          const world = await openWorld(t, executable, { files: { 'elsewhere/file': 'of the user\n' } });
          await check(world, arrange(world, t), executable);
        });
    });
});

async function check(world: World, setting: Setting, executable: Executable): Promise<void> {
  const { env, uid, isCached = false, logged } = setting;
  const elsewhere = join(world.home.directory, 'elsewhere');
  const untouched = snapshot(elsewhere);
  const command = [executable.command, ...executable.prefix, 'get'];
  for (const count of [1, 2]) {
    const result = await runCommand(uid === undefined ? command : asUser(uid, command), {
      // A directory that everybody may be in.
      cwd: '/',
      env: world.env(env),
      stdin: HOST,
      timeoutMs: 8000,
    });
    assertOutcome(result, credentials(HOST, world.aws.mintedTokens.at(-1)?.password ?? ''));
    assert.equal(world.aws.requests.length, isCached ? 1 : count);
    assert.ok(result.ms < 4000, `${result.ms} ms`);
  }
  assert.deepEqual(snapshot(elsewhere), untouched);
  if (logged !== undefined) assert.match(world.home.read('.ecr/log/ecr-login.log'), logged);
}
