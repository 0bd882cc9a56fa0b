// Owns the tiny image: one text file in one layer, made here so that no base image is ever downloaded.
// It must not ask any credential helper: it is put into the registry with a password made for that.

import { execFileSync } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import type { Registry } from './registry.ts';
import { run } from './run.ts';

/** The tiny image as a root file system in a tar file, for `docker import`. */
export function makeTar(directory: string): string {
  const root = join(directory, 'rootfs');
  mkdirSync(root, { recursive: true });
  // Never the same twice: clients remember digests and would not ask for a layer that they know.
  writeFileSync(join(root, 'hello.txt'), `hello from the end-to-end tests, ${randomUUID()}\n`);
  const tar = join(directory, 'tiny.tar');
  execFileSync('tar', ['-C', root, '-cf', tar, '.']);
  return tar;
}

/** Puts the tiny image into the registry under `reference`, past all credential helpers. */
export async function seedImage(directory: string, registry: Registry, reference: string): Promise<void> {
  const source = join(directory, 'tiny-image');
  writeImage(source, readFileSync(makeTar(directory)));
  const password = randomBytes(24).toString('base64url');
  registry.accept(password);
  const host = reference.split('/')[0] ?? '';
  const authFile = join(directory, 'seed.json');
  const auth = Buffer.from(`AWS:${password}`).toString('base64');
  writeFileSync(authFile, JSON.stringify({ auths: { [host]: { auth } } }), { mode: 0o600 });
  const args = ['copy', '--dest-authfile', authFile, `dir:${source}`, `docker://${reference}`];
  const outcome = await run('/usr/bin/skopeo', args, { environment: { HOME: directory }, cwd: directory });
  if (outcome.code !== 0) throw new Error(`Cannot put an image into the registry: ${outcome.stderr}`);
  registry.acceptNobody();
}

// The "dir" layout of containers/image: the manifest, and each blob under its digest.
function writeImage(directory: string, tar: Buffer): void {
  mkdirSync(directory, { recursive: true });
  const layer = gzipSync(tar);
  const config = Buffer.from(
    JSON.stringify({
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config: { Cmd: ['/hello'] },
      rootfs: { type: 'layers', diff_ids: [digest(tar)] },
      history: [{ created_by: 'end-to-end tests' }],
    }),
  );
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    config: describe(config, 'application/vnd.docker.container.image.v1+json'),
    layers: [describe(layer, 'application/vnd.docker.image.rootfs.diff.tar.gzip')],
  };
  writeFileSync(join(directory, 'version'), 'Directory Transport Version: 1.1\n');
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(manifest));
  for (const blob of [config, layer])
    writeFileSync(join(directory, digest(blob).slice('sha256:'.length)), blob);
}

function describe(blob: Buffer, mediaType: string) {
  return { mediaType, size: blob.length, digest: digest(blob) };
}

function digest(blob: Buffer): string {
  return `sha256:${createHash('sha256').update(blob).digest('hex')}`;
}
