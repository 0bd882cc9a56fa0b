// Owns `npm run release`: everything that is published, in dist/release, and the check of all of it.
//   --level=<1-12>   how hard to compress; 10 by default, as 12 takes 1.7 times as long for 0.04 %
//   --only-check     checks what is there from a run before
//   --no-pull        leaves the Debian root and the Docker daemon out
// Must not publish anything, and must not pass when a check has failed.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildRelease, type Release } from './release/build.ts';
import { checkArchives } from './release/checks/archives.ts';
import { checkFreshRoot } from './release/checks/fresh-root.ts';
import { checkPackages } from './release/checks/packages.ts';
import { type Row, rowOf } from './release/checks/row.ts';
import { buildExecutables, executablePath } from './release/executables.ts';
import { installPrerequisites } from './release/prepare.ts';
import { checkTable, sizeTable, writeBetweenMarkers } from './release/report.ts';
import { TARGETS, targetName } from './release/targets.ts';

const { values } = parseArgs({
  options: {
    level: { type: 'string', default: '10' },
    'only-check': { type: 'boolean', default: false },
    'no-pull': { type: 'boolean', default: false },
  },
});
const root = join(import.meta.dirname, '..');
const directory = join(root, 'dist/release');
const work = join(root, 'dist/release-work');
const summary = join(work, 'release.json');
const startedAt = performance.now();

installPrerequisites();
let release: Release;
if (values['only-check']) release = JSON.parse(readFileSync(summary, 'utf8')) as Release;
else {
  release = await buildRelease(directory, work, Number(values.level));
  writeFileSync(summary, JSON.stringify(release));
}
console.log(`built after ${minutes()}`);

const places = join(work, 'checks');
rmSync(places, { recursive: true, force: true });
mkdirSync(places, { recursive: true });
const rows: Row[] = [
  await rowOf(`${TARGETS.length} executables`, 'built twice', checkSecondBuild),
  ...(await checkArchives(release, places)),
  ...(await checkPackages(release, work, places)),
];
if (!values['no-pull']) rows.push(await checkFreshRoot(release, places));
rmSync(places, { recursive: true, force: true });

const text = `Version ${release.version}.\n\n${checkTable(rows)}\n\n${sizeTable(release, work)}`;
writeBetweenMarkers(join(root, 'docs/releases.md'), text);
console.log(`\n${text}\n`);
const failed = rows.filter(({ result }) => result === 'failed');
const notRun = rows.filter(({ result }) => result === 'not run');
const passed = rows.length - failed.length - notRun.length;
console.log(`${minutes()}: ${passed} passed, ${failed.length} failed, ${notRun.length} not run here`);
if (failed.length > 0) process.exit(1);

/** The executables are the only part that other programs than ours make; all the rest is made of them in a fixed order. */
function checkSecondBuild(): string {
  const again = join(places, 'again');
  buildExecutables(again, release.commit);
  const hash = (folder: string, target: (typeof TARGETS)[number]) =>
    createHash('sha256')
      .update(readFileSync(executablePath(folder, target)))
      .digest('hex');
  const different = TARGETS.filter((target) => hash(work, target) !== hash(again, target));
  rmSync(again, { recursive: true });
  if (different.length > 0) throw new Error(`different: ${different.map(targetName).join(', ')}`);
  return 'the same bytes';
}

function minutes(): string {
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
