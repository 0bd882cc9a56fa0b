// Specifies the kubelet's credential provider as a process: names that it runs under, requests, answers, failures.
// The words of Kubernetes are written out here and not taken from the program.
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type Executable, executables } from '../support/executables.ts';
import { assertOutcome, onlyPassword, operations } from '../support/expect.ts';
import { ask, assertAnswer, assertFailure, requestFor, V1 } from '../support/kubelet.ts';
import { SYSTEM_PATH } from '../support/run.ts';
import { type Env, HOST, openWorld, PUBLIC_HOST, type World } from '../support/world.ts';

const NO_KEYS: Env = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };

/** The executable under the plugin's name. */
function renamed(world: World, how: 'link' | 'copy' | 'path'): { executable: Executable; env: Env } {
  const { executable, home } = world;
  const [script] = executable.prefix;
  const target = script ?? executable.command;
  const name = join(home.directory, 'ecr-credential-provider');
  if (how === 'copy') {
    copyFileSync(target, name);
    chmodSync(name, 0o755);
  } else symlinkSync(target, name);
  const command = how === 'path' ? 'ecr-credential-provider' : name;
  return {
    executable:
      script === undefined ? { ...executable, command, prefix: [] } : { ...executable, prefix: [name] },
    env: how === 'path' ? { PATH: `${home.directory}:${SYSTEM_PATH}` } : {},
  };
}

