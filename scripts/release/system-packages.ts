// Owns the packages of Linux distributions: .deb, .rpm and .apk of the native executables, from one list of files.
// Must not build what is in them.
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { gzip } from './compress.ts';
import { runBeside } from './shell.ts';
import { type Entry, tar } from './tar.ts';
import { PROGRAM } from './targets.ts';

/** What goes into a package. */
export interface PackageSources {
  readonly version: string;
  readonly seconds: number;
  /** Where the finished package is put. */
  readonly out: string;
  /** For files that are needed on the way. */
  readonly work: string;
  readonly arch: 'x64' | 'arm64';
  /** Everything but the executable: licence, manual page, completions. */
  readonly common: readonly Entry[];
  readonly executable: Uint8Array;
}

const MAINTAINER = `${PROGRAM} contributors <noreply@users.noreply.github.com>`;
const SUMMARY = 'Docker credential helper for Amazon ECR';
const DESCRIPTION =
  'Answers Docker, Podman and their like when they ask for the credentials of a registry in Amazon ECR, with a token that it gets from AWS and keeps until it expires.';
const RIVAL = 'amazon-ecr-credential-helper';

/** `docker-credential-ecr-login_<version>_<amd64|arm64>.deb` */
export async function makeDeb(sources: PackageSources): Promise<string> {
  const { version, seconds, out, arch } = sources;
  const architecture = { x64: 'amd64', arm64: 'arm64' }[arch];
  const date = new Date(seconds * 1000)
    .toUTCString()
    .replace('GMT', '+0000')
    .replace(/^(\w+), /, '$1, ');
  const changelog = `${PROGRAM} (${version}) unstable; urgency=medium\n\n  * Release ${version}.\n\n -- ${MAINTAINER}  ${date}\n`;
  const doc = `usr/share/doc/${PROGRAM}`;
  const files: Entry[] = [
    ...treeOf(sources),
    { path: `${doc}/changelog.gz`, content: gzipSync(changelog, { level: 9 }), mode: 0o644 },
    {
      path: `usr/share/lintian/overrides/${PROGRAM}`,
      mode: 0o644,
      content: Buffer.from(
        [
          '# The program is appended to the runtime as a section, which no strip may touch; the runtime is linked statically.',
          `${PROGRAM}: unstripped-binary-or-object [usr/bin/${PROGRAM}]`,
          `${PROGRAM}: embedded-library *`,
          '# The runtime is linked without these by those who make it.',
          `${PROGRAM}: hardening-no-pie [usr/bin/${PROGRAM}]`,
          `${PROGRAM}: hardening-no-relro [usr/bin/${PROGRAM}]`,
          '',
        ].join('\n'),
      ),
    },
  ];
  const control = [
    `Package: ${PROGRAM}`,
    `Version: ${version}`,
    `Architecture: ${architecture}`,
    `Maintainer: ${MAINTAINER}`,
    `Installed-Size: ${Math.ceil(files.reduce((sum, { content }) => sum + content.length, 0) / 1024)}`,
    'Depends: libc6 (>= 2.17)',
    'Recommends: ca-certificates',
    `Conflicts: ${RIVAL}`,
    `Replaces: ${RIVAL}`,
    `Provides: ${RIVAL}`,
    'Section: admin',
    'Priority: optional',
    `Description: ${SUMMARY}`,
    ...wrap(DESCRIPTION).map((line) => ` ${line}`),
    '',
  ].join('\n');
  const sums = files.map(
    ({ path, content }) => `${createHash('md5').update(content).digest('hex')}  ${path}\n`,
  );
  const tree = stage(sources, `deb-${arch}`, [
    ...files,
    { path: 'DEBIAN/control', content: Buffer.from(control), mode: 0o644 },
    { path: 'DEBIAN/md5sums', content: Buffer.from(sums.join('')), mode: 0o644 },
  ]);
  const file = join(out, `${PROGRAM}_${version}_${architecture}.deb`);
  const env = { SOURCE_DATE_EPOCH: String(seconds) };
  await runBeside('dpkg-deb', ['--root-owner-group', '--threads-max=1', '-Zxz', '--build', tree, file], {
    env,
  });
  return file;
}

