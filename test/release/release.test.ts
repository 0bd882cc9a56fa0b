// A finished release in dist/release against its own rules: names, checksums, one time, nothing forgotten. `npm run release` has
// run everything; this is what a person would look at before publishing.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Release } from '../../scripts/release/build.ts';
import { executablePath } from '../../scripts/release/executables.ts';
import { signatureProblem } from '../../scripts/release/macho.ts';
import { archiveName, PROGRAM, TARGETS, targetName } from '../../scripts/release/targets.ts';

const root = join(import.meta.dirname, '../..');
const work = join(root, 'dist/release-work');
assert.ok(existsSync(join(work, 'release.json')), 'run "npm run release" first');
const { version } = JSON.parse(readFileSync(join(work, 'release.json'), 'utf8')) as Release;
const directory = join(root, 'dist/release');
const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  .filter((name) => statSync(join(directory, name)).isFile())
  .sort();

test('every file is there, and no other', () => {
  const platforms = TARGETS.filter(({ runtime }) => runtime === 'native').map(targetName);
  const expected = [
    ...TARGETS.map((target) => archiveName(target, version)),
    ...['amd64', 'arm64'].map((arch) => `${PROGRAM}_${version}_${arch}.deb`),
    ...['x86_64', 'aarch64'].map((arch) => `${PROGRAM}-${version}-1.${arch}.rpm`),
    ...['x86_64', 'aarch64'].map((arch) => `${PROGRAM}-${version}-r0.${arch}.apk`),
    ...['', ...platforms.map((name) => `-${name}`)].map((name) => `npm/${PROGRAM}${name}-${version}.tgz`),
    `${PROGRAM}-${version}-oci.tar`,
    `${PROGRAM}-${version}.cdx.json`,
    'SHA256SUMS',
    'THIRD-PARTY-LICENSES.txt',
  ];
  assert.deepEqual(
    files.filter((name) => !name.startsWith('manifests')),
    expected.sort(),
  );
  assert.equal(files.filter((name) => name.startsWith('manifests')).length, 5);
});

test('SHA256SUMS names every other file by its hash', () => {
  const lines = files
    .filter((name) => name !== 'SHA256SUMS')
    .map(
      (name) =>
        `${createHash('sha256')
          .update(readFileSync(join(directory, name)))
          .digest('hex')}  ${name}`,
    );
  assert.deepEqual(readFileSync(join(directory, 'SHA256SUMS'), 'utf8').trim().split('\n'), lines);
});

for (const target of TARGETS.filter(({ os }) => os === 'macos'))
  test(`${targetName(target)}: the signature is valid`, () => {
    assert.equal(signatureProblem(readFileSync(executablePath(work, target))), undefined);
  });

test('every executable is smaller than the runtime in it and 12 MiB', () => {
  const limit = { native: 132, node: 156 };
  for (const target of TARGETS) {
    const size = statSync(executablePath(work, target)).size / 2 ** 20;
    assert.ok(size < limit[target.runtime], `${targetName(target)} has ${size.toFixed(1)} MiB`);
  }
});

test('the table of the last release is in the documents', () => {
  const page = readFileSync(join(root, 'docs/releases.md'), 'utf8');
  for (const target of TARGETS)
    assert.ok(page.includes(`\`${archiveName(target, version)}\``), targetName(target));
});
