// Owns what variables that are meant for runtimes do to us: no code, no noise, no files, and no word of a secret whatever else
// happens. What a runtime does before our first line is a fact of the table, and stands in SECURITY.md.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { assertAbsent } from '../support/canary.ts';
import { makeCertificate } from '../support/certificate.ts';
import { executables } from '../support/executables.ts';
import { credentials } from '../support/expect.ts';
import { type RunResult, run } from '../support/run.ts';
import { ALICE, HOST, openWorld, SENTINEL, type World } from '../support/world.ts';
import { type Effect, INHERITED, type Inherited } from './tables/inherited.ts';

const SESSION = {
  ...ALICE,
  accessKeyId: 'ASIASESSIONCANARY001',
  sessionToken: 'canary/of+a/session/token/0123456789abcdef',
};
const SESSION_ENV = {
  AWS_ACCESS_KEY_ID: SESSION.accessKeyId,
  AWS_SECRET_ACCESS_KEY: SESSION.secretAccessKey,
  AWS_SESSION_TOKEN: SESSION.sessionToken,
};

const mark = "require('node:fs').writeFileSync('marker', '');\n";
const PROJECT = {
  'project/package.json': '{ "scripts": { "version": "echo >marker", "get": "echo >marker" } }',
  'project/preload.cjs': mark,
  'project/preload.mjs': "import { writeFileSync } from 'node:fs';\nwriteFileSync('marker', '');\n",
  'project/node_modules/node:fs/index.js': mark,
  'project/openssl.cnf': 'no setting\n',
  'project/tsconfig.json': '{ "extends": "./preload.cjs" }',
} as const;

function variables({ env }: Inherited, project: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, value.replaceAll('%PROJECT%', project)]),
  );
}

/** `version`, a cold `get` and a cached one, in a directory that holds code; what was made there is told. */
async function observe(t: TestContext, row: Inherited, executable: World['executable']) {
  const world = await openWorld(t, executable, { files: PROJECT, env: SESSION_ENV });
  world.aws.addAccessKey(SESSION);
  const cwd = join(world.home.directory, 'project');
  const env = world.env(variables(row, cwd));
  const results: RunResult[] = [];
  // Not the world's own run: what the runtime may do is more than it would let pass.
  for (const [argv, stdin] of [
    [['version'], ''],
    [['get'], HOST],
    [['get'], HOST],
  ] as const)
    results.push(await run(executable, argv, { cwd, env, stdin, timeoutMs: 20_000 }));
  const secrets = [ALICE.secretAccessKey, SESSION.sessionToken, ...world.secrets.passwords];
  for (const { stderr } of results) assertAbsent(secrets, stderr, 'stderr');
  assertAbsent(secrets, results[0]?.stdout ?? '', 'the stdout of version');
  const made = readdirSync(cwd).filter((name) => !(`project/${name}` in PROJECT) && name !== 'node_modules');
  for (const name of world.home.list('project'))
    assertAbsent(secrets, name.text, `${name.path}, which the runtime wrote`);
  const expected = credentials(HOST, world.aws.mintedTokens[0]?.password ?? '').stdout;
  const [version, ...gets] = results;
  const isAnswered =
    /^docker-credential-ecr-login \d[^\n]*\n$/.test(version?.stdout ?? '') &&
    gets.every(({ stdout, code }) => stdout === expected && code === 0);
  return { isAnswered, noise: results.some(({ stderr }) => stderr !== ''), made };
}

const TOLD: Readonly<Record<Effect, { isAnswered: boolean; noise?: boolean; made: string[] | 'any' }>> = {
  code: { isAnswered: true, noise: false, made: ['marker'] },
  ends: { isAnswered: false, noise: true, made: [] },
  noise: { isAnswered: true, noise: true, made: [] },
  files: { isAnswered: true, noise: false, made: 'any' },
};
const UNHARMED = { isAnswered: true, noise: false, made: [] };

for (const executable of executables) {
  describe(`inherited environment, ${executable.name}`, { concurrency: 2 }, () => {
    for (const row of INHERITED) {
      const effect = row.effects?.[executable.name];
      const what = JSON.stringify(row.env).slice(1, -1);
      test(effect === undefined ? what : `${what}: cannot be refused (${effect})`, async (t) => {
        const seen = await observe(t, row, executable);
        const wanted = effect === undefined ? UNHARMED : TOLD[effect];
        if (wanted.made === 'any') assert.deepEqual({ ...seen, made: 'any' }, wanted);
        else assert.deepEqual(seen, wanted);
      });
    }

    for (const env of [
      { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
      { NODE_OPTIONS: '--use-openssl-ca --tls-min-v1.0' },
      { NODE_NO_WARNINGS: '1', NODE_TLS_REJECT_UNAUTHORIZED: '0' },
      { BUN_CONFIG_NO_VERIFY: '1', NODE_TLS_REJECT_UNAUTHORIZED: '0' },
      { GIT_SSL_NO_VERIFY: '1', PYTHONHTTPSVERIFY: '0', AWS_VERIFY_SSL: 'false' },
    ])
      test(`a certificate that nobody trusts stays untrusted: ${JSON.stringify(env)}`, async (t) => {
        const world = await openWorld(t, executable, { aws: { tls: makeCertificate() } });
        const { stdout, stderr } = await world.get(HOST, env);
        assert.equal(stdout, SENTINEL);
        assert.match(stderr, /^docker-credential-ecr-login: [^\n]*certificate[^\n]*\nhint: [^\n]*\n$/);
        assert.deepEqual(world.aws.requests, []);
      });

    test('no keys of TLS connections are written down', async (t) => {
      const certificate = makeCertificate();
      const world = await openWorld(t, executable, {
        aws: { tls: certificate },
        files: { 'ca.pem': certificate.cert },
      });
      const keys = join(world.home.directory, 'tls-keys');
      const env = { AWS_CA_BUNDLE: join(world.home.directory, 'ca.pem'), SSLKEYLOGFILE: keys };
      const { stdout, stderr } = await world.get(HOST, env);
      assert.deepEqual([stdout === SENTINEL, stderr], [false, '']);
      assert.ok(!existsSync(keys), existsSync(keys) ? readFileSync(keys, 'utf8').slice(0, 40) : '');
    });
  });
}
