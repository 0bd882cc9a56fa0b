// One credsStore for everything: a real Docker logs in to, pushes to and pulls from a registry that is not ECR's with its
// password in pass(1), through our executable, and pulls from ECR beside it. Set up by `configure --all`, and undone.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { assertSucceeded, assertUsedMintedToken, runDocker } from '../support/containers/client.ts';
import { image, registryHost, startWorld, type World } from '../support/containers/harness.ts';
import type { Home } from '../support/containers/home.ts';
import { makeTar } from '../support/containers/image.ts';
import { dockerClients, systemPath } from '../support/containers/prerequisites.ts';
import { describeOutcome, type Outcome, run } from '../support/containers/run.ts';
import { type Service, startService } from '../support/containers/service.ts';

const USER = 'alice';
const PASSWORD = `canary-${randomBytes(16).toString('hex')}`;

let world: World;
let other: Service;
/** The second registry; Docker speaks plain HTTP to loopback addresses. */
let otherHost: string;

before(async () => {
  for (const [command, debianPackage] of [
    ['/usr/bin/pass', 'pass'],
    ['/usr/bin/gpg', 'gnupg'],
    ['/usr/bin/docker-credential-pass', 'golang-docker-credential-helpers'],
  ] as const)
    if (!existsSync(command))
      throw new Error(`Cannot find ${command}: install the Debian package ${debianPackage}, as .ci/run does`);
  world = await startWorld({ withDaemon: true });
  const port = await freePort();
  otherHost = `127.0.0.1:${port}`;
  other = await startOtherRegistry(world.directory, port);
});

after(async () => {
  await other?.stop();
  await world?.close();
});

for (const [index, cli] of dockerClients.entries()) {
  describe(cli, () => {
    let home: Home;
    const theirs = () => `${otherHost}/team/theirs:${index}`;
    const docker = (args: readonly string[], stdin?: string): Promise<Outcome> =>
      runDocker(world, home, cli, args, stdin);

    before(() => {
      const made = world.home({ awsEnvironment: world.allowed, helperFor: [] });
      home = { ...made, environment: { ...made.environment, ...makePasswordStore(made.directory) } };
      writeFileSync(join(home.directory, 'docker-config/config.json'), '{\n\t"credsStore": "pass"\n}');
    });

    // The agent outlives the commands that start it.
    after(() => execFileSync('gpgconf', ['--kill', 'gpg-agent'], { env: { ...home.environment } }));

    test('configure --all', async (t) => {
      const outcome = assertSucceeded(await helper(home, ['configure', '--all', '--yes']));
      t.diagnostic(outcome.stdout);
      assert.deepEqual(JSON.parse(home.dockerConfig()), { credsStore: 'ecr-login' });
      assert.deepEqual(JSON.parse(readFileSync(join(home.directory, '.ecr/config.json'), 'utf8')), {
        fallback: 'pass',
      });
    });

    test('before the login the other registry lets nobody in', async () => {
      assertSucceeded(await docker(['import', makeTar(home.directory), theirs()]));
      const outcome = await docker(['push', theirs()]);
      assert.notEqual(outcome.code, 0, describeOutcome(outcome));
    });

    test('docker login to the other registry: the password goes into the password store', async () => {
      const login = ['login', '-u', USER, '--password-stdin', otherHost];
      const outcome = assertSucceeded(await docker(login, PASSWORD));
      assert.match(outcome.stdout, /Login Succeeded/);
      assert.doesNotMatch(outcome.stdout + outcome.stderr + home.dockerConfig(), /canary|"auth"/);
      const kept = assertSucceeded(
        await run('docker-credential-pass', ['get'], { ...context(home), stdin: otherHost }),
      );
      assert.deepEqual(JSON.parse(kept.stdout), { ServerURL: otherHost, Username: USER, Secret: PASSWORD });
    });

    test('our executable answers with the bytes of the password store', async () => {
      const ours = await helper(home, ['get'], otherHost);
      const theirs = await run('docker-credential-pass', ['get'], { ...context(home), stdin: otherHost });
      assert.deepEqual([ours.stdout, ours.stderr, ours.code], [theirs.stdout, theirs.stderr, theirs.code]);
      const listed = JSON.parse(assertSucceeded(await helper(home, ['list'], 'unused')).stdout);
      assert.equal(listed[otherHost], USER);
    });

    test('docker push and pull, from the other registry and from ECR', async (t) => {
      assertSucceeded(await docker(['push', theirs()]));
      assertSucceeded(await docker(['image', 'rm', '--force', theirs(), image]));
      assertSucceeded(await docker(['pull', theirs()]));
      assert.match(other.log(), new RegExp(`"auth\\.user\\.name":"${USER}"`));
      assertSucceeded(await docker(['pull', image]));
      assertUsedMintedToken(t, world, home, 'docker pull', {
        userAgent: /^docker\//,
        request: /^GET \/v2\/team\/tiny\/blobs\/sha256:/,
      });
      const listed = JSON.parse(assertSucceeded(await helper(home, ['list'], 'unused')).stdout);
      assert.deepEqual(listed, { [otherHost]: USER, [`https://${registryHost}`]: 'AWS' });
    });

    test('docker login to ECR leaves nothing in the password store', async () => {
      const outcome = assertSucceeded(await docker(['login', registryHost]));
      assert.match(outcome.stdout, /Login Succeeded/);
      const listed = assertSucceeded(await run('docker-credential-pass', ['list'], context(home)));
      assert.deepEqual(JSON.parse(listed.stdout), { [otherHost]: USER });
    });

    test('docker logout: the password store forgets, and the registry lets nobody in', async () => {
      assertSucceeded(await docker(['logout', otherHost]));
      const listed = assertSucceeded(await run('docker-credential-pass', ['list'], context(home)));
      assert.deepEqual(JSON.parse(listed.stdout) ?? {}, {});
      assertSucceeded(await docker(['image', 'rm', '--force', theirs()]));
      const outcome = await docker(['pull', theirs()]);
      assert.notEqual(outcome.code, 0, describeOutcome(outcome));
    });

    test('configure --remove: Docker asks the password store again', async () => {
      assertSucceeded(await helper(home, ['configure', '--remove', '--yes']));
      assert.equal(JSON.parse(home.dockerConfig()).credsStore, 'pass');
      assert.ok(!existsSync(join(home.directory, '.ecr/config.json')));
    });
  });
}

