// Owns everything in dist/release: executables, archives, packages, image, manifests, licences, bill of materials, checksums.
// Must not run what it made: that is the checks' part.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { deflate, gzip } from './compress.ts';
import { contained, type Metafile } from './contents.ts';
import { buildExecutables, commitOf, executablePath, runtimes } from './executables.ts';
import { licencesFile } from './licences.ts';
import { manifests } from './manifests.ts';
import { mainPackage, PLATFORMS, platformPackage } from './npm.ts';
import { ociImage } from './oci.ts';
import { NODE_VERSION, nodeLicence, pkgHome } from './prepare.ts';
import { billOfMaterials } from './sbom.ts';
import { inParallel, run } from './shell.ts';
import { makeApk, makeDeb, makeRpm } from './system-packages.ts';
import { type Entry, tar, zip } from './tar.ts';
import {
  archiveName,
  executableName,
  findTarget,
  PROGRAM,
  TARGETS,
  type Target,
  targetName,
} from './targets.ts';

const root = join(import.meta.dirname, '../..');

/** A finished release. */
export interface Release {
  readonly version: string;
  readonly commit: string;
  readonly seconds: number;
  readonly directory: string;
}

/** Builds the release into `directory`, with what is needed on the way in `work`; `level` of compression, 1 to 12. */
export async function buildRelease(directory: string, work: string, level: number): Promise<Release> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const { commit, seconds } = commitOf();
  for (const each of [directory, work]) {
    rmSync(each, { recursive: true, force: true });
    mkdirSync(each, { recursive: true });
  }
  step('bundle for Node, manual page');
  run('npm', ['run', '--silent', 'build:all'], { cwd: root });
  step('executables');
  buildExecutables(work, commit);

  const write = (name: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), content);
  };
  step('licences, bill of materials');
  const metafiles = metafilesIn(work);
  const packages = contained(root, metafiles);
  const versions = runtimes();
  const home = pkgHome(TARGETS.filter(({ runtime }) => runtime === 'node'));
  const licences = licencesFile({
    packages,
    ...versions,
    node: NODE_VERSION,
    nodeLicence: nodeLicence(home),
  });
  write('THIRD-PARTY-LICENSES.txt', licences);
  write(
    `${PROGRAM}-${version}.cdx.json`,
    billOfMaterials({ version, commit, seconds, packages, ...versions }),
  );

  const extras = extraFiles(licences);
  const read = (target: Target) => readFileSync(executablePath(work, target));
  step('archives');
  await inParallel(TARGETS, 2, async (target) => {
    const name = archiveName(target, version);
    const entries = [...extras, { path: executableName(target), content: read(target), mode: 0o755 }];
    write(
      name,
      target.os === 'windows'
        ? await zip(entries, seconds, (content) => deflate(content, level))
        : await gzip(
            tar(
              entries.map((entry) => ({ ...entry, path: `${archiveFolder(name)}/${entry.path}` })),
              seconds,
            ),
            level,
          ),
    );
  });
  step('npm packages');
  const main = mainPackage(root);
  write(`npm/${main.fileName}`, await gzip(tar(main.entries, seconds, { directories: false })));
  await inParallel(PLATFORMS, 2, async (target) => {
    const { fileName, entries } = platformPackage(root, target, read(target));
    write(`npm/${fileName}`, await gzip(tar(entries, seconds, { directories: false }), Math.min(level, 9)));
  });
  step('packages of distributions');
  const common = systemFiles(licences, seconds);
  const jobs = (['x64', 'arm64'] as const).flatMap((arch) => {
    const sources = { version, seconds, out: directory, work, arch, common };
    const glibc = { ...sources, executable: read(findTarget(`linux-${arch}`)) };
    const musl = { ...sources, executable: read(findTarget(`linux-${arch}-musl`)) };
    return [() => makeDeb(glibc), () => makeRpm(glibc), () => makeApk(musl)];
  });
  await inParallel(jobs, 2, (job) => job());
  step('image');
  const executables = { amd64: read(findTarget('linux-x64')), arm64: read(findTarget('linux-arm64')) };
  write(`${PROGRAM}-${version}-oci.tar`, await ociImage({ version, commit, seconds, executables }));
  step('manifests, checksums');
  const repository = process.env.GITHUB_REPOSITORY ?? `OWNER/${PROGRAM}`;
  const homepage = `https://github.com/${repository}`;
  const made = manifests({
    version,
    date: new Date(seconds * 1000).toISOString().slice(0, 10),
    url: `${homepage}/releases/download/v${version}`,
    homepage,
    sha256: (name) => hashOf(join(directory, name)),
  });
  for (const [name, content] of Object.entries(made)) write(`manifests/${name}`, content);
  write('SHA256SUMS', checksums(directory));
  return { version, commit, seconds, directory };
}

/** The metafiles that the builds left behind: what the native executables and the bundle for Node contain. */
function metafilesIn(work: string): Metafile[] {
  const files = [
    ...TARGETS.filter(({ runtime }) => runtime === 'native').map((t) =>
      join(work, `${targetName(t)}.meta.json`),
    ),
    join(root, 'dist/node.meta.json'),
  ];
  return files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Metafile);
}

/** `sha256sum -c SHA256SUMS` checks what a person downloads: the files beside it, not those in folders. */
function checksums(directory: string): string {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name !== 'SHA256SUMS' && statSync(join(directory, name)).isFile())
    .sort();
  return files.map((name) => `${hashOf(join(directory, name))}  ${name}\n`).join('');
}

function archiveFolder(name: string): string {
  return name.replace(/\.tar\.gz$/, '');
}

function extraFiles(licences: string): Entry[] {
  return [
    plain('LICENSE', readFileSync(join(root, 'LICENSE'))),
    plain('README.md', readFileSync(join(root, 'README.md'))),
    plain('THIRD-PARTY-LICENSES.txt', licences),
    plain(`${PROGRAM}.1`, manualPage()),
    ...['bash', 'zsh', 'fish'].map((shell) => plain(`completions/${PROGRAM}.${shell}`, completion(shell))),
  ];
}

function systemFiles(licences: string, seconds: number): Entry[] {
  const copyright = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: ${PROGRAM}

Files: *
Copyright: ${new Date(seconds * 1000).getUTCFullYear()} the ${PROGRAM} contributors
License: Apache-2.0
 On Debian systems the licence is in /usr/share/common-licenses/Apache-2.0. The licences of all that is inside are in
 THIRD-PARTY-LICENSES.txt.gz beside this file.
`;
  return [
    plain(`usr/share/doc/${PROGRAM}/copyright`, copyright),
    plain(`usr/share/doc/${PROGRAM}/THIRD-PARTY-LICENSES.txt.gz`, gzipSync(licences, { level: 9 })),
    plain(`usr/share/man/man1/${PROGRAM}.1.gz`, gzipSync(manualPage(), { level: 9 })),
    plain(`usr/share/bash-completion/completions/${PROGRAM}`, completion('bash')),
    plain(`usr/share/zsh/vendor-completions/_${PROGRAM}`, completion('zsh')),
    plain(`usr/share/fish/vendor_completions.d/${PROGRAM}.fish`, completion('fish')),
  ];
}

function manualPage(): Buffer {
  return readFileSync(join(root, `dist/man/${PROGRAM}.1`));
}

function completion(shell: string): string {
  return run(join(root, `dist/${PROGRAM}`), ['completion', shell], { env: { HOME: '/nonexistent' } });
}

function plain(path: string, content: string | Uint8Array): Entry {
  return { path, content: Buffer.from(content), mode: 0o644 };
}

function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

function step(what: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)}  ${what}`);
}
