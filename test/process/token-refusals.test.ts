// Specifies what `token` keeps to itself: mistakes found before AWS is asked, terminals, and masks in GitHub Actions.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { executables } from '../support/executables.ts';
import { assertOutcome, onlyPassword } from '../support/expect.ts';
import { quote, type RunResult, run, runCommand } from '../support/run.ts';
import { HOST, openWorld, type World } from '../support/world.ts';

const EU_HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

function assertMistake(result: RunResult, cause: string, hint: string): void {
  assertOutcome(result, {
    stdout: '',
    stderr: `docker-credential-ecr-login: token: ${cause}\nhint: ${hint}\n`,
    code: 1,
  });
}

for (const executable of executables) {
  describe(`token refuses, ${executable.name}`, { concurrency: 2 }, () => {
    const open = (t: TestContext): Promise<World> => openWorld(t, executable);
    const token = (world: World, argv: readonly string[]): Promise<RunResult> =>
      world.run(['token', ...argv]);

    test('forms that hold one registry take no second', async (t) => {
      const world = await open(t);
      for (const format of ['password', 'basic', 'x-registry-auth', 'env'])
        assertMistake(
          await token(world, ['-f', format, HOST, EU_HOST]),
          `--format ${format} prints one registry, and 2 are named`,
          'use --format json, docker-config or k8s-secret, or run it once for each registry',
        );
      assert.deepEqual(world.aws.requests, []);
    });

    const mistakes: readonly (readonly [argv: string[], cause: string, hint: string])[] = [
      [
        [],
        "missing required argument 'registry'",
        'docker-credential-ecr-login token [options] <registry...>',
      ],
      [
        ['--formt', 'json', HOST],
        "unknown option '--formt' (Did you mean --format?)",
        'docker-credential-ecr-login token --help',
      ],
      [
        ['-f', 'yaml', HOST],
        "option '-f, --format <format>' argument 'yaml' is invalid. Allowed choices are password, basic, json, docker-config, k8s-secret, x-registry-auth, env.",
        'docker-credential-ecr-login token --help',
      ],
      [
        ['--name', 'x', HOST],
        '--name and --namespace are for a Secret of Kubernetes',
        'add --format k8s-secret',
      ],
      [
        ['-f', 'k8s-secret', '--name', 'x\n---', HOST],
        'cannot name a Secret "x\\n---"',
        'use lower-case letters and digits, with "-" and "." between them',
      ],
      [
        ['-f', 'k8s-secret', '--name', 'pull..ecr', HOST],
        'cannot name a Secret "pull..ecr"',
        'use lower-case letters and digits, with "-" and "." between them',
      ],
      [
        ['-f', 'k8s-secret', '--namespace', 'a.b', HOST],
        '"a.b" cannot be a namespace',
        'use lower-case letters, digits and "-"',
      ],
    ];
    for (const [argv, cause, hint] of mistakes)
      test(`mistake: ${argv.join(' ') || 'no registry'}`, async (t) => {
        const world = await open(t);
        assertMistake(await token(world, argv), cause, hint);
        assert.deepEqual(world.aws.requests, []);
      });

    test('GitHub Actions: masked on stderr, so that a pipe gets the password alone', async (t) => {
      const world = await open(t);
      const env = world.env({ GITHUB_ACTIONS: 'true' });
      const options = { env, cwd: world.home.directory };
      const plain = await run(executable, ['token', HOST], options);
      const password = onlyPassword(world);
      assertOutcome(plain, { stdout: `${password}\n`, stderr: `::add-mask::${password}\n`, code: 0 });
      for (const format of ['basic', 'x-registry-auth', 'docker-config', 'k8s-secret']) {
        const { stdout, stderr } = await run(executable, ['token', '-f', format, HOST], options);
        const masked = stderr.trimEnd().split('\n');
        assert.ok(masked.every((line) => line.startsWith('::add-mask::')));
        const left = masked
          .map((line) => line.slice('::add-mask::'.length))
          .sort((a, b) => b.length - a.length)
          .reduce((text, secret) => text.replaceAll(secret, '***'), stdout);
        assert.doesNotMatch(left, /[A-Za-z0-9+/_-]{100}/, `${format} shows a secret`);
        assert.notEqual(left, stdout);
      }
    });

    test('a terminal is shown nothing without --show', async (t) => {
      const world = await open(t);
      const atTerminal = async (...argv: string[]): Promise<RunResult> => {
        const words = [executable.command, ...executable.prefix, 'token', ...argv];
        return runCommand(
          ['script', '--quiet', '--return', '--command', words.map(quote).join(' '), '/dev/null'],
          { env: { ...world.env(), SHELL: '/bin/sh' }, cwd: world.home.directory },
        );
      };
      const refused = await atTerminal(HOST);
      assert.equal(refused.code, 1);
      assert.equal(
        refused.stdout.replaceAll('\r', ''),
        `docker-credential-ecr-login: token: standard output is a terminal, and what it shows is a password\nhint: docker-credential-ecr-login token ${HOST} | docker login --username AWS --password-stdin ${HOST}, or add --show\n`,
      );
      assert.deepEqual(world.aws.requests, []);
      const shown = await atTerminal('--show', HOST);
      assert.equal(shown.stdout.replaceAll('\r', ''), `${onlyPassword(world)}\n`);
    });
  });
}
