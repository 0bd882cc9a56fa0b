// Owns how Bun makes a native executable: every option, with its reason. Also a program of its own, for comparisons that need
// the same options: `bun scripts/native.ts <entry> <executable>`. Must not know what is built for whom.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { deafen } from './deafen.ts';
import { signMachO } from './release/macho.ts';

/** One executable to make. */
export interface NativeBuild {
  readonly entry: string;
  readonly outfile: string;
  /** Such as `bun-linux-arm64-musl`; this machine's own by default. */
  readonly target?: string;
  /** Constants by name, as JavaScript expressions. */
  readonly define?: Readonly<Record<string, string>>;
  /** Where the bundler's account of what the executable holds is written. */
  readonly metafile?: string;
}

/**
 * Our transport and the keys that are handed in take the place of the SDK's defaults, so its node:https and its credential
 * chain need not be loaded: the clients' configuration for runtimes with `fetch` is taken, as the SDK has it for browsers.
 */
const sdkWithoutDefaults: Bun.BunPlugin = {
  name: 'sdk-without-defaults',
  setup(build) {
    build.onResolve({ filter: /^\.\/runtimeConfig$/ }, ({ importer }) =>
      /[\\/]client-ecr(-public)?[\\/]/.test(importer)
        ? { path: importer.replace(/[^\\/]+$/, 'runtimeConfig.browser.js') }
        : undefined,
    );
  },
};

/** Makes the executable; throws with the bundler's messages. */
export async function buildNative({ entry, outfile, target, define, metafile }: NativeBuild): Promise<void> {
  const result = await Bun.build({
    entrypoints: [entry],
    target: 'bun',
    format: 'esm',
    minify: true,
    // Keeps the SDK off the path of a cached `get`.
    splitting: true,
    // Spares the parsing of the SDK on a cold one.
    bytecode: true,
    // The packages' ES modules: their CommonJS, which Bun would take, cannot be cut down to what is used.
    conditions: ['module'],
    plugins: [sdkWithoutDefaults],
    define: { ...define },
    metafile: metafile !== undefined,
    compile: {
      outfile,
      ...(target === undefined ? {} : { target: target as Bun.Build.CompileTarget }),
      // The process lives for milliseconds: starting a compiler thread costs more than it gives back.
      jitPolicy: 100,
      // Security: otherwise the executable reads `.env` and runs the `preload` of `bunfig.toml` from the current directory,
      // which is whatever repository the user stands in when Docker runs us.
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
    },
  });
  if (!result.success) throw new Error(result.logs.map(String).join('\n'));
  deafen(outfile);
  // The change has made Bun's signature invalid, and macOS kills what has no valid one.
  if (/darwin/.test(target ?? process.platform))
    writeFileSync(outfile, signMachO(readFileSync(outfile), basename(outfile)));
  if (metafile !== undefined) writeFileSync(metafile, JSON.stringify(result.metafile));
}

if (import.meta.main) {
  const [entry = '', outfile = ''] = process.argv.slice(2);
  await buildNative({ entry, outfile });
}
