// Owns the next patch release of what lies here: the version in every file that names it, a commit and a tag. It pushes nothing.
// Usage: node scripts/workflow/bump-patch.ts. Must not run code of the dependencies: where it runs, a token that may push is near.
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const changed = ['package.json', 'package-lock.json', 'src/version.ts', 'README.md'];

const old = version();
// By hand, since `npm version` is another program on Windows; the form of both files is npm's own.
const next = old.replace(
  /^(\d+\.\d+\.)(\d+)$/,
  (_, start: string, patch: string) => start + (Number(patch) + 1),
);
if (next === old) throw new Error(`cannot raise version "${old}": must be of the form 1.2.3`);

const escaped = old.replaceAll('.', '\\.');
edit('package.json', new RegExp(`("version": ")${escaped}"`), `$1${next}"`);
// The first two are this package's own, its name before them.
edit(
  'package-lock.json',
  new RegExp(`("name": "docker-credential-ecr-login",\\s+"version": ")${escaped}"`, 'g'),
  `$1${next}"`,
);
edit('src/version.ts', new RegExp(`'${escaped}'`), `'${next}'`);
edit('README.md', new RegExp(`(docker-credential-ecr-login[ -])${escaped}(?!\\d)`, 'g'), `$1${next}`);
if (existsSync(join(root, 'CHANGELOG.md'))) {
  changed.push('CHANGELOG.md');
  const today = new Date().toISOString().slice(0, 10);
  const entry = `## [${next}] - ${today}\n\n### Changed\n\n- The newest dependencies; nothing else.\n\n`;
  edit('CHANGELOG.md', /^(?=## \[?\d)/m, entry);
}

git('add', ...changed);
git(
  'commit',
  '--quiet',
  '--message',
  `package: ${next}, with the newest dependencies\n\nNothing else changed since ${old}.`,
);
git('tag', '--annotate', '--message', `${next}: the newest dependencies`, `v${next}`);
console.log(`tag=v${next}`);
if (process.env.GITHUB_OUTPUT) appendFileSync(process.env.GITHUB_OUTPUT, `tag=v${next}\n`);

function version(): string {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}

function edit(path: string, pattern: RegExp, replacement: string): void {
  const file = join(root, path);
  const before = readFileSync(file, 'utf8');
  const after = before.replace(pattern, replacement);
  if (after === before)
    throw new Error(`cannot put ${next} into ${path}: it names no ${old} where it should`);
  writeFileSync(file, after);
}

function git(...argv: string[]): void {
  // A runner has no name of its own.
  const identity =
    process.env.GITHUB_ACTIONS === 'true'
      ? ['user.name=github-actions[bot]', 'user.email=41898282+github-actions[bot]@users.noreply.github.com']
      : [];
  const options = identity.flatMap((setting) => ['-c', setting]);
  execFileSync('git', [...options, ...argv], { cwd: root, stdio: 'inherit' });
}
