// Owns the promise that the working directory says nothing: Docker runs us inside whatever repository a person has cloned.
// Every command is observed in a clean directory and in one full of traps, and every trap by itself. The traps are a table.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type Executable, executables } from '../support/executables.ts';
import { type Files, makeHome } from '../support/home.ts';
import { SYSTEM_PATH } from '../support/run.ts';
import { foreignPassword, storeMessage } from '../support/stored.ts';
import {
  ALICE,
  BOB,
  type Env,
  HOST,
  keysOf,
  keysProfile,
  openWorld,
  PUBLIC_HOST,
  SENTINEL,
  type World,
} from '../support/world.ts';
import { hostileFiles, type Trap } from './tables/hostile-files.ts';

const NO_KEYS: Env = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
const KUBELET = `{"kind":"CredentialProviderRequest","apiVersion":"credentialprovider.kubelet.k8s.io/v1","image":"${HOST}/app"}`;
const FOREIGN = foreignPassword();

/** What is done in each directory, in this order: the cache is cold at first, warm later. */
const DEEDS: readonly (readonly [argv: readonly string[], stdin?: string, env?: Env])[] = [
  [['version']],
  [['version', '--json']],
  [['get'], HOST],
  [['get'], HOST],
  [['list'], 'unused'],
  [['get'], PUBLIC_HOST],
  [['get'], 'ghcr.io'],
  [['get'], 'ghcr.io', { AWS_ECR_FALLBACK: 'pass' }],
  [['get'], HOST, { AWS_PROFILE: 'evil', ...NO_KEYS }],
  [['get'], HOST, { AWS_PROFILE: 'bob', ...NO_KEYS }],
  [['get'], HOST, { AWS_PROFILE: 'command', ...NO_KEYS }],
  [['token', HOST]],
  [['login', HOST]],
  [['kubelet'], KUBELET],
  [['doctor']],
  // The registry itself is out of reach: the proxy is a closed port.
  [['doctor', `${HOST}/app`], '', { HTTPS_PROXY: 'http://127.0.0.1:9' }],
  [['configure', HOST, '--dry-run']],
  [['store'], storeMessage(FOREIGN)],
  [['erase'], HOST],
  [['list'], 'unused'],
  [['no-such-command']],
];

const HOME_FILES: Files = {
  '.aws/credentials': keysProfile('bob', BOB),
  '.aws/config': `[profile command]\ncredential_process = aws-keys\n`,
};

/** A world with a server that nobody must ask, a mark that nobody must make, and a place for repositories. */
async function openTrap(t: TestContext, executable: Executable, env: Env = {}) {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => void server.close());
  const world = await openWorld(t, executable, { files: HOME_FILES, env });
  const directory = makeHome();
  t.after(() => directory.remove());
  const marker = join(directory.directory, 'marker');
  const trap: Trap = { marker, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  const plant = (name: string, files: Files): string => {
    const cwd = join(directory.directory, name);
    mkdirSync(cwd);
    for (const [path, content] of Object.entries(files)) directory.write(join(name, path), content);
    return cwd;
  };
  const assertUntouched = (name: string): void => {
    assert.ok(!readdirSync(directory.directory).includes('marker'), `${name}: planted code has run`);
    assert.equal(asked, 0, `${name}: the planted server was asked`);
  };
  return { world, trap, plant, assertUntouched };
}

/** All that a deed leaves on the streams and asks of AWS, with what is new each time taken out. */
async function observe(world: World, cwd: string, deeds = DEEDS, changes: Env = {}): Promise<string[]> {
  rmSync(join(world.home.directory, '.ecr'), { recursive: true, force: true });
  const seen: string[] = [];
  for (const [argv, stdin = '', env] of deeds) {
    const from = world.aws.requests.length;
    const { stdout, stderr, code, signal } = await world.run(argv, {
      stdin,
      cwd,
      env: { ...env, ...changes },
      mayAnswer: ['get', 'token', 'kubelet'].includes(argv[0] ?? ''),
    });
    const asked = world.aws.requests
      .slice(from)
      .map(({ service, operation, identity }) => `${service}:${operation} as ${identity}`);
    const text = world.secrets.passwords
      .reduce((all, password) => all.replaceAll(password, '<password>'), `${stdout}|${stderr}`)
      .replace(/\d{4}-\d\d-\d\d[ T][\d:.]+/g, '<time>')
      .replace(/"cacheDuration":"[^"]*"/, '<duration>');
    seen.push(`${argv.join(' ')} (${stdin.slice(0, 20)}) → ${code} ${signal} ${asked.join(', ')}\n${text}`);
  }
  return seen;
}

