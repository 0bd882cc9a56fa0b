// Owns the check of the packages: .deb, .rpm and .apk, the npm packages, the image, the checksums. Each is handled by the
// program that its users have. Must not build anything.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Release } from '../build.ts';
import { executablePath } from '../executables.ts';
import { run } from '../shell.ts';
import { findTarget, PROGRAM } from '../targets.ts';
import { type Row, rowOf } from './row.ts';

const ARCHITECTURES = [
  { arch: 'x64', deb: 'amd64', rpm: 'x86_64' },
  { arch: 'arm64', deb: 'arm64', rpm: 'aarch64' },
] as const;

/** Lines for everything but the archives; `build` is where the executables were made. */
export async function checkPackages(release: Release, build: string, work: string): Promise<Row[]> {
  const { version, directory } = release;
  const rows: Row[] = [];
  const made = (target: string) => hash(readFileSync(executablePath(build, findTarget(target))));
  const sameExecutable = (folder: string, target: string, path = `usr/bin/${PROGRAM}`) => {
    if (hash(readFileSync(join(folder, path))) !== made(target))
      throw new Error(`it is not the executable of ${target}`);
    return `holds the executable of ${target}`;
  };
  const emptied = (name: string) => {
    const folder = join(work, name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    return folder;
  };
  rows.push(
    await rowOf('SHA256SUMS', 'sha256sum -c', () => {
      const lines = run('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: directory })
        .trim()
        .split('\n');
      return `${lines.length} files`;
    }),
  );
  for (const { arch, deb, rpm } of ARCHITECTURES) {
    const debFile = `${PROGRAM}_${version}_${deb}.deb`;
    rows.push(
      await rowOf(debFile, 'lintian', () => {
        run('lintian', ['--allow-root', '--fail-on', 'error,warning', join(directory, debFile)]);
        return 'clean';
      }),
      await rowOf(debFile, 'dpkg-deb --extract', () => {
        const folder = emptied(`deb-${arch}`);
        run('dpkg-deb', ['--extract', join(directory, debFile), folder]);
        return sameExecutable(folder, `linux-${arch}`);
      }),
    );
    const rpmFile = `${PROGRAM}-${version}-1.${rpm}.rpm`;
    rows.push(
      await rowOf(rpmFile, 'rpm: install, verify, erase in an empty root', () =>
        installRpm(join(directory, rpmFile), emptied(`rpm-${arch}`), (folder) =>
          sameExecutable(folder, `linux-${arch}`),
        ),
      ),
    );
    const apkFile = `${PROGRAM}-${version}-r0.${rpm}.apk`;
    rows.push(
      await rowOf(apkFile, 'unpacked, hash of the data; not installed: needs Alpine', () => {
        const folder = emptied(`apk-${arch}`);
        checkApk(join(directory, apkFile), folder);
        return sameExecutable(folder, `linux-${arch}-musl`);
      }),
    );
    rows.push(
      await rowOf(`${PROGRAM}-${version}-oci.tar (${deb})`, 'skopeo inspect, copy', () => {
        const folder = emptied(`oci-${arch}`);
        copyImage(join(directory, `${PROGRAM}-${version}-oci.tar`), deb, folder);
        return sameExecutable(folder, `linux-${arch}`, `root/${PROGRAM}`);
      }),
    );
  }
  rows.push(...(await checkNpm(release, emptied('npm'))));
  return rows;
}

function installRpm(file: string, root: string, check: (root: string) => string): string {
  const rpm = (...argv: string[]) => run('rpm', ['--root', root, ...argv]);
  rpm('--initdb');
  rpm('--install', '--nodeps', '--ignorearch', '--ignoreos', '--excludedocs', file);
  rpm('--verify', '--nodeps', PROGRAM);
  const result = check(root);
  rpm('--erase', PROGRAM);
  if (existsSync(join(root, 'usr/bin', PROGRAM))) throw new Error('it stays when it is removed');
  return result;
}

/** The second gzip stream is the data, and the first names its hash. */
function checkApk(file: string, folder: string): void {
  run('tar', ['--warning=no-unknown-keyword', '-xzf', file, '-C', folder]);
  const info = readFileSync(join(folder, '.PKGINFO'), 'utf8');
  const expected = /^datahash = (\w+)$/m.exec(info)?.[1];
  const content = readFileSync(file);
  const second = content.indexOf(content.subarray(0, 10), 10);
  if (hash(content.subarray(second)) !== expected) throw new Error('the hash of the data is wrong');
}

function copyImage(file: string, architecture: string, folder: string): void {
  const source = ['--override-os', 'linux', '--override-arch', architecture];
  const inspected: unknown = JSON.parse(run('skopeo', [...source, 'inspect', `oci-archive:${file}`]));
  const { Architecture, Layers } = inspected as {
    readonly Architecture: string;
    readonly Layers: readonly string[];
  };
  if (Architecture !== architecture || Layers.length !== 1) throw new Error(JSON.stringify(inspected));
  const copy = join(folder, 'copy');
  run('skopeo', [...source, '--insecure-policy', 'copy', `oci-archive:${file}`, `dir:${copy}`]);
  const root = join(folder, 'root');
  mkdirSync(root);
  run('tar', ['-xzf', join(copy, (Layers[0] ?? '').replace('sha256:', '')), '-C', root]);
  const names = readdirSync(root);
  if (names.join() !== PROGRAM) throw new Error(`the image holds ${names.join(', ')}`);
}

/** Installs from the files, with no registry: as a project would, with and without install scripts, and without the executable. */
async function checkNpm({ version, directory, commit }: Release, work: string): Promise<Row[]> {
  const main = join(directory, 'npm', `${PROGRAM}-${version}.tgz`);
  const platform = join(directory, 'npm', `${PROGRAM}-linux-x64-${version}.tgz`);
  const ways = [
    { name: 'with its executable, install script run', files: [main, platform], flags: [], build: 'native' },
    {
      name: 'with its executable, --ignore-scripts',
      files: [main, platform],
      flags: ['--ignore-scripts'],
      build: 'native',
    },
    { name: '--omit=optional: the Node bundle', files: [main], flags: ['--omit=optional'], build: 'npm' },
  ];
  const rows: Row[] = [];
  for (const [index, { name, files, flags, build }] of ways.entries())
    rows.push(
      await rowOf(`npm/${PROGRAM}-${version}.tgz`, `npm install ${name}`, () => {
        const project = join(work, String(index));
        mkdirSync(project);
        cpSync(main, join(project, 'main.tgz'));
        writeFileSync(join(project, 'package.json'), '{"private":true}');
        run('npm', ['install', '--offline', '--no-audit', '--no-fund', ...flags, ...files], { cwd: project });
        const report: unknown = JSON.parse(
          run(join(project, 'node_modules/.bin', PROGRAM), ['version', '--json']),
        );
        const told = report as Readonly<Record<string, string>>;
        if (told.build !== build || told.commit !== commit || told.version !== version)
          throw new Error(JSON.stringify(report));
        return `answers as the ${build} build`;
      }),
    );
  return rows;
}

function hash(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
