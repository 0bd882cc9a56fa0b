// Owns the promise of `docs/getting-started.md`: its lines, typed in their order in an empty home directory, do what it says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { executables } from '../support/executables.ts';
import { HOST, openWorld } from '../support/world.ts';

const text = readFileSync(join(import.meta.dirname, '../../docs/getting-started.md'), 'utf8');
const lines = [...text.matchAll(/^docker-credential-ecr-login (.*)$/gm)].map(([, rest = '']) =>
  rest.split(' '),
);

for (const executable of executables)
  test(`getting started, ${executable.name}`, async (t) => {
    const world = await openWorld(t, executable);
    assert.deepEqual(
      lines.map(([name]) => name),
      ['version', 'configure', 'login'],
    );
    for (const argv of lines) {
      const { code, stdout, stderr } = await world.run(argv);
      assert.equal(code, 0, stderr);
      if (argv[0] === 'version') assert.ok(text.includes(`\`${stdout.trim()}\``), stdout);
      if (argv[0] === 'login')
        assert.match(stdout, /: signed in with environment keys; the token is valid until /);
    }
    assert.deepEqual(JSON.parse(world.home.read('.docker/config.json')), {
      credHelpers: { [HOST]: 'ecr-login' },
    });
    const minted = world.aws.mintedTokens.length;
    assert.equal((await world.get(HOST)).code, 0);
    assert.equal(world.aws.mintedTokens.length, minted, 'the token of login is the one that a pull gets');
  });
