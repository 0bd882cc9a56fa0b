// Owns the native executables of a release. A program for Bun, whose bundler they are made with:
// `bun scripts/release/native.ts <commit> <directory> <target>…`. Must not know the options: those are scripts/native.ts's.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildNative } from '../native.ts';
import { signMachO } from './macho.ts';
import { executableName, findTarget, PROGRAM, targetName } from './targets.ts';

const [commit = '', directory = '', ...names] = process.argv.slice(2);
for (const target of names.map(findTarget)) {
  const folder = join(directory, targetName(target));
  const outfile = join(folder, executableName(target));
  await buildNative({
    entry: join(import.meta.dirname, '../../src/main.ts'),
    outfile,
    target: target.base,
    define: { BUILD_COMMIT: JSON.stringify(commit), BUILD_KIND: '"native"' },
    metafile: join(directory, `${targetName(target)}.meta.json`),
  });
  // Bun keeps its own signature on Intel, which the embedded program makes invalid.
  if (target.os === 'macos') writeFileSync(outfile, signMachO(readFileSync(outfile), PROGRAM));
}