/** `docker-credential-ecr-login-<version>-1.<x86_64|aarch64>.rpm` */
export async function makeRpm(sources: PackageSources): Promise<string> {
  const { version, seconds, out, work, arch } = sources;
  const architecture = { x64: 'x86_64', arm64: 'aarch64' }[arch];
  const files = treeOf(sources);
  const tree = stage(sources, `rpm-${arch}`, files);
  const spec = [
    `Name: ${PROGRAM}`,
    `Version: ${version.replace('-', '~')}`,
    'Release: 1',
    `Summary: ${SUMMARY}`,
    'License: Apache-2.0',
    'AutoReqProv: no',
    'Requires: glibc >= 2.17',
    `Conflicts: ${RIVAL}`,
    '%description',
    ...wrap(DESCRIPTION),
    '%install',
    `cp -a ${tree}/. %{buildroot}/`,
    '%files',
    ...files.map(({ path }) => `/${path}`),
    '',
  ].join('\n');
  const directory = join(work, `rpmbuild-${arch}`);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const specFile = join(directory, `${PROGRAM}.spec`);
  writeFileSync(specFile, spec);
  // Nothing may touch the executable, and nothing of this machine may get in.
  const settings = {
    _topdir: directory,
    _rpmdir: directory,
    _build_name_fmt: '%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm',
    _buildhost: 'localhost',
    __os_install_post: '%{nil}',
    debug_package: '%{nil}',
    _build_id_links: 'none',
    use_source_date_epoch_as_buildtime: '1',
    clamp_mtime_to_source_date_epoch: '1',
    _binary_payload: 'w6.xzdio',
  };
  const defines = Object.entries(settings).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
  const env = { SOURCE_DATE_EPOCH: String(seconds) };
  await runBeside('rpmbuild', ['-bb', '--quiet', '--target', `${architecture}-linux`, ...defines, specFile], {
    env,
  });
  const made = readdirSync(directory).find((name) => name.endsWith('.rpm')) ?? '';
  renameSync(join(directory, made), join(out, made));
  return join(out, made);
}

/**
 * `docker-credential-ecr-login-<version>-r0.<x86_64|aarch64>.apk`: two gzip streams, of which the first has no end of archive.
 * Unsigned, as a release of this project has no key that an Alpine system knows: `apk add --allow-untrusted`.
 */
export async function makeApk(sources: PackageSources): Promise<string> {
  const { version, seconds, out, arch } = sources;
  const architecture = { x64: 'x86_64', arm64: 'aarch64' }[arch];
  const files = treeOf(sources).map((entry) => ({
    ...entry,
    pax: { 'APK-TOOLS.checksum.SHA1': createHash('sha1').update(entry.content).digest('hex') },
  }));
  const data = await gzip(tar(files, seconds), 9);
  const info = [
    `pkgname = ${PROGRAM}`,
    `pkgver = ${version}-r0`,
    `pkgdesc = ${SUMMARY}`,
    'license = Apache-2.0',
    `builddate = ${seconds}`,
    `size = ${files.reduce((sum, { content }) => sum + content.length, 0)}`,
    `arch = ${architecture}`,
    `origin = ${PROGRAM}`,
    'depend = libstdc++',
    'depend = libgcc',
    `provides = cmd:${PROGRAM}=${version}-r0`,
    `datahash = ${createHash('sha256').update(data).digest('hex')}`,
    '',
  ];
  const control = [{ path: '.PKGINFO', content: Buffer.from(info.join('\n')), mode: 0o644 }];
  const file = join(out, `${PROGRAM}-${version}-r0.${architecture}.apk`);
  writeFileSync(file, Buffer.concat([await gzip(tar(control, seconds, { end: false })), data]));
  return file;
}

function treeOf({ common, executable }: PackageSources): Entry[] {
  return [...common, { path: `usr/bin/${PROGRAM}`, content: executable, mode: 0o755 }];
}

function stage({ work, seconds }: PackageSources, name: string, files: readonly Entry[]): string {
  const tree = join(work, name);
  rmSync(tree, { recursive: true, force: true });
  for (const { path, content, mode } of files) {
    const file = join(tree, path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    writeFileSync(file, content);
    chmodSync(file, mode);
    utimesSync(file, seconds, seconds);
  }
  for (const name of readdirSync(tree, { recursive: true, encoding: 'utf8' }).concat('.'))
    utimesSync(join(tree, name), seconds, seconds);
  return tree;
}

function wrap(words: string): string[] {
  return words.match(/.{1,78}(?:\s|$)/g)?.map((line) => line.trimEnd()) ?? [];
}
