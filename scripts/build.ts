// Owns the three builds: the native executable, the npm bundle, the pkg executable. Run by Bun: `bun scripts/build.ts native node pkg`.
// Must not download anything: every runtime comes from the npm registry with the project's dependencies.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildNative } from './native.ts';

const root = join(import.meta.dirname, '..');
const name = 'docker-credential-ecr-login';
const entry = 'src/main.ts';

/**
 * ES modules before CommonJS where a package has both, which is not Bun's order for Node: the UMD wrapper of jsonc-parser hides
 * its `require` from any bundler, and would look for its files at run time.
 */
const NODE_FLAGS = ['--target=node', '--main-fields=module', '--main-fields=main', '--minify'];

const builds: Readonly<Record<string, () => string | Promise<string>>> = { native, node, pkg };

for (const wanted of process.argv.slice(2)) {
  const build = builds[wanted];
  if (build === undefined)
    throw new Error(`cannot build "${wanted}": must be one of ${Object.keys(builds).join(', ')}`);
  const startedAt = performance.now();
  const path = await build();
  const size = (statSync(join(root, path)).size / 1024 / 1024).toFixed(1);
  console.log(`${path}  ${size} MiB  ${Math.round(performance.now() - startedAt)} ms`);
}

/** The executable for this machine, and the bundler's account of what it holds. */
async function native(): Promise<string> {
  const outfile = `dist/${name}${process.platform === 'win32' ? '.exe' : ''}`;
  await buildNative({
    entry: join(root, entry),
    outfile: join(root, outfile),
    define: defineValues('native'),
    metafile: join(root, 'dist/native.meta.json'),
  });
  return outfile;
}

/** ES modules for the npm package: the program, started by `bin/`, and the library with its types. */
function node(): string {
  rmSync(join(root, 'dist/node'), { recursive: true, force: true });
  bun(
    'build',
    ...NODE_FLAGS,
    '--format=esm',
    '--splitting',
    ...defines('npm'),
    '--metafile=dist/node.meta.json',
    '--outdir=dist/node',
    entry,
    'src/library.ts',
  );
  types();
  return 'dist/node/main.js';
}

/** The declarations of the library, and of them only the files that it names: the rest is nobody's business. */
function types(): void {
  const staging = join(root, 'dist/types-staging');
  const out = join(root, 'dist/types');
  for (const directory of [staging, out]) rmSync(directory, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  run(nodeExecutable(), [compiler, '--project', 'scripts/library-types.json', '--outDir', staging]);
  const wanted = new Set(['library']);
  for (const name of wanted) {
    const text = readFileSync(join(staging, `${name}.d.ts`), 'utf8');
    for (const [, imported = ''] of text.matchAll(/from '\.\/([^']+)\.ts'/g)) wanted.add(imported);
    // Older compilers do not take `.ts` in an import.
    writeFileSync(join(out, `${name}.d.ts`), text.replace(/(from '\.\/[^']+)\.ts'/g, "$1.js'"));
  }
  rmSync(staging, { recursive: true });
}

/** One executable with Node inside. */
function pkg(): string {
  const outfile = `dist/pkg/${name}${process.platform === 'win32' ? '.exe' : ''}`;
  const input = join(root, 'dist/pkg-input');
  rmSync(input, { recursive: true, force: true });
  bun(
    'build',
    ...NODE_FLAGS,
    '--format=cjs',
    ...defines('pkg'),
    `--outfile=dist/pkg-input/${name}.cjs`,
    entry,
  );
  const system =
    { darwin: 'macos', linux: 'linux', win32: 'win' }[process.platform as string] ?? process.platform;
  run(nodeExecutable(), [
    'scripts/pkg.ts',
    `dist/pkg-input/${name}.cjs`,
    nodeExecutable(),
    join(root, outfile),
    system,
    process.arch,
  ]);
  return outfile;
}

/** The official executable that the npm package `node` brings: nothing is downloaded from elsewhere. */
function nodeExecutable(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'node_modules/node/package.json'), 'utf8'));
  if (typeof manifest !== 'object' || manifest === null) throw new Error('cannot read the package "node"');
  return join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/** What `version --json` tells of a build. */
function defineValues(kind: string): Record<string, string> {
  const commit = capture('git', ['rev-parse', '--verify', '--quiet', 'HEAD']).trim();
  const changes = capture('git', [
    'status',
    '--porcelain',
    '--untracked-files=no',
    '--',
    'src',
    'package.json',
  ]);
  const name = commit === '' ? 'unknown' : `${commit}${changes.trim() === '' ? '' : '-dirty'}`;
  return { BUILD_COMMIT: JSON.stringify(name), BUILD_KIND: JSON.stringify(kind) };
}

/** The same for the command line. */
function defines(kind: string): string[] {
  return Object.entries(defineValues(kind)).map(([key, value]) => `--define=${key}=${value}`);
}

function bun(...argv: string[]): void {
  run(process.execPath, argv);
}

function run(command: string, argv: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(command, argv, { cwd: root, encoding: 'utf8' });
  if (status !== 0)
    throw new Error(`${command} ${argv.join(' ')}\n${error?.message ?? ''}${stdout}${stderr}`);
}

function capture(command: string, argv: readonly string[]): string {
  return spawnSync(command, argv, { cwd: root, encoding: 'utf8' }).stdout ?? '';
}