for (const executable of executables) {
  describe(`hostile working directory, ${executable.name}`, { concurrency: 2 }, () => {
    test('every command: the same bytes and the same requests as in a clean directory', async (t) => {
      const { world, trap, plant, assertUntouched } = await openTrap(t, executable);
      const clean = await observe(world, plant('clean', {}));
      assert.match(clean[2] ?? '', /→ 0 null ecr:GetAuthorizationToken as \S+alice/);
      assert.match(clean[3] ?? '', /→ 0 null \n/);
      assert.match(clean[9] ?? '', /→ 0 null ecr:GetAuthorizationToken as \S+bob/);
      const hostile = await observe(world, plant('hostile', hostileFiles(trap)));
      assert.deepEqual(hostile, clean);
      assertUntouched('all');
    });

    test('each trap by itself: the same cold get', async (t) => {
      const { world, trap, plant, assertUntouched } = await openTrap(t, executable);
      const deeds: typeof DEEDS = [[['get'], HOST]];
      const clean = await observe(world, plant('clean', {}), deeds);
      const rows = Object.entries(hostileFiles(trap));
      for (const [index, [path, content]] of rows.entries()) {
        const cwd = plant(`repository-${index}`, { [path]: content });
        const before = readdirSync(cwd, { recursive: true }).length;
        assert.deepEqual(await observe(world, cwd, deeds), clean, path);
        assert.equal(readdirSync(cwd, { recursive: true }).length, before, `${path}: something was written`);
        assertUntouched(path);
      }
      t.diagnostic(`${rows.length} planted files`);
    });

    for (const path of ['.', '', 'bin', './bin:bin/../bin:..'])
      test(`a PATH that begins with ${JSON.stringify(path)} runs nothing from the directory`, async (t) => {
        const { world, trap, plant, assertUntouched } = await openTrap(t, executable);
        const deeds = DEEDS.filter(([[verb]]) => !['version', 'store', 'erase', 'list'].includes(verb ?? ''));
        const changes = { PATH: `${path}:${SYSTEM_PATH}` };
        const clean = await observe(world, plant('clean', {}), deeds, changes);
        assert.deepEqual(await observe(world, plant('hostile', hostileFiles(trap)), deeds, changes), clean);
        assertUntouched(path);
      });

    test('a home, a cache and settings that are relative are not looked for there', async (t) => {
      const { world, trap, plant, assertUntouched } = await openTrap(t, executable);
      const cwd = plant('hostile', hostileFiles(trap));
      const count = readdirSync(cwd, { recursive: true }).length;
      const found: readonly (readonly [env: Env, isServed: boolean])[] = [
        [{ HOME: '.' }, true],
        [{ HOME: '.', ...NO_KEYS }, false],
        [{ HOME: '', ...NO_KEYS, AWS_ECR_DISABLE_CACHE: '1', AWS_ECR_LOG_LEVEL: 'off' }, false],
        [{ XDG_CONFIG_HOME: '.' }, true],
        [{ AWS_ECR_CONFIG_FILE: '.ecr/config.json' }, false],
        [{ AWS_ECR_CACHE_DIR: '.ecr' }, false],
        [{ AWS_ECR_FALLBACK: './docker-credential-pass' }, false],
      ];
      for (const [env, isServed] of found) {
        const { stdout } = await world.run(['get'], { stdin: HOST, cwd, env });
        assert.equal(stdout !== SENTINEL, isServed, JSON.stringify(env));
      }
      assert.equal(readdirSync(cwd, { recursive: true }).length, count, 'something was written');
      assertUntouched('relative settings');
    });

    // As in every program that uses an AWS SDK, and as a person who writes such a value means it. SECURITY.md says so.
    test('relative paths in the variables of AWS tools are relative to the working directory', async (t) => {
      const { world, plant } = await openTrap(t, executable);
      const cwd = plant('project', { 'aws/credentials': keysProfile('default', BOB) });
      const env = { ...NO_KEYS, AWS_SHARED_CREDENTIALS_FILE: 'aws/credentials' };
      await world.run(['get'], { stdin: HOST, cwd, env });
      assert.deepEqual(
        world.aws.requests.map(({ identity }) => identity),
        [BOB.arn],
      );
      await world.run(['get'], { stdin: HOST, cwd, env: { ...env, ...keysOf(ALICE) } });
      assert.equal(world.aws.requests[1]?.identity, ALICE.arn);
    });
  });
}
