// `configure` before a person: the diff, then the question, and nothing is written unless they say yes.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { executables } from '../support/executables.ts';
import { quote, runCommand } from '../support/run.ts';
import { HOST, openWorld } from '../support/world.ts';

const DOCKER = '.docker/config.json';

for (const executable of executables) {
  describe(executable.name, () => {
    for (const [answer, isWritten] of [
      ['y\n', true],
      ['yes\n', true],
      ['n\n', false],
      ['\n', false],
      ['\u0004', false],
      ['\u0003', false],
    ] as const)
      test(`answer ${JSON.stringify(answer)}`, async (t) => {
        const world = await openWorld(t, executable);
        const line = [executable.command, ...executable.prefix, 'configure', HOST].map(quote).join(' ');
        let shown = '';
        const { code, signal } = await runCommand(
          ['script', '--quiet', '--return', '--command', line, '/dev/null'],
          {
            env: { ...world.env(), SHELL: '/bin/sh' },
            cwd: world.home.directory,
            stdinKind: 'hold',
            onStart(child) {
              child.stdout?.on('data', (chunk: Buffer) => {
                const before = shown;
                shown += chunk;
                if (shown.includes('[y/N]') && !before.includes('[y/N]'))
                  setTimeout(() => child.stdin?.write(answer), 50);
              });
            },
          },
        );
        assert.equal(signal, null, 'it did not end by itself');
        const text = shown.replaceAll('\r', '');
        assert.match(text, new RegExp(`\\+\t\t"${HOST}": "ecr-login"\n[^]*Write this\\? \\[y/N\\]`));
        assert.equal(existsSync(join(world.home.directory, DOCKER)), isWritten);
        if (isWritten) assert.match(text, /config\.json: written\n$/);
        else assert.match(text, /nothing is written\n$/);
        assert.equal(code === 0, isWritten);
      });
  });
}
