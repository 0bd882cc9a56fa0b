// Owns the cache damage table as whole processes: whatever stands in the place of an entry or of the cache, `get` is served anew,
// says nothing, and writes nowhere else. The contents and files are those of the unit tests.
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { aged, entriesOf } from '../support/entries.ts';
import { type Executable, executables } from '../support/executables.ts';
import { assertOutcome, credentials, type Expected } from '../support/expect.ts';
import { run } from '../support/run.ts';
import { snapshot } from '../support/surroundings.ts';
import { HOST, openWorld, type World } from '../support/world.ts';
import { CONTENT, FILES, type FileRow } from '../unit/tables/cache-damage.ts';

const YEAR = 365 * 24 * 3_600_000;

/** Files that only stand in a process's way. */
const more: readonly FileRow[] = [
  {
    name: 'a symbolic link to a file elsewhere, which must not be written through',
    damage: (entry) => {
      rmSync(entry);
      symlinkSync(join(homeOf(entry), 'elsewhere/file'), entry);
    },
    needs: 'unix',
  },
  {
    name: 'a symbolic link to a directory elsewhere, in place of the directory',
    damage: (_, directory) => {
      rmSync(directory, { recursive: true });
      symlinkSync(join(homeOf(directory), 'elsewhere'), directory);
    },
    needs: 'unix',
  },
  {
    name: 'a symbolic link out of nowhere, in place of the directory above',
    damage: (_, directory) => {
      rmSync(dirname(directory), { recursive: true });
      symlinkSync(join(homeOf(directory), 'elsewhere/none/at/all'), dirname(directory));
    },
    needs: 'unix',
  },
  {
    name: 'a lock that is a symbolic link to a file elsewhere',
    damage: (entry) => {
      rmSync(entry);
      symlinkSync(join(homeOf(entry), 'elsewhere/file'), `${entry}.lock`);
    },
    needs: 'unix',
  },
  {
    name: 'a lock that is a directory',
    damage: (entry) => {
      rmSync(entry);
      mkdirSync(`${entry}.lock`);
    },
  },
  {
    name: 'a failure that is a symbolic link to a file elsewhere',
    damage: (entry) => {
      rmSync(entry);
      symlinkSync(join(homeOf(entry), 'elsewhere/file'), `${entry}.failed`);
    },
    needs: 'unix',
  },
  {
    name: 'a log that is a symbolic link to a file elsewhere',
    damage: (entry, directory) => {
      rmSync(entry);
      const log = join(dirname(directory), 'log');
      rmSync(log, { recursive: true, force: true });
      mkdirSync(log);
      symlinkSync(join(homeOf(entry), 'elsewhere/file'), join(log, 'ecr-login.log'));
    },
    needs: 'unix',
  },
  {
    name: 'a thousand files that are no entries',
    damage: (entry, directory) => {
      rmSync(entry);
      for (let index = 0; index < 1000; index++) {
        const file = join(directory, `${index}.json`);
        writeFileSync(file, 'x', { mode: 0o600 });
        utimesSync(file, 1000, 1000);
      }
    },
  },
];

function homeOf(path: string): string {
  return path.slice(0, path.indexOf('/.ecr'));
}

/** Clocks that were wrong when an entry was written. */
const clocks = (
  [
    ['a year ahead', -YEAR],
    ['at the end of time', -8e15],
    ['of 1970', Date.now() - 1e9],
  ] as const
).map(([name, ms]) => [`a clock ${name}`, (entry: object) => aged(JSON.stringify(entry), ms)] as const);

test('the table has the rows that it promises', (t) => {
  const files = FILES.length + more.length;
  const contents = CONTENT.length + clocks.length;
  assert.ok(files + contents >= 40);
  t.diagnostic(`${contents} contents and ${files} kinds of files, on ${executables.length} executables`);
});

describe('damage', { concurrency: executables.length }, () => {
  for (const executable of executables)
    describe(executable.name, { concurrency: 3 }, () => {
      for (const [name, content] of [...CONTENT, ...clocks])
        test(`content: ${name}`, async (t) => {
          const { world, entry, text } = await filledWorld(t, executable);
          writeFileSync(entry, content(JSON.parse(text)));
          const outcome = await assertServedAnew(world);
          // The damage is mended: whoever asks next is served what this one wrote. One executable can tell for all.
          if (executable.name !== 'native') return;
          assertOutcome(await world.get(HOST), outcome);
          assert.equal(world.aws.mintedTokens.length, 2);
        });

      for (const { name, damage, needs } of [...FILES, ...more])
        test(`file: ${name}`, { skip: isImpossible(needs) }, async (t) => {
          const { world, entry } = await filledWorld(t, executable);
          damage(entry, dirname(entry));
          // What the damage moved elsewhere is the test's own doing.
          for (const { path, text, isDirectory } of world.home.list('.ecr'))
            if (path.includes('.real') && !isDirectory) world.write(path, text);
          await assertServedAnew(world);
        });

      test('deleted, replaced and cut while it is read', async (t) => {
        const { world, entry, text } = await filledWorld(t, executable);
        const timer = setInterval(() => spoil(entry, text), 1);
        t.after(() => clearInterval(timer));
        for (let count = 0; count < 10; count++) {
          const options = { cwd: world.home.directory, env: world.env(), stdin: HOST };
          const { code, stderr, stdout } = await run(executable, ['get'], options);
          assert.deepEqual([code, stderr], [0, '']);
          assert.ok(world.aws.mintedTokens.some(({ password }) => stdout.includes(password)));
        }
      });
    });
});

function isImpossible(needs: FileRow['needs']): boolean {
  if (needs === 'root') return process.geteuid?.() !== 0;
  return needs === 'unix' && process.platform === 'win32';
}

/** A world with one good entry in its cache, and a tree elsewhere that must stay as it is. */
async function filledWorld(
  t: TestContext,
  executable: Executable,
): Promise<{ world: World; entry: string; text: string }> {
  const files = { 'elsewhere/file': 'a file of the user\n', 'elsewhere/directory/file': 'another\n' };
  const world = await openWorld(t, executable, { files });
  // All executables share one cache, and the first is the quickest.
  const quickest = executables[0] ?? executable;
  const options = { cwd: world.home.directory, env: world.env(), stdin: HOST };
  assert.equal((await run(quickest, ['get'], options)).code, 0);
  const [entry] = entriesOf(world);
  assert.ok(entry !== undefined);
  return { world, entry: join(world.home.directory, entry.path), text: entry.text };
}

/** A new token, in silence and in time, and nothing written elsewhere. */
async function assertServedAnew(world: World): Promise<Expected> {
  const elsewhere = join(world.home.directory, 'elsewhere');
  const untouched = snapshot(elsewhere);
  const result = await world.get(HOST);
  const outcome = credentials(HOST, world.aws.mintedTokens[1]?.password ?? '');
  assertOutcome(result, outcome);
  assert.ok(result.ms < 4000, `${result.ms} ms`);
  assert.deepEqual(snapshot(elsewhere), untouched);
  return outcome;
}

let step = 0;

/** What else may happen to an entry at any time. */
function spoil(entry: string, text: string): void {
  step++;
  if (step % 3 === 0) rmSync(entry, { force: true });
  else if (step % 3 === 1) writeFileSync(entry, text.slice(0, 100), { mode: 0o600 });
  else {
    writeFileSync(`${entry}.other`, text, { mode: 0o600 });
    renameSync(`${entry}.other`, entry);
  }
}
