// The parts of a release that need no release: archives of the same bytes, signatures, needs, contents, documents.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { contained, containedFolders, type Metafile } from '../../scripts/release/contents.ts';
import { elfNeeds } from '../../scripts/release/elf.ts';
import { licencesFile } from '../../scripts/release/licences.ts';
import { manifests } from '../../scripts/release/manifests.ts';
import { billOfMaterials } from '../../scripts/release/sbom.ts';
import { type Entry, tar, zip } from '../../scripts/release/tar.ts';
import { archiveName, TARGETS, targetName } from '../../scripts/release/targets.ts';

const root = join(import.meta.dirname, '../..');
const AT = 1_700_000_000;

const entries: readonly Entry[] = [
  { path: 'b/program', content: Buffer.from('#!/bin/sh\n'), mode: 0o755 },
  { path: 'a.txt', content: Buffer.from('x'.repeat(1000)), mode: 0o644 },
];

test('each target has a name of its own', () => {
  const names = TARGETS.map((target) => archiveName(target, '1.2.3'));
  assert.equal(new Set(names).size, TARGETS.length);
  for (const name of names)
    assert.match(
      name,
      /^docker-credential-ecr-login-1\.2\.3-[a-z]+-(x64|arm64)(-musl)?(-node)?\.(tar\.gz|zip)$/,
    );
});

test('a tar does not depend on the order of its files, and tar reads it', () => {
  const archive = tar(entries, AT);
  assert.deepEqual(tar(entries.toReversed(), AT), archive);
  const listing = execFileSync('tar', ['-tf', '-'], { input: archive, encoding: 'utf8' });
  assert.deepEqual(listing.trim().split(/\r?\n/), ['a.txt', 'b/', 'b/program']);
});

test('a tar holds mode and time, and root owns it', { skip: process.platform === 'win32' }, () => {
  const listing = execFileSync('tar', ['-tvf', '-'], {
    input: tar(entries, AT),
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC' },
  });
  assert.match(listing, /^-rwxr-xr-x .*root.* b\/program$/m);
});

test('PAX records count their own length', () => {
  const [entry] = entries;
  assert.ok(entry);
  const archive = tar([{ ...entry, pax: { 'APK-TOOLS.checksum.SHA1': 'a'.repeat(40) } }], AT);
  const record = /(\d+) APK-TOOLS\.checksum\.SHA1=a{40}\n/.exec(archive.toString('latin1'));
  assert.equal(record?.[0].length, Number(record?.[1]));
});

test('a zip does not depend on the order of its files, and holds them', async () => {
  const archive = await zip(entries, AT);
  assert.deepEqual(await zip(entries.toReversed(), AT), archive);
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  try {
    const file = join(folder, 'x.zip');
    writeFileSync(file, archive);
    // Python's reader checks every sum.
    if (process.platform === 'linux') execFileSync('python3', ['-m', 'zipfile', '-t', file]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('zlib puts no time into the small files of packages', () => {
  const packed = gzipSync('text', { level: 9 });
  assert.equal(packed.readUInt32LE(4), 0);
  assert.equal(gunzipSync(packed).toString(), 'text');
});

test('what an ELF file needs', { skip: process.platform !== 'linux' }, () => {
  const { loader, libraries, glibc } = elfNeeds(readFileSync(process.execPath));
  assert.match(loader, /\/ld-/);
  assert.ok(libraries.includes('libc.so.6'));
  assert.match(glibc ?? '', /^2\.\d+$/);
});

test('contents: packages that gave a byte, and none that gave nothing', () => {
  const inputs = {
    'src/main.ts': { bytesInOutput: 9 },
    'node_modules/commander/lib/a.js': { bytesInOutput: 1 },
    'node_modules/a/node_modules/@b/c/d.js': { bytesInOutput: 1 },
    'node_modules/bowser/e.js': { bytesInOutput: 0 },
  };
  assert.deepEqual(containedFolders([{ outputs: { x: { inputs } } }]), [
    'node_modules/a/node_modules/@b/c',
    'node_modules/commander',
  ]);
});

test('licences and bill of materials name every package of the bundles at its locked version', () => {
  const metafiles = ['native', 'node'].map(
    (name) => JSON.parse(readFileSync(join(root, `dist/${name}.meta.json`), 'utf8')) as Metafile,
  );
  const packages = contained(root, metafiles);
  assert.ok(packages.length > 10);
  const sources = { packages, bun: '1.0.0', node: '2.0.0' };
  const licences = licencesFile({ ...sources, nodeLicence: 'Node licence' });
  const text = billOfMaterials({ ...sources, version: '1.2.3', commit: 'c0ffee', seconds: AT });
  const bill = JSON.parse(text) as {
    readonly serialNumber: string;
    readonly components: readonly { readonly name: string; readonly version: string }[];
  };
  assert.match(bill.serialNumber, /^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly version: string; readonly license?: string }>>;
  };
  for (const folder of containedFolders(metafiles)) {
    const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const locked = lock.packages[folder];
    assert.ok(locked?.license, `${folder} has no licence`);
    assert.ok(
      licences.includes(`${name} ${locked.version} (${locked.license})`),
      `${name} is not in the licences`,
    );
    assert.ok(bill.components.some((each) => each.name === name && each.version === locked.version));
  }
  for (const runtime of ['bun', 'node']) assert.ok(bill.components.some(({ name }) => name === runtime));
});

test('manifests name every archive of their system by its hash', () => {
  const made = manifests({
    version: '1.2.3',
    date: '2026-01-01',
    url: 'https://example.test/v1.2.3',
    homepage: 'https://example.test/someone/docker-credential-ecr-login',
    sha256: (name) => `hash of ${name}`,
  });
  const all = Object.values(made).join('\n').toLowerCase();
  const native = TARGETS.filter(({ runtime, musl, os }) => runtime === 'native' && !musl && os !== 'freebsd');
  for (const target of native)
    assert.ok(all.includes(`hash of ${archiveName(target, '1.2.3')}`), targetName(target));
  JSON.parse(made['scoop/docker-credential-ecr-login.json'] ?? '');
});

test('docs/dependencies.md names every direct dependency once, and no other', () => {
  const page = readFileSync(join(root, 'docs/dependencies.md'), 'utf8');
  const named = [...page.matchAll(/^\| `([^`]+)` \| \S/gm)].map(([, name]) => name);
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Readonly<
    Record<string, Readonly<Record<string, string>> | undefined>
  >;
  const direct = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
  assert.deepEqual(named.toSorted(), Object.keys(direct).toSorted());
});
