// Specifies `token` as a process: every form read back by what it is made for, all or nothing.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { executables } from '../support/executables.ts';
import { assertOutcome, onlyPassword } from '../support/expect.ts';
import { type RunResult, runCommand, SYSTEM_PATH } from '../support/run.ts';
import { type Env, HOST, openWorld, PUBLIC_HOST, type World } from '../support/world.ts';

const NO_KEYS: Env = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
const EU_HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

function token(world: World, argv: readonly string[], env: Env = {}): Promise<RunResult> {
  return world.run(['token', ...argv], { env, mayAnswer: true });
}

function assertPrinted(result: RunResult): string {
  assertOutcome(result, { stdout: result.stdout, stderr: '', code: 0 });
  assert.match(result.stdout, /[^\n]\n$/);
  return result.stdout;
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString();
}

for (const executable of executables) {
  describe(`token, ${executable.name}`, { concurrency: 2 }, () => {
    const open = (t: TestContext): Promise<World> => openWorld(t, executable);

    for (const argv of [[HOST], ['--format', 'password', `https://${HOST}/v2/`]])
      test(`password: ${argv.join(' ')}`, async (t) => {
        const world = await open(t);
        const stdout = assertPrinted(await token(world, argv));
        assert.equal(stdout, `${onlyPassword(world)}\n`);
      });

    test('basic', async (t) => {
      const world = await open(t);
      const stdout = assertPrinted(await token(world, ['-f', 'basic', HOST]));
      assert.equal(fromBase64(stdout), `AWS:${onlyPassword(world)}`);
    });

    test('json, a line for each registry in their order', async (t) => {
      const world = await open(t);
      const stdout = assertPrinted(await token(world, ['-f', 'json', EU_HOST, `${HOST}:443`, PUBLIC_HOST]));
      const lines = stdout.trimEnd().split('\n');
      const rows = lines.map((line): unknown => JSON.parse(line));
      const minted = (service: string, region: string): { password: string; expiresAt: string } => {
        const found = world.aws.mintedTokens.find(
          (each) => each.service === service && each.region === region,
        );
        assert.ok(found !== undefined);
        return { password: found.password, expiresAt: new Date(found.expiresAt).toISOString() };
      };
      const username = 'AWS';
      assert.deepEqual(rows, [
        { registry: EU_HOST, username, ...minted('ecr', 'eu-west-1') },
        { registry: `${HOST}:443`, username, ...minted('ecr', 'us-east-1') },
        { registry: PUBLIC_HOST, username, ...minted('ecr-public', 'us-east-1') },
      ]);
    });

    test('docker-config', async (t) => {
      const world = await open(t);
      const stdout = assertPrinted(await token(world, ['-f', 'docker-config', HOST, EU_HOST]));
      const { auths } = JSON.parse(stdout) as { auths: Record<string, { auth: string }> };
      assert.deepEqual(Object.keys(auths), [HOST, EU_HOST]);
      for (const { auth } of Object.values(auths))
        assert.ok(world.secrets.passwords.includes(fromBase64(auth).replace(/^AWS:/, '')));
    });

    test('k8s-secret', async (t) => {
      const world = await open(t);
      const argv = ['-f', 'k8s-secret', '--name', 'pull.ecr', '--namespace', 'apps', HOST, EU_HOST];
      const stdout = assertPrinted(await token(world, argv));
      const [, content = ''] = /^ {2}\.dockerconfigjson: (\S+)$/m.exec(stdout) ?? [];
      const [, expiresAt = ''] = /expires-at: "(.*)"/.exec(stdout) ?? [];
      assert.ok(Math.abs(Date.parse(expiresAt) - Date.now() - 12 * 3_600_000) < 60_000);
      assert.equal(
        stdout,
        `apiVersion: v1
kind: Secret
metadata:
  name: "pull.ecr"
  namespace: "apps"
  annotations:
    docker-credential-ecr-login/expires-at: "${expiresAt}"
type: kubernetes.io/dockerconfigjson
data:
  .dockerconfigjson: ${content}
`,
      );
      const { auths } = JSON.parse(fromBase64(content)) as {
        auths: Record<string, { username: string; password: string; auth: string }>;
      };
      assert.deepEqual(Object.keys(auths), [HOST, EU_HOST]);
      for (const { username, password, auth } of Object.values(auths)) {
        assert.ok(world.secrets.passwords.includes(password));
        assert.equal(fromBase64(auth), `${username}:${password}`);
      }
    });

    test('x-registry-auth is padded base64url, as Go decodes it', async (t) => {
      const world = await open(t);
      const text = assertPrinted(await token(world, ['-f', 'x-registry-auth', HOST])).trimEnd();
      assert.match(text, /^[A-Za-z0-9_-]+={0,2}$/);
      assert.equal(text.length % 4, 0);
      assert.deepEqual(JSON.parse(Buffer.from(text, 'base64url').toString()), {
        username: 'AWS',
        password: onlyPassword(world),
        serveraddress: HOST,
      });
    });

    test('env, read by a shell', async (t) => {
      const world = await open(t);
      const stdout = assertPrinted(await token(world, ['-f', 'env', HOST]));
      const script = `set -a; ${stdout} env | sort | grep ^ECR_`;
      const shell = await runCommand(['/bin/sh', '-c', script], {
        env: { PATH: SYSTEM_PATH },
        cwd: world.home.directory,
      });
      const expected = stdout.trimEnd().split('\n').sort();
      assert.deepEqual(shell.stdout.trimEnd().split('\n'), expected);
      assert.ok(expected.includes(`ECR_PASSWORD=${onlyPassword(world)}`));
    });

    test('one failure, and nothing is printed', async (t) => {
      const world = await open(t);
      const result = await token(world, ['-f', 'json', HOST, 'ghcr.io']);
      assertOutcome(result, {
        stdout: '',
        stderr:
          'docker-credential-ecr-login: ghcr.io: "ghcr.io" is not a registry of Amazon ECR\nhint: name its host, such as 123456789012.dkr.ecr.us-east-1.amazonaws.com, or map the host in the config file\n',
        code: 1,
      });
    });

    for (const host of [HOST, PUBLIC_HOST])
      test(`no credentials for ${host}`, async (t) => {
        const world = await open(t);
        const result = await token(world, [host], NO_KEYS);
        assertOutcome(result, { stdout: '', stderr: result.stderr, code: 1 });
        assert.match(
          result.stderr,
          new RegExp(`^docker-credential-ecr-login: ${host}: no AWS credentials found: .*\nhint: .*\n$`),
        );
      });

    test('help with examples', async (t) => {
      const world = await open(t);
      const { stdout, code } = await world.run(['token', '--help']);
      assert.equal(code, 0);
      for (const format of [
        'password',
        'basic',
        'json',
        'docker-config',
        'k8s-secret',
        'x-registry-auth',
        'env',
      ])
        assert.match(stdout, new RegExp(`^ {2}${format} +\\S`, 'm'));
      assert.match(stdout, /\nExamples:\n {2}\$ docker-credential-ecr-login token /);
    });
  });
}
