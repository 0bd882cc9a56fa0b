// Specifies what all commands have in common: help with examples, suggestions in one line, and the report of `version --json`.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { executables } from '../support/executables.ts';
import { openWorld } from '../support/world.ts';

const COMMANDS = [
  'get',
  'store',
  'erase',
  'list',
  'version',
  'login',
  'doctor',
  'configure',
  'token',
  'kubelet',
  'completion',
];

function manifestVersion(): unknown {
  const text = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');
  return (JSON.parse(text) as { version?: unknown }).version;
}

for (const executable of executables) {
  describe(`commands, ${executable.name}`, { concurrency: 2 }, () => {
    for (const command of COMMANDS)
      test(`${command} --help has examples`, async (t) => {
        const world = await openWorld(t, executable);
        const { stdout, stderr, code } = await world.run([command, '--help'], { stdinKind: 'null' });
        assert.deepEqual({ stderr, code }, { stderr: '', code: 0 });
        assert.match(stdout, new RegExp(`^Usage: docker-credential-ecr-login ${command} `));
        assert.match(stdout, /\nExamples:\n {2}\$ \S/);
      });

    for (const [typed, meant] of [
      ['tokn', 'token'],
      ['lgoin', 'login'],
      ['kublet', 'kubelet'],
      ['docter', 'doctor'],
      ['config', 'configure'],
    ] as const)
      test(`${typed} is ${meant}, in one line`, async (t) => {
        const world = await openWorld(t, executable);
        const { stdout, code } = await world.run([typed]);
        assert.equal(code, 1);
        assert.equal(
          stdout.split('\n')[0],
          `docker-credential-ecr-login: unknown command '${typed}' (Did you mean ${meant}?)`,
        );
      });

    test('version --json', async (t) => {
      const world = await openWorld(t, executable);
      const { stdout, stderr, code } = await world.run(['version', '--json']);
      assert.deepEqual({ stderr, code }, { stderr: '', code: 0 });
      const { commit, runtimeVersion, tls, ...rest } = JSON.parse(stdout) as Record<string, string>;
      assert.match(commit ?? '', /^([0-9a-f]{40}(-dirty)?|unknown)$/);
      assert.match(runtimeVersion ?? '', /^\d+\.\d+\.\d+/);
      assert.match(
        tls ?? '',
        executable.name === 'native' ? /^BoringSSL [0-9a-f]{7,}$/ : /^OpenSSL \d+\.\d+\.\d+/,
      );
      assert.deepEqual(rest, {
        name: 'docker-credential-ecr-login',
        version: manifestVersion(),
        build: executable.name,
        runtime: executable.name === 'native' ? 'bun' : 'node',
        platform: process.platform,
        arch: process.arch,
      });
      const plain = await world.run(['version']);
      assert.equal(plain.stdout, `docker-credential-ecr-login ${manifestVersion()}\n`);
    });
  });
}
