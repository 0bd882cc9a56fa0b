// The architecture's rules, read from the bundler's account of the native executable and from the sources themselves.
// Owns no behaviour. When the account is older than a source it is made anew, so the rules hold for what stands there now.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, describe, test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const METAFILE = join(root, 'dist/native.meta.json');
/** A cached `get` loads less than this, in bytes of minified source: half as much again as in November 2026. */
const HOT_BYTES_LIMIT = 64 * 1024;

interface Import {
  readonly path: string;
  readonly kind: string;
}
interface Metafile {
  readonly outputs: Readonly<
    Record<
      string,
      {
        readonly bytes: number;
        readonly entryPoint?: string;
        readonly imports: readonly Import[];
        readonly inputs: Readonly<Record<string, unknown>>;
      }
    >
  >;
}

const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .map((name) => `src/${name.replaceAll('\\', '/')}`)
  .filter((name) => name.endsWith('.ts'));

/** Modules that a source names, by how: `import()` counts apart, types that vanish at run time not at all. */
function importsOf(source: string): { module: string; isLazy: boolean }[] {
  const text = readFileSync(join(root, source), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const fixed = [...text.matchAll(/^(?:import|export)\s(?!type\s)(?:[^'";]*?\sfrom\s)?['"]([^'"]+)['"]/gm)];
  const lazy = [...text.matchAll(/(?:import|require|getBuiltinModule)\(\s*['"]([^'"]+)['"]/g)];
  return [
    ...fixed.map(([, module = '']) => ({ module, isLazy: false })),
    ...lazy.map(([, module = '']) => ({ module, isLazy: true })),
  ].map(({ module, isLazy }) => ({
    module: module.startsWith('.') ? join(dirname(source), module).replaceAll('\\', '/') : module,
    isLazy,
  }));
}

/** Everything that a source loads before it runs, itself included. */
function closure(source: string, found = new Set<string>()): Set<string> {
  if (found.has(source)) return found;
  found.add(source);
  for (const { module, isLazy } of importsOf(source)) {
    if (isLazy) continue;
    if (module.startsWith('src/')) closure(module, found);
    else found.add(module);
  }
  return found;
}

const isAws = (module: string): boolean => /^@(aws-sdk|smithy|aws-crypto)\//.test(module);
const COLD =
  /^(@aws-sdk|@smithy|commander|jsonc-parser)|^node:(https?|http2|net|tls|dns|child_process|crypto|os|tty|stream|url|util|worker_threads)/;

describe('the native executable', () => {
  const hot = new Map<string, Metafile['outputs'][string]>();

  before(() => {
    const newest = Math.max(...sources.map((source) => statSync(join(root, source)).mtimeMs));
    if (!existsSync(METAFILE) || statSync(METAFILE).mtimeMs < newest) {
      const bun = join(root, 'node_modules/.bin/bun');
      const { status, stdout, stderr } = spawnSync(bun, ['scripts/build.ts', 'native'], {
        cwd: root,
        encoding: 'utf8',
      });
      assert.equal(status, 0, stdout + stderr);
    }
    const { outputs }: Metafile = JSON.parse(readFileSync(METAFILE, 'utf8'));
    const add = (path: string): void => {
      const output = outputs[path];
      if (output === undefined || hot.has(path)) return;
      hot.set(path, output);
      for (const { path: next, kind } of output.imports) if (kind !== 'dynamic-import') add(next);
    };
    for (const [path, { entryPoint }] of Object.entries(outputs)) if (entryPoint === 'src/main.ts') add(path);
  });

  test('has an entry, and more than the entry', () => {
    const inputs = [...hot.values()].flatMap((output) => Object.keys(output.inputs));
    for (const source of ['src/main.ts', 'src/helper.ts', 'src/token/cache.ts', 'src/protocol/serve.ts'])
      assert.ok(inputs.includes(source), source);
  });
  test('holds no package and no cold module in what a cached get loads', () => {
    for (const [path, { inputs, imports }] of hot) {
      for (const input of Object.keys(inputs)) {
        assert.doesNotMatch(input, /node_modules/, `${path} holds ${input}`);
        assert.doesNotMatch(
          input,
          /^src\/(commands|token\/fetch|doctor)\/|^src\/explain\.ts$/,
          `${path} holds ${input}`,
        );
      }
      for (const { path: module, kind } of imports)
        if (kind !== 'dynamic-import') assert.doesNotMatch(module, COLD, `${path} loads ${module}`);
    }
  });
  test(`loads less than ${HOT_BYTES_LIMIT} bytes for a cached get`, (t) => {
    const bytes = [...hot.values()].reduce((sum, output) => sum + output.bytes, 0);
    t.diagnostic(`${bytes} bytes in ${hot.size} chunks`);
    assert.ok(bytes > 5000 && bytes < HOT_BYTES_LIMIT, `${bytes} bytes`);
  });
});

describe('the sources', () => {
  test('are found, with their imports', () => {
    assert.ok(sources.length > 20 && sources.includes('src/token/fetch/ecr.ts'));
    assert.deepEqual(importsOf('src/version.ts'), []);
    assert.ok(importsOf('src/token/fetch/ecr.ts').some(({ module }) => module === '@aws-sdk/client-ecr'));
    assert.ok(
      importsOf('src/compose.ts').some(({ isLazy, module }) => isLazy && module === 'src/explain.ts'),
    );
  });
  test('name the AWS SDK below src/token/fetch/ alone', () => {
    for (const source of sources)
      if (!source.startsWith('src/token/fetch/'))
        assert.deepEqual(
          importsOf(source).filter(({ module }) => isAws(module)),
          [],
          source,
        );
  });
  test('load src/token/fetch/ from outside only when it is needed; what is cold itself may', () => {
    for (const source of sources)
      if (!/^src\/(token\/fetch|commands|doctor)\//.test(source))
        assert.deepEqual(
          importsOf(source).filter(({ module, isLazy }) => !isLazy && /^src\/token\/fetch\//.test(module)),
          [],
          source,
        );
  });
  test('load commander in src/commands/ alone', () => {
    for (const source of sources)
      if (!source.startsWith('src/commands/'))
        assert.ok(!importsOf(source).some(({ module }) => module === 'commander'), source);
  });
  test('never import main', () => {
    for (const source of sources)
      assert.ok(!importsOf(source).some(({ module }) => /(^|\/)main\.ts$/.test(module)), source);
  });
  test('keep AWS and tokens out of the protocol', () => {
    for (const source of sources.filter((name) => name.startsWith('src/protocol/')))
      for (const { module } of importsOf(source)) assert.match(module, /^src\/protocol\//, source);
  });
  test('keep the registry table pure', () => {
    assert.deepEqual([...closure('src/registry.ts')], ['src/registry.ts']);
  });
  test('keep the disk and the network out of the policy', () => {
    for (const source of ['src/helper.ts', 'src/authorize.ts'])
      for (const { module } of importsOf(source)) assert.match(module, /^src\//, source);
  });
  test('load nothing cold before a cached get has answered', () => {
    for (const module of closure('src/main.ts')) assert.doesNotMatch(module, COLD);
    for (const module of closure('src/main.ts'))
      assert.doesNotMatch(module, /^src\/(commands|token\/fetch)\/|^src\/explain\.ts/);
  });
  test('know no module by two names and no cycle between folders of the hot path', () => {
    // A cycle would make the order of loading part of the program.
    const visit = (source: string, path: readonly string[]): void => {
      assert.ok(!path.includes(source), [...path, source].join(' → '));
      for (const { module, isLazy } of importsOf(source))
        if (!isLazy && module.startsWith('src/')) visit(module, [...path, source]);
    };
    visit('src/main.ts', []);
  });
});
