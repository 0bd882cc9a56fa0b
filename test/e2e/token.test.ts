// Every form of `token`, taken by the tool that it is made for, by the command lines of the documentation: Docker, Podman and
// Skopeo log in and pull, curl asks the registry and the Docker Engine. No credential helper is configured anywhere here.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { assertSucceeded, assertUsedMintedToken } from '../support/containers/client.ts';
import { image, registryHost, startWorld, type World } from '../support/containers/harness.ts';
import type { Home } from '../support/containers/home.ts';
import { trustFolder } from '../support/containers/names.ts';
import { dockerClients } from '../support/containers/prerequisites.ts';
import { describeOutcome, type Outcome, run } from '../support/containers/run.ts';

const TOKEN = 'docker-credential-ecr-login token';
const BLOB = { request: /^GET \/v2\/team\/tiny\/blobs\/sha256:/ };

let world: World;

before(async () => {
  world = await startWorld({ withDaemon: true });
});

after(() => world?.close());

// With no entry in the file at all Docker would take the password store for its own.
function homeWithoutHelper(): Home {
  const auths = { 'registry.example.com': { auth: btoa('someone:else') } };
  return world.home({ awsEnvironment: world.allowed, helperFor: [], auths });
}

/** A script of a shell that stops at the first failure, with what the command lines below name. */
function shell(home: Home, script: string, docker = 'docker'): Promise<Outcome> {
  const environment = {
    ...home.environment,
    registry: registryHost,
    image,
    docker,
    DOCKER_HOST: world.dockerHost(),
    CURL_CA_BUNDLE: join(world.directory, trustFolder, 'ca.crt'),
  };
  return run('bash', ['--norc', '-euo', 'pipefail', '-c', script], { environment, cwd: home.directory });
}

async function assertRefusedWithout(home: Home, script: string, docker?: string): Promise<void> {
  world.registry.acceptNobody();
  const outcome = await shell(home, script, docker);
  assert.notEqual(outcome.code, 0, describeOutcome(outcome));
}

for (const cli of dockerClients)
  describe(cli, () => {
    const docker = { userAgent: /^docker\// };

    test('password: docker login --password-stdin, and a pull with it', async (t) => {
      const home = homeWithoutHelper();
      const pull = '$docker image rm --force $image; $docker pull $image';
      await assertRefusedWithout(home, pull, cli);
      const login = `${TOKEN} $registry | $docker login --username AWS --password-stdin $registry`;
      assert.match(assertSucceeded(await shell(home, login, cli)).stdout, /Login Succeeded/);
      assertSucceeded(await shell(home, pull, cli));
      assertUsedMintedToken(t, world, home, 'docker pull after docker login', { ...docker, ...BLOB });
    });

    test('docker-config: docker pull with it as DOCKER_CONFIG', async (t) => {
      const home = homeWithoutHelper();
      const pull =
        '$docker image rm --force $image; mkdir -p made; %; DOCKER_CONFIG=$PWD/made $docker pull $image';
      await assertRefusedWithout(home, pull.replace('%', 'true'), cli);
      const make = `${TOKEN} --format docker-config $registry > made/config.json`;
      assertSucceeded(await shell(home, pull.replace('%', make), cli));
      assertUsedMintedToken(t, world, home, 'docker pull with a DOCKER_CONFIG', { ...docker, ...BLOB });
    });
  });

for (const [name, pull, userAgent] of [
  ['skopeo', 'skopeo copy docker://$image dir:copy-$RANDOM', /skopeo/],
  ['podman', 'podman image rm --force $image; podman pull $image', /containers|libpod|podman/],
  ['buildah', 'buildah pull --policy always $image', /buildah/i],
] as const)
  describe(name, () => {
    const withFile = (script: string): string => `export REGISTRY_AUTH_FILE=$PWD/made.json; ${script}`;

    test('password: login --password-stdin, and a pull with it', async (t) => {
      const home = homeWithoutHelper();
      await assertRefusedWithout(home, withFile(pull));
      const login = `${TOKEN} $registry | ${name} login --username AWS --password-stdin $registry`;
      assert.match(assertSucceeded(await shell(home, withFile(login))).stdout, /Login Succeeded/);
      assertSucceeded(await shell(home, withFile(pull)));
      assertUsedMintedToken(t, world, home, `${name} after login`, { userAgent, ...BLOB });
    });

    test('docker-config: a pull with it as --authfile', async (t) => {
      const home = homeWithoutHelper();
      const make = `${TOKEN} --format docker-config $registry > made.json`;
      const withOption = pull.replace(/skopeo copy|podman pull|buildah pull/, '$& --authfile made.json');
      assertSucceeded(await shell(home, `${make}; ${withOption}`));
      assertUsedMintedToken(t, world, home, `${name} --authfile`, { userAgent, ...BLOB });
    });

    test('env: login with the variables', async (t) => {
      const home = homeWithoutHelper();
      const script = withFile(
        `export $(${TOKEN} --format env $registry); printf %s "$ECR_PASSWORD" | ${name} login --username "$ECR_USERNAME" --password-stdin "$ECR_REGISTRY"; date --date="$ECR_EXPIRES_AT" +%s`,
      );
      const { stdout } = assertSucceeded(await shell(home, script));
      assert.ok(Number(stdout.trim().split('\n').at(-1)) * 1000 > Date.now());
      assertUsedMintedToken(t, world, home, `${name} login`, { userAgent: /./, request: /^GET \/v2\/$/ });
    });
  });

describe('curl', () => {
  test('basic: the registry answers', async (t) => {
    const home = homeWithoutHelper();
    const status =
      "--silent --show-error --output /dev/null --write-out '%{http_code}' https://$registry/v2/";
    assert.equal(assertSucceeded(await shell(home, `curl ${status}`)).stdout, '401');
    const asked = `curl -H "Authorization: Basic $(${TOKEN} -f basic $registry)" ${status}`;
    assert.equal(assertSucceeded(await shell(home, asked)).stdout, '200');
    assertUsedMintedToken(t, world, home, 'curl', { userAgent: /^curl\//, request: /^GET \/v2\/$/ });
  });

  test('x-registry-auth: the Docker Engine pulls', async (t) => {
    const home = homeWithoutHelper();
    const pull = (header: string): string =>
      `docker image rm --force $image >&2; curl --silent --show-error --fail-with-body --unix-socket "\${DOCKER_HOST#unix://}" ${header} -X POST "http://docker/images/create?fromImage=$registry/team/tiny&tag=1"`;
    world.registry.acceptNobody();
    const refused = await shell(home, pull(''));
    assert.ok(!refused.stdout.includes('Downloaded'), describeOutcome(refused));
    assert.ok(world.registry.refused() > 0, 'the registry was not asked');
    const header = `-H "X-Registry-Auth: $(${TOKEN} -f x-registry-auth $registry)"`;
    const { stdout } = assertSucceeded(await shell(home, pull(header)));
    assert.match(stdout, /Downloaded newer image/);
    assertUsedMintedToken(t, world, home, 'the Docker Engine', { userAgent: /^docker\//, ...BLOB });
  });
});
