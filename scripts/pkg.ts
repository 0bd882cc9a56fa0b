// Owns the making of one executable with Node inside, by pkg's SEA mode: `node scripts/pkg.ts <bundle> <node> <output> <macos|linux|win> <arch>`.
// Must not download: the Node executable to embed is given. Run by Node, because pkg refuses to make what its own Node is not.
import childProcess from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

/** What this script uses of pkg's module, whose command line passes no SEA settings on to Node. */
interface PkgSea {
  readonly default: (
    entry: string,
    options: {
      readonly nodePath?: string;
      readonly signature: boolean;
      readonly seaConfig: Readonly<Record<string, unknown>>;
      readonly targets: readonly Readonly<Record<string, string>>[];
    },
  ) => Promise<void>;
}

const [bundle = '', node = '', output = '', platform = '', arch = ''] = process.argv.slice(2);
const here = { darwin: 'macos', linux: 'linux', win32: 'win' }[process.platform as string];
/**
 * pkg has Node compile the program in a process of its own. With a random seed for V8's tables the code cache is of another
 * length each time, and no two builds are the same. The seed is no part of what V8 compares when it takes the cache.
 */
const { execFile } = childProcess;
childProcess.execFile = ((file: string, argv: readonly string[], done: () => void) =>
  execFile(file, ['--random-seed=1', ...argv], done)) as typeof execFile;
const sea = createRequire(import.meta.url)('@yao-pkg/pkg/lib-es5/sea.js') as PkgSea;
mkdirSync(dirname(output), { recursive: true });
await sea.default(bundle, {
  // Without one, pkg takes Node from its cache, which whoever runs this has filled.
  ...(node === '' ? {} : { nodePath: node }),
  signature: true,
  seaConfig: {
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    // The cache is made for one platform; another refuses it and compiles by itself.
    useCodeCache: platform === here && arch === process.arch,
    // NODE_OPTIONS belongs to somebody else's Node: an unknown option there would end the helper before its first line.
    execArgvExtension: 'none',
  },
  targets: [{ nodeRange: `node${process.versions.node}`, platform, arch, output }],
});
