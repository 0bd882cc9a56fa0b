// What `configure` writes is what the real clients read: Docker, Podman, Skopeo and Buildah pull with it and not without it,
// and Docker's own rewriting of the file keeps what `--remove` has to find.

import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import {
  assertSucceeded,
  assertUsedMintedToken,
  runClient,
  runDocker,
} from '../support/containers/client.ts';
import { image, registryHost, startWorld, type World } from '../support/containers/harness.ts';
import type { Home } from '../support/containers/home.ts';
import { dockerClients } from '../support/containers/prerequisites.ts';
import { describeOutcome, type Outcome, run } from '../support/containers/run.ts';

let world: World;

before(async () => {
  world = await startWorld({ withDaemon: true });
});

after(() => world?.close());

for (const cli of dockerClients) {
  test(`${cli} pulls after configure, and not after --remove`, async (t) => {
    const home = emptyHome();
    const config = join(home.directory, 'docker-config/config.json');
    const pull = async (): Promise<Outcome> => {
      assertSucceeded(await runDocker(world, home, cli, ['image', 'rm', '--force', image]));
      return runDocker(world, home, cli, ['pull', image]);
    };
    writeFileSync(config, '{\n\t"experimental": "disabled"\n}');
    assertFailed(await pull());
    assertSucceeded(await configure(home, registryHost, '--yes'));
    assertSucceeded(await pull());
    assertUsedMintedToken(t, world, home, 'docker pull', {
      userAgent: /^docker\//,
      request: /^GET \/v2\/team\/tiny\/blobs\/sha256:/,
    });
    // `docker login` writes the whole file anew, in an order of its own.
    assertSucceeded(await runDocker(world, home, cli, ['login', registryHost]));
    assertSucceeded(await configure(home, '--remove', '--yes'));
    const { auths, ...rest } = JSON.parse(home.dockerConfig());
    assert.deepEqual(rest, { experimental: 'disabled' });
    assertFailed(await pull());
  });
}

for (const [name, command] of [
  ['skopeo', ['skopeo', 'inspect', `docker://${image}`]],
  ['podman', ['podman', 'pull', image]],
  ['buildah', ['buildah', 'pull', '--policy', 'always', image]],
] as const) {
  test(`${name} pulls after configure --podman, from the lasting auth.json, and not after --remove`, async (t) => {
    const given = emptyHome();
    const { REGISTRY_AUTH_FILE, ...environment } = given.environment;
    assert.ok(REGISTRY_AUTH_FILE);
    // Docker's own file is read too, and must not be what helps here.
    const docker = join(given.directory, 'other-docker');
    const home: Home = { ...given, environment };
    assertFailed(await runClient(world, home, command));
    assertSucceeded(await configure(home, registryHost, '--podman', '--docker-config', docker, '--yes'));
    assert.ok(existsSync(join(home.directory, '.config/containers/auth.json')));
    assertSucceeded(await runClient(world, home, command));
    assertUsedMintedToken(t, world, home, name, {
      userAgent: /containers\/|skopeo|Buildah|libpod|podman/i,
      request: /^GET \/v2\/team\/tiny\//,
    });
    assertSucceeded(await configure(home, '--remove', '--docker-config', docker, '--yes'));
    assert.ok(!existsSync(join(home.directory, '.config/containers/auth.json')) && !existsSync(docker));
    assertFailed(await runClient(world, home, command));
  });
}

function emptyHome(): Home {
  return world.home({ awsEnvironment: world.allowed, helperFor: [] });
}

function configure(home: Home, ...args: string[]): Promise<Outcome> {
  const options = { environment: home.environment, cwd: home.directory };
  return run('docker-credential-ecr-login', ['configure', ...args], options);
}

function assertFailed(outcome: Outcome): void {
  assert.notEqual(outcome.code, 0, describeOutcome(outcome));
}
