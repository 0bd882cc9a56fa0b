// Owns the file of third-party licences: every package in the bundles with its text, then the runtimes. Must not decide what is
// inside.
import type { Contained } from './contents.ts';

/**
 * Bun's packages bring no licence file. What is linked into it, from its LICENSE.md; licences by SPDX name.
 */
const BUN = `Bun is licensed under the MIT licence: Copyright (c) Oven and contributors.

It contains, statically linked:

JavaScriptCore and parts of WebKit (LGPL-2.0-or-later), boringssl (Apache-2.0, ISC, OpenSSL), brotli (MIT), libarchive
(BSD-2-Clause and others), lol-html (BSD-3-Clause), ls-hpack (MIT), ls-qpack (MIT), lsquic (MIT, BSD-3-Clause), mimalloc (MIT),
picohttpparser (MIT), zstd (BSD-3-Clause), simdutf (Apache-2.0), tinycc (LGPL-2.1-only), uSockets (Apache-2.0), uWebSockets
(Apache-2.0), zlib-ng (Zlib), c-ares (MIT), ICU (Unicode-3.0), base64 (BSD-2-Clause), libuv (MIT; on Windows), libdeflate (MIT),
libjpeg-turbo (BSD-3-Clause, IJG, Zlib), libspng (BSD-2-Clause), libwebp (BSD-3-Clause), highway (Apache-2.0), uucode (MIT), parts
of TigerBeetle (Apache-2.0), parts of LLVM libc++abi (Apache-2.0 WITH LLVM-exception), a port of esbuild (MIT), and JavaScript
packages under MIT that stand in for modules of Node.

The LGPL gives you the right to change JavaScriptCore and tinycc and to link them anew. Their sources, and how Bun is built with
changed ones, are in Bun's repositories: https://github.com/oven-sh/bun (see LICENSE.md) and https://github.com/oven-sh/webkit.
This program is then built from its own sources with that Bun in the place of the one from npm.`;

/** What the file is made from. */
export interface LicenceSources {
  readonly packages: readonly Contained[];
  readonly bun: string;
  readonly node: string;
  readonly nodeLicence: string;
}

/** The text of THIRD-PARTY-LICENSES.txt. Packages with the same text stand above it together. */
export function licencesFile({ packages, bun, node, nodeLicence }: LicenceSources): string {
  const byText = Map.groupBy(packages, ({ licenceText }) => licenceText.replaceAll(/\s+/g, ' '));
  const groups = [...byText.values()].map((group) => {
    const names = group.map(({ name, version, licence }) => `${name} ${version} (${licence})`);
    return section(names.join('\n'), group[0]?.licenceText ?? '');
  });
  return [
    'What docker-credential-ecr-login is made of besides its own code. All executables and the npm package contain the packages;',
    'the native executables also contain Bun, those with "node" in their name Node.js.\n',
    ...groups,
    section(`Bun ${bun}: in the native executables`, BUN),
    section(`Node.js ${node}: in the executables with "node" in their name`, nodeLicence.trim()),
  ].join('\n');
}

function section(title: string, text: string): string {
  return `${'='.repeat(80)}\n${title}\n${'='.repeat(80)}\n\n${text}\n`;
}
