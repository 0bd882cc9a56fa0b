// Owns the image: an OCI layout in a tar, with one executable in it for each of two machines, for `COPY --from=`. Must not
// push it anywhere.
import { createHash } from 'node:crypto';
import { gzip } from './compress.ts';
import { type Entry, tar } from './tar.ts';
import { PROGRAM } from './targets.ts';

/** What the image is made from. */
export interface ImageSources {
  readonly version: string;
  readonly commit: string;
  readonly seconds: number;
  readonly executables: Readonly<Record<'amd64' | 'arm64', Uint8Array>>;
}

const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';

/** The layout as a tar. */
export async function ociImage({ version, commit, seconds, executables }: ImageSources): Promise<Buffer> {
  const blobs: Entry[] = [];
  const add = (content: Uint8Array, mediaType: string) => {
    const hash = sha256(content);
    blobs.push({ path: `blobs/sha256/${hash}`, content, mode: 0o644 });
    return { mediaType, digest: `sha256:${hash}`, size: content.length };
  };
  const created = new Date(seconds * 1000).toISOString();
  const labels = {
    'org.opencontainers.image.title': PROGRAM,
    'org.opencontainers.image.version': version,
    'org.opencontainers.image.revision': commit,
    'org.opencontainers.image.licenses': 'Apache-2.0',
    'org.opencontainers.image.created': created,
  };
  const manifests = [];
  for (const [architecture, content] of Object.entries(executables)) {
    const layer = tar([{ path: PROGRAM, content, mode: 0o755 }], seconds);
    const config = {
      created,
      architecture,
      os: 'linux',
      config: { Entrypoint: [`/${PROGRAM}`], Labels: labels },
      rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
      history: [{ created, created_by: `COPY ${PROGRAM} /` }],
    };
    const manifest = {
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: add(json(config), CONFIG),
      layers: [add(await gzip(layer, 9), LAYER)],
      annotations: labels,
    };
    manifests.push({ ...add(json(manifest), MANIFEST), platform: { architecture, os: 'linux' } });
  }
  const index = add(json({ schemaVersion: 2, mediaType: INDEX, manifests }), INDEX);
  const named = { ...index, annotations: { 'org.opencontainers.image.ref.name': version } };
  return tar(
    [
      ...blobs,
      { path: 'oci-layout', content: json({ imageLayoutVersion: '1.0.0' }), mode: 0o644 },
      {
        path: 'index.json',
        content: json({ schemaVersion: 2, mediaType: INDEX, manifests: [named] }),
        mode: 0o644,
      },
    ],
    seconds,
  );
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
