// Specifies the package as its users get it: packed, installed into a project of theirs, checked by their compiler, and run by
// Node and Bun with the example of docs/library.md. It must not import the program's source.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { startLoopbackAws } from '../support/aws/server.ts';
import { makeHome } from '../support/home.ts';
import { type RunResult, runCommand } from '../support/run.ts';
import { ALICE, HOST, keysOf } from '../support/world.ts';

const root = join(import.meta.dirname, '../..');
const runtimes = [
  { name: 'Node', command: [join(root, 'node_modules/node/bin/node')] },
  { name: 'Bun', command: [join(root, 'node_modules/bun/bin/bun.exe'), 'run'] },
];

/** Answers for the registry, which is nowhere to be reached; every other request goes its way. */
const REGISTRY = `
const original = globalThis.fetch;
globalThis.fetch = async (url, init) => {
  if (String(url) !== 'https://${HOST}/v2/') return original(url, init);
  const [user, password] = atob(init.headers.authorization.replace('Basic ', '')).split(':');
  return new Response('', { status: user === 'AWS' && password.length > 100 ? 200 : 401 });
};
`;

/** A consumer that uses every part of the types. */
const CONSUMER = `
import {
  type CachedToken, CredentialsError, type CredentialsCache, type EcrCredentials, getCredentials, HelperError, type Logger,
} from 'docker-credential-ecr-login';
const cache: CredentialsCache = new Map<string, CachedToken>();
const logger: Logger = console;
const result: EcrCredentials = await getCredentials('host', {
  signal: AbortSignal.timeout(1), cache, logger, env: { A: undefined }, profile: undefined,
});
const text: string = result.password + result.expiresAt.toISOString() + (result.registry.accountId ?? '');
try { await getCredentials(text, { cache: false }); } catch (error) {
  if (error instanceof CredentialsError) { const hint: string = error.hint; console.log(hint); }
  if (error instanceof HelperError && error.problem.kind === 'sso-expired') console.log(error.problem.profile);
}
// @ts-expect-error There is no such option.
await getCredentials('host', { region: 'us-east-1' });
`;

let project = '';

describe('the package as a library', () => {
  before(async () => {
    project = mkdtempSync(join(tmpdir(), 'ecr-login-library-'));
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', type: 'module' }));
    const env = { PATH: process.env.PATH ?? '', HOME: project, npm_config_cache: join(project, '.npm') };
    const options = { env, timeoutMs: 60_000 };
    const pack = ['npm', 'pack', '--ignore-scripts', '--pack-destination', project];
    const packed = await runCommand(pack, { ...options, cwd: root });
    assert.equal(packed.code, 0, packed.stderr);
    const [tarball = ''] = readdirSync(project).filter((name) => name.endsWith('.tgz'));
    const install = ['npm', 'install', '--offline', '--no-audit', '--no-fund', `./${tarball}`];
    const installed = await runCommand(install, { ...options, cwd: project });
    assert.equal(installed.code, 0, installed.stderr);
  });
  after(() => rmSync(project, { recursive: true, force: true }));

  test('holds what it needs and nothing of the source', () => {
    const inside = join(project, 'node_modules/docker-credential-ecr-login');
    for (const file of [
      'bin/docker-credential-ecr-login.js',
      'dist/node/library.js',
      'dist/types/library.d.ts',
    ])
      assert.ok(existsSync(join(inside, file)), file);
    assert.deepEqual(readdirSync(join(inside, 'dist/types')).sort(), ['errors.d.ts', 'library.d.ts']);
    assert.ok(!existsSync(join(inside, 'src')));
    assert.ok(!existsSync(join(project, 'node_modules/@aws-sdk')));
  });

  for (const moduleResolution of ['nodenext', 'bundler'])
    test(`its types are good for a strict compiler: ${moduleResolution}`, async () => {
      writeFileSync(join(project, 'consumer.ts'), CONSUMER);
      const compilerOptions = {
        target: 'es2022',
        lib: ['es2023', 'dom'],
        module: moduleResolution === 'nodenext' ? 'nodenext' : 'esnext',
        moduleResolution,
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        noEmit: true,
        types: [],
      };
      writeFileSync(
        join(project, 'tsconfig.json'),
        JSON.stringify({ compilerOptions, files: ['consumer.ts'] }),
      );
      const compiler = join(root, 'node_modules/typescript/bin/tsc');
      const [node = ''] = runtimes[0]?.command ?? [];
      const result = await runCommand([node, compiler, '--project', 'tsconfig.json'], {
        env: {},
        cwd: project,
        timeoutMs: 60_000,
      });
      assert.deepEqual({ stdout: result.stdout, code: result.code }, { stdout: '', code: 0 });
    });

  for (const { name, command } of runtimes) {
    test(`the example of the documentation: ${name}`, async (t) => {
      const { result, expiresAt } = await runExample(t, command, keysOf(ALICE));
      assert.deepEqual(
        { stdout: result.stdout, stderr: result.stderr, code: result.code },
        { stdout: `environment keys: status 200, good until ${expiresAt}\n`, stderr: '', code: 0 },
      );
    });

    test(`the example without credentials: ${name}`, async (t) => {
      const { result } = await runExample(t, command, {});
      assert.equal(result.stdout, '');
      assert.match(result.stderr, new RegExp(`^${HOST}: no AWS credentials found: .*\nhint: .*\n$`));
      assert.equal(result.code, 0);
    });
  }
});

async function runExample(
  t: TestContext,
  command: readonly string[],
  keys: Readonly<Record<string, string>>,
): Promise<{ result: RunResult; expiresAt: string }> {
  const aws = await startLoopbackAws();
  const home = makeHome();
  t.after(async () => {
    await aws.close();
    home.remove();
  });
  aws.addAccessKey(ALICE);
  const documentation = readFileSync(join(root, 'docs/library.md'), 'utf8');
  const [, example = ''] = /```js\n(import .*?)```/s.exec(documentation) ?? [];
  assert.notEqual(example, '');
  writeFileSync(join(project, 'example.js'), `${REGISTRY}\n${example}`);
  const env = { HOME: home.directory, AWS_EC2_METADATA_DISABLED: 'true', ...aws.environment(), ...keys };
  const result = await runCommand([...command, 'example.js'], { env, cwd: project });
  return { result, expiresAt: new Date(aws.mintedTokens[0]?.expiresAt ?? 0).toISOString() };
}