for (const executable of executables) {
  describe(`kubelet, ${executable.name}`, { concurrency: 2 }, () => {
    const open = (t: TestContext): Promise<World> => openWorld(t, executable);

    test('the answer, to the byte but for its duration', async (t) => {
      const world = await open(t);
      const result = await ask(world, requestFor(`${HOST}/team/app`));
      assert.equal(
        result.stdout.replace(/"5h59m\d\ds"|"6h0m0s"/, '"…"'),
        `{"kind":"CredentialProviderResponse","apiVersion":"${V1}","cacheKeyType":"Registry","cacheDuration":"…","auth":{"${HOST}":{"username":"AWS","password":"${onlyPassword(world)}"}}}\n`,
      );
      assertAnswer(result, HOST, onlyPassword(world));
    });

    for (const how of ['link', 'path', 'copy'] as const)
      test(`under its own name: ${how}`, async (t) => {
        // The script of the npm package looks for its bundle beside it.
        if (how === 'copy' && executable.name === 'npm') return;
        const world = await open(t);
        const plugin = renamed(world, how);
        const own = await openWorld(t, plugin.executable, {
          env: { ...plugin.env, HOME: world.home.directory },
        });
        for (const argv of [[], ['get-credentials', '--v=2']]) {
          const result = await ask(own, requestFor(`${HOST}/app`), {}, argv);
          assertAnswer(result, HOST, onlyPassword(own));
        }
        const version = await own.run(['--version'], {});
        assert.match(version.stdout, /^docker-credential-ecr-login \d/);
      });

    for (const version of ['v1', 'v1beta1', 'v1alpha1'])
      test(`${version} is answered in kind`, async (t) => {
        const world = await open(t);
        const apiVersion = `credentialprovider.kubelet.k8s.io/${version}`;
        const result = await ask(world, requestFor(`${HOST}/app`, { apiVersion }));
        assertAnswer(result, HOST, onlyPassword(world), apiVersion);
      });

    test('fields of a newer kubelet are left alone', async (t) => {
      const world = await open(t);
      const result = await ask(world, requestFor(`${HOST}/app`, { podUid: 'x', nested: { a: [1] } }));
      assertAnswer(result, HOST, onlyPassword(world));
    });

    const images = [
      { image: `${HOST}:443/app`, key: `${HOST}:443` },
      { image: `${HOST.toUpperCase()}/app`, key: HOST.toUpperCase() },
      { image: HOST, key: HOST },
      { image: `${PUBLIC_HOST}/nginx/nginx`, key: PUBLIC_HOST },
      { image: '123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com/a' },
      { image: '123456789012.dkr-ecr.eu-west-1.on.aws/a/b/c' },
      { image: '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/a' },
    ];
    for (const { image, key = image.split('/')[0] ?? '' } of images)
      test(`image ${image}`, async (t) => {
        const world = await open(t);
        const result = await ask(world, requestFor(image));
        assertAnswer(result, key, onlyPassword(world));
      });

    test('a registry rule and a cached token count as they do for get', async (t) => {
      const world = await openWorld(t, executable, {
        files: {
          '.ecr/config.json': JSON.stringify({
            registries: [{ match: 'mirror.test:5000', account: '123456789012', region: 'eu-west-1' }],
          }),
        },
      });
      const image = 'mirror.test:5000/app';
      assertAnswer(await ask(world, requestFor(image)), 'mirror.test:5000', onlyPassword(world));
      assertAnswer(await ask(world, requestFor(image)), 'mirror.test:5000', onlyPassword(world));
      assert.deepEqual(operations(world), ['ecr:GetAuthorizationToken']);
      const { stdout } = await world.get('mirror.test:5000');
      assert.ok(stdout.includes(onlyPassword(world)));
    });

    test('the duration is half of what is left', async (t) => {
      const world = await openWorld(t, executable, { aws: { tokenLifeMs: 20_000 } });
      const { stdout } = await ask(world, requestFor(`${HOST}/app`));
      assert.match(stdout, /"cacheDuration":"(9|8)s"/);
    });

    const refused = [
      { name: 'another kind', stdin: requestFor(HOST, { kind: 'CredentialProviderResponse' }) },
      { name: 'another version', stdin: requestFor(HOST, { apiVersion: `${V1}beta9` }) },
      { name: 'another group', stdin: requestFor(HOST, { apiVersion: 'v1' }) },
      { name: 'an empty image', stdin: requestFor('') },
      { name: 'no JSON', stdin: 'hello' },
      { name: 'nothing', stdin: '' },
    ];
    for (const { name, stdin } of refused)
      test(`refused: ${name}`, async (t) => {
        const world = await open(t);
        assertFailure(await ask(world, stdin), /^docker-credential-ecr-login: kubelet: ./);
        assert.deepEqual(world.aws.requests, []);
      });

    test("an empty image in upstream's words", async (t) => {
      const world = await open(t);
      assertFailure(await ask(world, requestFor('')), 'kubelet: image in plugin request was empty');
    });

    test('not ECR', async (t) => {
      const world = await open(t);
      const result = await ask(world, requestFor('ghcr.io/app'));
      assertFailure(result, 'ghcr.io: "ghcr.io" is not a registry of Amazon ECR');
    });

    for (const host of [HOST, PUBLIC_HOST])
      test(`no credentials for ${host} is a failure, not an empty answer`, async (t) => {
        const world = await open(t);
        assertFailure(await ask(world, requestFor(`${host}/app`), NO_KEYS), /no AWS credentials found/);
      });

    test('no HOME, and nothing else in the environment', async (t) => {
      const world = await open(t);
      const env = { HOME: undefined, PATH: undefined, AWS_ECR_CACHE_DIR: join(world.home.directory, 'c') };
      assertAnswer(await ask(world, requestFor(`${HOST}/app`), env), HOST, onlyPassword(world));
    });

    test('AWS that does not answer', async (t) => {
      const world = await open(t);
      world.aws.fault({ service: 'ecr' }, { kind: 'hang-before-headers' });
      const result = await ask(world, requestFor(`${HOST}/app`), { AWS_ECR_TIMEOUT: '1' });
      assertFailure(result, /timed out after 1 s/);
      assert.ok(result.ms < 5000);
    });

    test('help', async (t) => {
      const world = await open(t);
      for (const argv of [
        ['kubelet', '--help'],
        ['help', 'kubelet'],
      ]) {
        const result = await world.run(argv, { stdinKind: 'hold' });
        assertOutcome(result, { stdout: result.stdout, stderr: '', code: 0 });
        assert.match(result.stdout, /^Usage: docker-credential-ecr-login kubelet /);
      }
    });
  });
}

// Long, so once and for the executable that kubelets are given.
test('the end comes before the kubelet kills it, whatever the limit of a get', {
  timeout: 60_000,
}, async (t) => {
  const [native] = executables;
  assert.ok(native !== undefined);
  const world = await openWorld(t, native);
  world.aws.fault({ service: 'ecr' }, { kind: 'hang-before-headers' });
  const result = await world.run(['kubelet'], {
    stdin: requestFor(`${HOST}/app`),
    env: { AWS_ECR_TIMEOUT: '600' },
    timeoutMs: 58_000,
  });
  assertFailure(result, /timed out after 50 s: answering the kubelet/);
});
