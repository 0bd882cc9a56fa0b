// Owns the check of every archive: unpacked with the system's own tools, its executable run on the vectors where it can be, its
// signature and its needs read. Must not build anything.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Release } from '../build.ts';
import { signatureProblem } from '../macho.ts';
import { run } from '../shell.ts';
import { archiveName, executableName, TARGETS, type Target } from '../targets.ts';
import { placeFor } from './roots.ts';
import { type Row, rowOf } from './row.ts';
import { runVectors } from './vectors.ts';

/** One or two lines for each archive, one after the other: they share the machine with nobody but the loopback AWS. */
export async function checkArchives(release: Release, work: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const target of TARGETS) {
    const artefact = archiveName(target, release.version);
    const executable = unpack(release, target, join(work, 'unpacked', artefact));
    if (target.os === 'macos')
      rows.push(await rowOf(artefact, 'ad-hoc signature, every page', () => checkSignature(executable)));
    rows.push(await checkRun(release, target, executable, join(work, 'places', artefact)));
  }
  return rows;
}

/** Where the executable of an archive is, after unpacking it into `directory`. */
export function unpack({ directory: from, version }: Release, target: Target, directory: string): string {
  const name = archiveName(target, version);
  mkdirSync(directory, { recursive: true });
  if (name.endsWith('.zip')) run('unzip', ['-q', '-o', join(from, name), '-d', directory]);
  else run('tar', ['-xzf', join(from, name), '-C', directory, '--strip-components=1']);
  return join(directory, executableName(target));
}

/** Runs the vectors in the place that fits the target, below `directory`. */
export async function checkRun(
  { version, commit }: Release,
  target: Target,
  executable: string,
  directory: string,
): Promise<Row> {
  const artefact = archiveName(target, version);
  const place = placeFor(target, executable, directory);
  if (typeof place === 'string') return { artefact, where: '-', result: 'not run', detail: place };
  return rowOf(artefact, place.name, async () => {
    try {
      const { passed, problems } = await runVectors(place, {
        version,
        commit,
        build: target.runtime === 'node' ? 'pkg' : 'native',
        platform: target.os === 'windows' ? 'win32' : target.os,
        arch: target.arch,
      });
      if (problems.length > 0) throw new Error(problems.join('; '));
      return `${passed} vectors`;
    } finally {
      place.close();
    }
  });
}

function checkSignature(executable: string): string {
  const problem = signatureProblem(readFileSync(executable));
  if (problem !== undefined) throw new Error(problem);
  return 'valid';
}
