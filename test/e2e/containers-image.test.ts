// Skopeo, Podman and Buildah: one library of theirs runs our executable, and none of them needs a daemon.
// Failures are in failures.test.ts.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import {
  assertSucceeded,
  assertUsedMintedToken,
  getPassword,
  runClient,
} from '../support/containers/client.ts';
import { image, registryHost, startWorld, type World } from '../support/containers/harness.ts';

let world: World;

before(async () => {
  world = await startWorld({ withDaemon: false });
});

after(() => world?.close());

describe('skopeo', () => {
  const userAgent = /skopeo/;

  test('skopeo inspect', async (t) => {
    const home = world.home({ awsEnvironment: world.allowed });
    const outcome = assertSucceeded(await runClient(world, home, ['skopeo', 'inspect', `docker://${image}`]));
    assert.equal(JSON.parse(outcome.stdout).Name, `${registryHost}/team/tiny`);
    assertUsedMintedToken(t, world, home, 'skopeo inspect', {
      userAgent,
      request: /^GET \/v2\/team\/tiny\/manifests\/1$/,
    });
  });

  test('skopeo copy from the registry', async (t) => {
    const home = world.home({ awsEnvironment: world.allowed });
    const target = join(home.directory, 'copy');
    assertSucceeded(await runClient(world, home, ['skopeo', 'copy', `docker://${image}`, `dir:${target}`]));
    assert.equal(JSON.parse(readFileSync(join(target, 'manifest.json'), 'utf8')).layers.length, 1);
    assertUsedMintedToken(t, world, home, 'skopeo copy from the registry', {
      userAgent,
      request: /^GET \/v2\/team\/tiny\/blobs\/sha256:/,
    });
  });

  test('skopeo copy within the registry', async (t) => {
    const home = world.home({ awsEnvironment: world.allowed });
    const target = `docker://${registryHost}/team/copied:1`;
    assertSucceeded(await runClient(world, home, ['skopeo', 'copy', `docker://${image}`, target]));
    assertUsedMintedToken(t, world, home, 'skopeo copy within the registry', {
      userAgent,
      request: /^PUT \/v2\/team\/copied\/manifests\/1$/,
    });
  });

  test('the helper named in registries.conf instead of auth.json', async (t) => {
    const home = world.home({
      awsEnvironment: world.allowed,
      helperFor: [],
      registriesConfiguration: 'credential-helpers = ["containers-auth.json", "ecr-login"]\n',
    });
    assertSucceeded(await runClient(world, home, ['skopeo', 'inspect', `docker://${image}`]));
    assertUsedMintedToken(t, world, home, 'skopeo inspect by registries.conf', {
      userAgent,
      request: /^GET \/v2\/team\/tiny\/manifests\/1$/,
    });
  });
});

describe('podman', () => {
  test('podman pull', async (t) => {
    const home = world.home({ awsEnvironment: world.allowed });
    assertSucceeded(await runClient(world, home, ['podman', 'pull', image]));
    assertUsedMintedToken(t, world, home, 'podman pull', {
      userAgent: /containers|libpod|podman/,
      request: /^GET \/v2\/team\/tiny\/blobs\/sha256:/,
    });
  });
});

describe('buildah', () => {
  for (const command of ['pull', 'from']) {
    test(`buildah ${command}`, async (t) => {
      const home = world.home({ awsEnvironment: world.allowed });
      assertSucceeded(await runClient(world, home, ['buildah', command, image]));
      assertUsedMintedToken(t, world, home, `buildah ${command}`, {
        userAgent: /buildah/i,
        request: /^GET \/v2\/team\/tiny\/blobs\/sha256:/,
      });
    });
  }
});

for (const program of ['podman', 'skopeo', 'buildah']) {
  describe(`${program} login and logout`, () => {
    test('login without credentials finds those of the helper', async (t) => {
      const home = world.home({ awsEnvironment: world.allowed });
      const before = home.authFile();
      const outcome = assertSucceeded(await runClient(world, home, [program, 'login', registryHost]));
      assert.match(outcome.stdout, /Existing credentials are valid/);
      assert.equal(home.authFile(), before);
      assertUsedMintedToken(t, world, home, `${program} login`, {
        userAgent: /./,
        request: /^GET \/v2\/$/,
      });
    });

    test('login -u AWS --password-stdin', async (t) => {
      const home = world.home({ awsEnvironment: world.allowed });
      const before = home.authFile();
      const login = [program, 'login', '-u', 'AWS', '--password-stdin', registryHost] as const;
      const outcome = assertSucceeded(await runClient(world, home, login, await getPassword(home)));
      assert.match(outcome.stdout, /Login Succeeded/);
      assert.equal(home.authFile(), before);
      assertUsedMintedToken(t, world, home, `${program} login --password-stdin`, {
        userAgent: /./,
        request: /^GET \/v2\/$/,
      });
    });

    test('logout forgets the token', async () => {
      const home = world.home({ awsEnvironment: world.allowed });
      const first = await getPassword(home);
      assert.equal(await getPassword(home), first);
      assertSucceeded(await runClient(world, home, [program, 'logout', registryHost]));
      assert.notEqual(await getPassword(home), first);
    });
  });
}
