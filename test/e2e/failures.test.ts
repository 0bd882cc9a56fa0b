// What a user sees in the terminal when AWS or the registry refuses, for every client.
// That the registry refuses at all is tested here too: without that, no success elsewhere would mean anything.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { assertExplained, getPassword, runClient, runDocker } from '../support/containers/client.ts';
import {
  image,
  otherRegistryHost,
  registryHost,
  startWorld,
  type World,
} from '../support/containers/harness.ts';
import type { Home } from '../support/containers/home.ts';
import { dockerClients } from '../support/containers/prerequisites.ts';
import { describeOutcome, type Outcome } from '../support/containers/run.ts';

interface Client {
  readonly name: string;
  pull(home: Home, reference: string): Promise<Outcome>;
}

const clients: readonly Client[] = [
  ...dockerClients.map((cli) => ({
    name: `${cli} pull`,
    pull: (home: Home, reference: string) => runDocker(world, home, cli, ['pull', reference]),
  })),
  {
    name: 'skopeo inspect',
    pull: (home, reference) => runClient(world, home, ['skopeo', 'inspect', `docker://${reference}`]),
  },
  { name: 'podman pull', pull: (home, reference) => runClient(world, home, ['podman', 'pull', reference]) },
  { name: 'buildah pull', pull: (home, reference) => runClient(world, home, ['buildah', 'pull', reference]) },
];

let world: World;

before(async () => {
  world = await startWorld({ withDaemon: true });
});

after(() => world?.close());

for (const { name, pull } of clients) {
  describe(name, () => {
    test('AWS denies the identity: the terminal shows the cause and a hint', async (t) => {
      const home = world.home({ awsEnvironment: world.denied });
      assertExplained(t, await pull(home, image), registryHost);
    });

    test('AWS denies the identity in another region: the cause names that registry', async (t) => {
      const home = world.home({ awsEnvironment: world.denied });
      assertExplained(t, await pull(home, `${otherRegistryHost}/team/tiny:1`), otherRegistryHost);
    });

    test('no AWS credentials at all: the terminal shows the cause and a hint', async (t) => {
      const home = world.home({ awsEnvironment: { AWS_EC2_METADATA_DISABLED: 'true' } });
      assertExplained(t, await pull(home, image), registryHost);
    });

    test('a token of nobody is refused', async () => {
      world.registry.acceptNobody();
      const auth = Buffer.from(`AWS:${randomBytes(1150).toString('base64')}`).toString('base64');
      const home = world.home({ helperFor: [], auths: { [registryHost]: { auth } } });
      assertRefused(await pull(home, image));
    });

    test('no credentials are refused', async () => {
      world.registry.acceptNobody();
      const home = world.home({ helperFor: [] });
      assertRefused(await pull(home, image));
    });

    test('a minted token that the registry does not accept is refused', async () => {
      const home = world.home({ awsEnvironment: world.allowed });
      await getPassword(home);
      world.registry.acceptNobody();
      assertRefused(await pull(home, image));
    });
  });
}

function assertRefused(outcome: Outcome): void {
  assert.notEqual(outcome.code, 0, describeOutcome(outcome));
  assert.notEqual(outcome.stderr, '', describeOutcome(outcome));
  assert.doesNotMatch(outcome.stderr, /docker-credential-ecr-login/, describeOutcome(outcome));
  assert.ok(world.registry.refused() > 0, 'the registry was not asked');
  assert.deepEqual(world.registry.authorized(), []);
}
