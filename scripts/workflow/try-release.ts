// Owns the trial of a release on the system that runs this: checks the sums, unpacks what is for this system, and has each
// executable answer. Usage: node scripts/workflow/try-release.ts [<directory>] [--install], the directory being dist/release.
// --install leaves the executables where the tests look for them. Must not need npm packages: it runs where none is installed.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { startLoopbackAws } from '../../test/support/aws/server.ts';
import { tryExecutable } from './trial.ts';

const PROGRAM = 'docker-credential-ecr-login';

/** The words for a system and a processor in the names of files. */
const SYSTEMS: Readonly<Record<string, RegExp>> = {
  linux: /linux/,
  darwin: /macos|darwin/,
  win32: /windows|win32|\bwin\b/,
  freebsd: /freebsd/,
};
const PROCESSORS: Readonly<Record<string, RegExp>> = { x64: /x64|amd64|x86_64/, arm64: /arm64|aarch64/ };

const root = join(import.meta.dirname, '../..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { install: { type: 'boolean', default: false } },
});
const directory = positionals[0] ?? join(root, 'dist/release');

const names = checkSums();
const archives = names.filter(isForThisSystem);
if (archives.length === 0)
  throw new Error(`${directory} has no archive for ${process.platform} ${process.arch}`);

const staging = mkdtempSync(join(tmpdir(), 'try-release-'));
const aws = await startLoopbackAws();
try {
  for (const [index, archive] of archives.entries()) {
    const executable = unpack(archive, join(staging, String(index)));
    console.log(`\n${archive}`);
    await tryExecutable(executable, { aws, home: join(staging, `home-${index}`), version: version() });
    if (values.install) install(executable, isNodeInside(archive) ? 'dist/pkg' : 'dist');
  }
} finally {
  await aws.close();
  rmSync(staging, { recursive: true, force: true });
}

/** The files of the release, each with the sum that the list has of it; a file that the list leaves out is an error too. */
function checkSums(): string[] {
  const sums = new Map(
    readFileSync(join(directory, 'SHA256SUMS'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => /^([0-9a-f]{64}) [ *](.+)$/.exec(line))
      .map((match) => {
        if (match?.[1] === undefined || match[2] === undefined) throw new Error('cannot read SHA256SUMS');
        return [match[2], match[1]] as const;
      }),
  );
  for (const [name, sum] of sums) {
    const found = createHash('sha256')
      .update(readFileSync(join(directory, name)))
      .digest('hex');
    if (found !== sum) throw new Error(`${name} is not what SHA256SUMS says: ${found}, must be ${sum}`);
  }
  const unlisted = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !sums.has(entry.name) && !isSignature(entry.name))
    .map(({ name }) => name);
  if (unlisted.length > 0) throw new Error(`SHA256SUMS leaves out ${unlisted.join(', ')}`);
  console.log(`SHA256SUMS: ${sums.size} files`);
  return [...sums.keys()];
}

/** What is made of the list itself, and so cannot stand in it. */
function isSignature(name: string): boolean {
  return name === 'SHA256SUMS' || name.endsWith('.sigstore.json');
}

function isForThisSystem(name: string): boolean {
  const text = basename(name).replace(PROGRAM, '').toLowerCase();
  return (
    /\.(tar\.gz|zip)$/.test(text) &&
    SYSTEMS[process.platform]?.test(text) === true &&
    PROCESSORS[process.arch]?.test(text) === true &&
    text.includes('musl') === isMusl()
  );
}

/** Whether this is a Linux with musl, where an executable for glibc does not start. */
function isMusl(): boolean {
  if (process.platform !== 'linux') return false;
  const report = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return report.header.glibcVersionRuntime === undefined;
}

function isNodeInside(name: string): boolean {
  return /node|pkg/.test(basename(name).replace(PROGRAM, ''));
}

/** Unpacks with the system's tar, which reads both forms on the systems that have both. */
function unpack(archive: string, into: string): string {
  mkdirSync(into);
  execFileSync('tar', ['-xf', join(directory, archive), '-C', into]);
  const file = process.platform === 'win32' ? `${PROGRAM}.exe` : PROGRAM;
  const found = readdirSync(into, { recursive: true, encoding: 'utf8' }).find(
    (path) => basename(path) === file,
  );
  if (found === undefined) throw new Error(`${archive} has no ${file}`);
  return join(into, found);
}

function install(executable: string, below: string): void {
  const target = join(root, below, basename(executable));
  mkdirSync(join(root, below), { recursive: true });
  copyFileSync(executable, target);
  chmodSync(target, 0o755);
}

function version(): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
}
