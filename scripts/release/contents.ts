// Owns the answer to "what third-party code is in a bundle": the packages whose bytes the bundler says it wrote, at the
// versions of the lockfile. Must not count what is only used to build.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One npm package inside. */
export interface Contained {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly licence: string;
  readonly licenceText: string;
  /** The lockfile's hash of the package, as npm writes it. */
  readonly integrity: string;
}

/** What this needs of the bundler's account. */
export interface Metafile {
  readonly outputs: Readonly<
    Record<string, { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }>
  >;
}

interface LockedPackage {
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
}

/** The folders below the root, such as `node_modules/commander`, of all packages with a byte in one of the bundles. */
export function containedFolders(metafiles: readonly Metafile[]): string[] {
  const found = new Set<string>();
  for (const { outputs } of metafiles)
    for (const { inputs } of Object.values(outputs))
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = /^(?:.*?\/)??(node_modules\/.*)$/.exec(path)?.[1];
        const name =
          folder === undefined ? undefined : /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(folder)?.[0];
        if (name !== undefined && bytesInOutput > 0) found.add(name);
      }
  return [...found].sort();
}

/** The packages inside these bundles of the project in `root`. */
export function contained(root: string, metafiles: readonly Metafile[]): Contained[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, LockedPackage>>;
  };
  return containedFolders(metafiles).map((folder) => {
    const locked = lock.packages[folder];
    if (locked === undefined) throw new Error(`the bundle holds ${folder}, which is not in the lockfile`);
    const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const { version, license: licence = '', integrity = '' } = locked;
    return { name, version, licence, integrity, licenceText: licenceText(root, folder, licence) };
  });
}

/** Some packages of the AWS SDK forget the file; the text of their licence is the same everywhere. */
function licenceText(root: string, folder: string, licence: string): string {
  const directory = join(root, folder);
  const file = readdirSync(directory).find((name) => /^licen[cs]e(\.\w+)?$/i.test(name));
  if (file !== undefined) return readFileSync(join(directory, file), 'utf8').trim();
  if (licence === 'Apache-2.0' && existsSync(join(root, 'LICENSE')))
    return readFileSync(join(root, 'LICENSE'), 'utf8').trim();
  throw new Error(`${folder} has no licence file, and "${licence}" is no licence whose text is known here`);
}
