// Every Docker command that authenticates, with a real daemon and a real registry, for each Docker CLI of the machine.
// Failures are in docker-failures.test.ts, the other builds of the program in executables.test.ts.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import {
  assertSucceeded,
  assertUsedMintedToken,
  getPassword,
  newestToken,
  runDocker,
} from '../support/containers/client.ts';
import { image, registryHost, startWorld, type World } from '../support/containers/harness.ts';
import { makeTar } from '../support/containers/image.ts';
import { dockerClients } from '../support/containers/prerequisites.ts';

let world: World;

before(async () => {
  world = await startWorld({ withDaemon: true });
});

after(() => world?.close());

test('a Docker CLI is there', async (t) => {
  assert.notDeepEqual(dockerClients, []);
  for (const cli of dockerClients) {
    const { stdout } = assertSucceeded(await runDocker(world, world.home(), cli, ['--version']));
    t.diagnostic(`${cli}: ${stdout.trim()}`);
  }
});

for (const [index, cli] of dockerClients.entries()) {
  describe(cli, () => {
    test('docker push', async (t) => {
      const home = world.home({ awsEnvironment: world.allowed });
      const pushed = `${registryHost}/team/pushed:${index}`;
      assertSucceeded(await runDocker(world, home, cli, ['import', makeTar(home.directory), pushed]));
      assertSucceeded(await runDocker(world, home, cli, ['push', pushed]));
      assertUsedMintedToken(t, world, home, 'docker push', {
        userAgent: /^docker\//,
        request: new RegExp(`^PUT /v2/team/pushed/manifests/${index}$`),
      });
    });

    test('docker login without -u and -p gets the token, and store accepts it back', async (t) => {
      const home = world.home({ awsEnvironment: world.allowed });
      const before = JSON.parse(home.dockerConfig());
      const outcome = assertSucceeded(await runDocker(world, home, cli, ['login', registryHost]));
      assert.match(outcome.stdout, /Login Succeeded/);
      assertConfigKeepsNothing(before, JSON.parse(home.dockerConfig()));
      assertUsedMintedToken(t, world, home, 'docker login', {
        userAgent: /^docker\//,
        request: /^GET \/v2\/$/,
      });
    });

    test('docker login -u AWS --password-stdin', async (t) => {
      const home = world.home({ awsEnvironment: world.allowed });
      const before = JSON.parse(home.dockerConfig());
      const password = await getPassword(home);
      const login = ['login', '-u', 'AWS', '--password-stdin', registryHost];
      const outcome = assertSucceeded(await runDocker(world, home, cli, login, password));
      assert.match(outcome.stdout, /Login Succeeded/);
      assert.doesNotMatch(outcome.stderr, /stored unencrypted/);
      assertConfigKeepsNothing(before, JSON.parse(home.dockerConfig()));
      assertUsedMintedToken(t, world, home, 'docker login --password-stdin', {
        userAgent: /^docker\//,
        request: /^GET \/v2\/$/,
      });
    });

    test('docker pull, and a second one from the cache', async (t) => {
      const home = world.home({ awsEnvironment: world.allowed });
      const minted = world.minted.length;
      await removeImage(home);
      assertSucceeded(await runDocker(world, home, cli, ['pull', image]));
      assertUsedMintedToken(t, world, home, 'docker pull', {
        userAgent: /^docker\//,
        request: /^GET \/v2\/team\/tiny\/blobs\/sha256:/,
      });
      await removeImage(home);
      assertSucceeded(await runDocker(world, home, cli, ['pull', image]));
      assert.equal(world.minted.length, minted + 1);
    });

    test('docker create', async (t) => {
      const home = world.home({ awsEnvironment: world.allowed });
      await removeImage(home);
      const outcome = assertSucceeded(await runDocker(world, home, cli, ['create', image, '/hello']));
      const container = outcome.stdout.trim();
      assertSucceeded(await runDocker(world, home, cli, ['container', 'rm', container]));
      assertUsedMintedToken(t, world, home, 'docker create', {
        userAgent: /^docker\//,
        request: /^GET \/v2\/team\/tiny\/blobs\/sha256:/,
      });
    });

    test('docker manifest inspect', async (t) => {
      const home = world.home({ awsEnvironment: world.allowed });
      const outcome = assertSucceeded(await runDocker(world, home, cli, ['manifest', 'inspect', image]));
      assert.equal(JSON.parse(outcome.stdout).schemaVersion, 2);
      // This command asks the registry itself instead of the daemon.
      assertUsedMintedToken(t, world, home, 'docker manifest inspect', {
        userAgent: /docker/i,
        request: /^GET \/v2\/team\/tiny\/manifests\/1$/,
      });
    });

    test('docker logout forgets the token', async () => {
      const home = world.home({ awsEnvironment: world.allowed });
      const first = await getPassword(home);
      assert.equal(await getPassword(home), first);
      const outcome = assertSucceeded(await runDocker(world, home, cli, ['logout', registryHost]));
      assert.doesNotMatch(outcome.stdout + outcome.stderr, /could not erase/i);
      assert.notEqual(await getPassword(home), first);
      assert.equal(newestToken(world).password, await getPassword(home));
    });

    async function removeImage(home: ReturnType<World['home']>): Promise<void> {
      assertSucceeded(await runDocker(world, home, cli, ['image', 'rm', '--force', image]));
    }
  });
}

// Docker itself notes the name of a registry that it logged in to; there must be nothing behind the name.
function assertConfigKeepsNothing(before: object, after: { readonly auths?: object }): void {
  const { auths = {}, ...rest } = after;
  assert.deepEqual(rest, before);
  for (const entry of Object.values(auths)) assert.deepEqual(entry, {});
}