function context(home: Home): { environment: Home['environment']; cwd: string } {
  return { environment: home.environment, cwd: home.directory };
}

function helper(home: Home, args: readonly string[], stdin = ''): Promise<Outcome> {
  return run('docker-credential-ecr-login', args, { ...context(home), stdin });
}

/** A password store of its own, with a key that has no passphrase; the answer is its environment. */
function makePasswordStore(directory: string): Record<string, string> {
  const environment = {
    GNUPGHOME: join(directory, 'gnupg'),
    PASSWORD_STORE_DIR: join(directory, 'password-store'),
  };
  mkdirSync(environment.GNUPGHOME, { mode: 0o700 });
  const env = { PATH: systemPath, HOME: directory, ...environment };
  const key = ['--batch', '--passphrase', '', '--quick-generate-key', 'e2e@example.test'];
  execFileSync('gpg', [...key, 'default', 'default', 'never'], { env, stdio: 'pipe' });
  execFileSync('pass', ['init', 'e2e@example.test'], { env, stdio: 'pipe' });
  return environment;
}

function startOtherRegistry(directory: string, port: number): Promise<Service> {
  const passwords = join(directory, 'other-htpasswd');
  writeFileSync(passwords, execFileSync('htpasswd', ['-niB', '-C', '4', USER], { input: PASSWORD }));
  const configuration = join(directory, 'other-registry.json');
  writeFileSync(
    configuration,
    JSON.stringify({
      version: 0.1,
      log: { level: 'info', formatter: 'json' },
      storage: { filesystem: { rootdirectory: join(directory, 'other-registry') } },
      http: { addr: `127.0.0.1:${port}` },
      auth: { htpasswd: { realm: 'other', path: passwords } },
    }),
  );
  return startService({
    command: 'docker-registry',
    args: ['serve', configuration],
    environment: { PATH: systemPath, HOME: directory, OTEL_TRACES_EXPORTER: 'none' },
    logFile: join(directory, 'other-registry.log'),
    isReady: async () => {
      try {
        return (await fetch(`http://127.0.0.1:${port}/v2/`)).status === 401;
      } catch {
        return false;
      }
    },
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('Cannot find a free port');
  return address.port;
}
