// Specifies the completion scripts in the shells themselves: bash by its own variables, zsh through its completion system, fish
// by `complete -C`; and that the manual page renders without a warning. A shell that is not installed is a test left out.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { manualPage } from '../../scripts/man.ts';
import { executables } from '../support/executables.ts';
import { makeHome } from '../support/home.ts';
import { runCommand, SYSTEM_PATH } from '../support/run.ts';
import { HOST, openWorld, type World } from '../support/world.ts';

const PROGRAM = 'docker-credential-ecr-login';
const [native] = executables;
assert.ok(native !== undefined);
const shown = native;

/** What is typed, and some of what must be offered; `not` must not be. */
const table: readonly { words: string[]; offers: string[]; not?: string }[] = [
  { words: ['to'], offers: ['token'], not: 'login' },
  { words: [''], offers: ['get', 'login', 'token', 'kubelet', 'completion', 'help'] },
  { words: ['token', '--'], offers: ['--format', '--show', '--namespace'], not: 'token' },
  { words: ['token', '--format', ''], offers: ['password', 'k8s-secret', 'env'], not: '--show' },
  { words: ['token', '-f', 'docker'], offers: ['docker-config'], not: 'json' },
  { words: ['completion', ''], offers: ['bash', 'zsh', 'fish', 'powershell'], not: 'token' },
  { words: ['help', 'kub'], offers: ['kubelet'] },
  { words: ['con'], offers: ['configure'], not: 'completion' },
  { words: ['configure', '--d'], offers: ['--discover', '--docker-config', '--dry-run'], not: '--all' },
  { words: ['doctor', '--'], offers: ['--json'], not: '--show' },
  { words: ['doctor', ''], offers: [HOST] },
  { words: ['token', '123'], offers: [HOST] },
  { words: ['login', ''], offers: [HOST] },
];

function isInstalled(shell: string): boolean {
  return spawnSync(shell, ['--version']).error === undefined;
}

/** A world with a cached token, the executable on PATH, and the shell's script in a file. */
async function prepare(
  t: Parameters<typeof openWorld>[0],
  shell: string,
): Promise<{ world: World; script: string; env: Record<string, string> }> {
  const world = await openWorld(t, shown);
  await world.get(HOST);
  const { stdout, stderr, code } = await world.run(['completion', shell]);
  assert.deepEqual({ stderr, code }, { stderr: '', code: 0 });
  world.write(`${PROGRAM}.${shell}`, stdout);
  const script = join(world.home.directory, `${PROGRAM}.${shell}`);
  return { world, script, env: world.env({ PATH: `${join(shown.command, '..')}:${SYSTEM_PATH}` }) };
}

function assertOffered(text: string, { words, offers, not }: (typeof table)[number]): void {
  const offered = text.split(/\s+/);
  for (const offer of offers) assert.ok(offered.includes(offer), `${words.join(' ')}: no ${offer}: ${text}`);
  if (not !== undefined) assert.ok(!offered.includes(not), `${words.join(' ')}: ${not}`);
}

describe('completion', () => {
  for (const row of table) {
    const typed = [PROGRAM, ...row.words];
    test(`bash: ${row.words.join(' ')}`, async (t) => {
      const { world, script, env } = await prepare(t, 'bash');
      const line = `. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); $(complete -p ${PROGRAM} | sed 's/.*-F \\([^ ]*\\).*/\\1/'); printf '%s\\n' "\${COMPREPLY[@]}"`;
      const result = await runCommand(['bash', '--norc', '-c', line, 'bash', script, ...typed], {
        env,
        cwd: world.home.directory,
      });
      assert.equal(result.stderr, '');
      assertOffered(result.stdout, row);
    });

    test(`fish: ${row.words.join(' ')}`, { skip: !isInstalled('fish') }, async (t) => {
      const { world, script, env } = await prepare(t, 'fish');
      const result = await runCommand(
        ['fish', '--no-config', '-c', `source $argv[1]; complete -C $argv[2]`, script, typed.join(' ')],
        { env, cwd: world.home.directory },
      );
      assert.equal(result.stderr, '');
      assertOffered(result.stdout.replace(/\t.*/g, ''), row);
    });

    test(`zsh: ${row.words.join(' ')}`, { skip: !isInstalled('zsh') }, async (t) => {
      const { world, script, env } = await prepare(t, 'zsh');
      const result = await runCommand(['zsh', '-f', '-c', ZSH, 'zsh', script, typed.join(' ')], {
        env: { ...env, TERM: 'dumb' },
        cwd: world.home.directory,
      });
      assertOffered(result.stdout, row);
    });
  }

  test('zsh finds the script in a directory of fpath', { skip: !isInstalled('zsh') }, async (t) => {
    const { world, env } = await prepare(t, 'zsh');
    writeFileSync(join(world.home.directory, `_${PROGRAM}`), (await world.run(['completion', 'zsh'])).stdout);
    const line = `fpath=("$1" $fpath); autoload -Uz compinit; compinit -u -D; print $_comps[${PROGRAM}]`;
    const result = await runCommand(['zsh', '-f', '-c', line, 'zsh', world.home.directory], {
      env,
      cwd: world.home.directory,
    });
    assert.equal(result.stdout, `_${PROGRAM}\n`);
  });

  test('a shell that is none', async (t) => {
    const world = await openWorld(t, shown);
    const { stdout, stderr, code } = await world.run(['completion', 'tcsh']);
    assert.deepEqual({ stdout, code }, { stdout: '', code: 1 });
    assert.match(
      stderr,
      /^docker-credential-ecr-login: completion: .*'tcsh' is invalid for argument 'shell'\. .*\nhint: .*\n$/,
    );
  });
});

// zsh completes only for its line editor, so a second zsh types into a terminal of zpty and lists what would be offered.
const ZSH = `
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PROMPT=; autoload -Uz compinit; compinit -u -D; . '$1'"
zpty -w z "compadd() { builtin compadd -O offered \\"\\$@\\"; local flag; flag=\\$?; print -rl -- OFFER: \\$offered >>| offers; builtin compadd \\"\\$@\\" }"
zpty -w z "bindkey '^I' complete-word; zstyle ':completion:*' menu no; print -r READY"
zpty -r -m z line '*READY*' ; zpty -r -m z line '*READY*'
zpty -n -w z "$2"$'\\t'
sleep 0.7
zpty -d z
grep -v '^OFFER:$' offers
`;

describe('the manual page', () => {
  test('renders without a warning', { skip: !isInstalled('man') }, async (t) => {
    const home = makeHome({ 'page.1': manualPage() });
    t.after(() => home.remove());
    const { stderr, stdout, code } = await runCommand(
      ['man', '--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', 'page.1'],
      { env: { PATH: SYSTEM_PATH, LANG: 'C.UTF-8' }, cwd: home.directory },
    );
    assert.deepEqual({ stderr, code }, { stderr: '', code: 0 });
    assert.ok(stdout.length > 5000);
  });

  // Commands and options: test/unit/commands.test.ts.
  test('tells every form of token and every variable', () => {
    const page = manualPage().replaceAll('\\-', '-');
    for (const word of ['x-registry-auth', 'AWS_ECR_CACHE_DIR', 'AWS_ECR_ON_ERROR', '~/.ecr/config.json'])
      assert.ok(page.includes(word), word);
  });
});
