// Owns what a release says of itself: the table of its checks, the sizes and needs of its executables; and the place of both in
// docs/releases.md. Must not check anything.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Release } from './build.ts';
import type { Row } from './checks/row.ts';
import { elfNeeds } from './elf.ts';
import { executablePath } from './executables.ts';
import { archiveName, TARGETS, targetName } from './targets.ts';

const BEGIN = '<!-- begin: written by npm run release -->';
const END = '<!-- end -->';

/** Artefact, where it was run, result. */
export function checkTable(rows: readonly Row[]): string {
  const cell = (words: string) => words.replaceAll('|', '\\|').replaceAll('\n', ' ').slice(0, 300);
  return table(
    ['artefact', 'where', 'result'],
    rows.map(({ artefact, where, result, detail }) => [
      `\`${artefact}\``,
      cell(where),
      cell(result === 'not run' ? detail : `${result}: ${detail}`),
    ]),
  );
}

/** Size of each executable, plain and in its archive, and what it needs. */
export function sizeTable({ version, directory }: Release, work: string): string {
  const rows = TARGETS.map((target) => {
    const executable = executablePath(work, target);
    const archive = join(directory, archiveName(target, version));
    return [targetName(target), mebibytes(executable), mebibytes(archive), needs(executable, target.os)];
  });
  return table(['target', 'executable', 'archive', 'needs'], rows);
}

/** Puts the text between the markers of a page. */
export function writeBetweenMarkers(file: string, text: string): void {
  const page = readFileSync(file, 'utf8');
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from === -1 || to < from) throw new Error(`${file} has lost its markers`);
  writeFileSync(file, `${page.slice(0, from)}${BEGIN}\n\n${text}\n\n${page.slice(to)}`);
}

function needs(executable: string, os: string): string {
  if (os === 'macos') return 'macOS 13 or later';
  if (os === 'windows') return 'Windows 10 or later';
  const { libraries, glibc } = elfNeeds(readFileSync(executable));
  const others = libraries.filter((name) => !/^(lib(c|dl|m|pthread|thr)\.so|ld-linux|libc\.musl)/.test(name));
  const libc = glibc === undefined ? (os === 'linux' ? 'musl' : 'FreeBSD') : `glibc ${glibc} or later`;
  return [libc, ...others.map((name) => `\`${name}\``)].join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function mebibytes(file: string): string {
  return `${(statSync(file).size / 2 ** 20).toFixed(1)} MiB`;
}
