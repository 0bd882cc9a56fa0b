// Owns the npm packages: a small one with the Node bundle and the library, and one per system with the executable, which npm
// picks by `os`, `cpu` and `libc`. Must not publish.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry } from './tar.ts';
import { executableName, PROGRAM, TARGETS, type Target, targetName } from './targets.ts';

/** A package before it is packed. */
export interface NpmPackage {
  readonly fileName: string;
  readonly entries: readonly Entry[];
}

type Manifest = Readonly<Record<string, unknown>> & { readonly version: string };

/** The fields of the project's own manifest that users of the package see. */
const PUBLIC_FIELDS = [
  'name',
  'version',
  'description',
  'keywords',
  'license',
  'repository',
  'homepage',
  'bugs',
  'type',
  'bin',
  'man',
  'exports',
  'engines',
];

const withExecutable = TARGETS.filter(({ runtime }) => runtime === 'native');

/** The package that users install; the project in `root` must have been built. */
export function mainPackage(root: string): NpmPackage {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  const shown = Object.fromEntries(
    PUBLIC_FIELDS.flatMap((field) => (manifest[field] === undefined ? [] : [[field, manifest[field]]])),
  );
  const published = {
    ...shown,
    scripts: { postinstall: 'node bin/install.js' },
    optionalDependencies: Object.fromEntries(
      withExecutable.map((target) => [platformPackageName(target), manifest.version]),
    ),
  };
  const templates = join(import.meta.dirname, 'npm');
  const entries = [
    text('package.json', `${JSON.stringify(published, null, 2)}\n`),
    file(root, 'README.md'),
    file(root, 'LICENSE'),
    ...['dist/node', 'dist/types', 'dist/man'].flatMap((folder) => below(root, folder)),
    text(`bin/${PROGRAM}.js`, readFileSync(join(templates, 'launcher.js')), 0o755),
    text('bin/platform.js', readFileSync(join(templates, 'platform.js'))),
    text('bin/install.js', readFileSync(join(templates, 'install.js'))),
  ];
  return packed(`${PROGRAM}-${manifest.version}.tgz`, entries);
}

/** The package of one system. */
export function platformPackage(root: string, target: Target, executable: Uint8Array): NpmPackage {
  const { version, license, engines } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  ) as Manifest;
  const name = platformPackageName(target);
  const manifest = {
    name,
    version,
    description: `The executable of ${PROGRAM} for ${targetName(target)}; install ${PROGRAM}, which brings it`,
    license,
    engines,
    preferUnplugged: true,
    os: [{ linux: 'linux', macos: 'darwin', windows: 'win32', freebsd: 'freebsd' }[target.os]],
    cpu: [target.arch],
    ...(target.os === 'linux' ? { libc: [target.musl ? 'musl' : 'glibc'] } : {}),
  };
  return packed(`${name}-${version}.tgz`, [
    text('package.json', `${JSON.stringify(manifest, null, 2)}\n`),
    file(root, 'LICENSE'),
    text('README.md', `# ${name}\n\n${manifest.description}.\n`),
    { path: executableName(target), content: executable, mode: 0o755 },
  ]);
}

/** The systems that have a package of their own. */
export const PLATFORMS: readonly Target[] = withExecutable;

function platformPackageName(target: Target): string {
  return `${PROGRAM}-${targetName(target)}`;
}

function packed(fileName: string, entries: readonly Entry[]): NpmPackage {
  return { fileName, entries: entries.map((entry) => ({ ...entry, path: `package/${entry.path}` })) };
}

function below(root: string, folder: string): Entry[] {
  if (!existsSync(join(root, folder))) throw new Error(`${folder} is missing: run "npm run build:all" first`);
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(root, folder, name)).isFile())
    .map((name) => file(root, `${folder}/${name}`));
}

function file(root: string, path: string): Entry {
  return text(path, readFileSync(join(root, path)));
}

function text(path: string, content: string | Uint8Array, mode = 0o644): Entry {
  return { path, content: Buffer.from(content), mode };
}
