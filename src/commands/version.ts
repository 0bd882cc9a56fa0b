// Owns `version --json`: which program this is, built from what, running on what - for bug reports and scripts. The plain
// `version` is answered by main.ts. Must not read files or the environment.
import { PROGRAM, VERSION } from '../version.ts';

// Written in by scripts/build.ts; absent where the source is run as it is.
declare const BUILD_COMMIT: string | undefined;
declare const BUILD_KIND: string | undefined;

/** What `version --json` tells. */
export interface VersionReport {
  readonly name: string;
  readonly version: string;
  /** The commit that was built, with `-dirty` for a changed tree; `unknown` where the build had no repository. */
  readonly commit: string;
  /** How it was packed: `native`, `npm`, `pkg`, or `source`. */
  readonly build: string;
  readonly runtime: 'bun' | 'node';
  readonly runtimeVersion: string;
  /** The TLS library inside and its version: what a security notice of OpenSSL or BoringSSL is compared with. */
  readonly tls: string;
  readonly platform: string;
  readonly arch: string;
}

/** The report on this process. */
export function versionReport(): VersionReport {
  const { bun, node, openssl, boringssl } = process.versions;
  return {
    name: PROGRAM,
    version: VERSION,
    commit: typeof BUILD_COMMIT === 'string' ? BUILD_COMMIT : 'unknown',
    build: typeof BUILD_KIND === 'string' ? BUILD_KIND : 'source',
    runtime: bun === undefined ? 'node' : 'bun',
    runtimeVersion: bun ?? node,
    tls: bun === undefined ? `OpenSSL ${openssl}` : `BoringSSL ${boringssl}`,
    platform: process.platform,
    arch: process.arch,
  };
}
