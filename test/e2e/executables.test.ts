// docker pull through each of the three executables, as each is installed on a PATH.
// Everything else is tested with one of them: what they do is the same code.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertSucceeded, assertUsedMintedToken, runDocker } from '../support/containers/client.ts';
import { executableNames } from '../support/containers/executables.ts';
import { image, startWorld, type World } from '../support/containers/harness.ts';
import { dockerClients } from '../support/containers/prerequisites.ts';

let world: World;

before(async () => {
  world = await startWorld({ withDaemon: true });
});

after(() => world?.close());

for (const executable of executableNames) {
  describe(`the ${executable} executable`, () => {
    for (const cli of dockerClients) {
      test(`${cli} pull`, async (t) => {
        const home = world.home({ executable, awsEnvironment: world.allowed });
        const minted = world.minted.length;
        assertSucceeded(await runDocker(world, home, cli, ['image', 'rm', '--force', image]));
        const outcome = assertSucceeded(await runDocker(world, home, cli, ['pull', image]));
        assert.equal(outcome.stderr, '');
        assert.equal(world.minted.length, minted + 1);
        assertUsedMintedToken(t, world, home, `docker pull through the ${executable} executable`, {
          userAgent: /^docker\//,
          request: /^GET \/v2\/team\/tiny\/blobs\/sha256:/,
        });
      });
    }
  });
}
