// Specifies getCredentials against a loopback AWS: result, errors, and that nothing outside its options is read, kept or told.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type CachedToken,
  CredentialsError,
  type GetCredentialsOptions,
  getCredentials,
  HelperError,
} from '../../src/library.ts';
import { type LoopbackAws, startLoopbackAws } from '../support/aws/server.ts';
import { type Home, makeHome } from '../support/home.ts';
import { ALICE, BOB, HOST, keysOf, keysProfile, PUBLIC_HOST } from '../support/world.ts';

interface Surroundings {
  readonly aws: LoopbackAws;
  readonly home: Home;
  readonly env: Readonly<Record<string, string>>;
  get(options?: GetCredentialsOptions): ReturnType<typeof getCredentials>;
}

async function surroundings(t: TestContext): Promise<Surroundings> {
  const aws = await startLoopbackAws();
  const home = makeHome();
  t.after(async () => {
    await aws.close();
    home.remove();
  });
  for (const key of [ALICE, BOB]) aws.addAccessKey(key);
  const env = {
    HOME: home.directory,
    AWS_EC2_METADATA_DISABLED: 'true',
    ...aws.environment(),
    ...keysOf(ALICE),
  };
  return { aws, home, env, get: (options = {}) => getCredentials(HOST, { env, ...options }) };
}

async function failureOf(work: Promise<unknown>): Promise<CredentialsError> {
  const error: unknown = await work.then(
    () => assert.fail('it succeeded'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof CredentialsError && error instanceof HelperError, String(error));
  return error;
}

test('a result, then the same from the cache of the helper', async (t) => {
  const { aws, home, get } = await surroundings(t);
  const first = await get();
  const [token] = aws.mintedTokens;
  assert.deepEqual(first, {
    serverUrl: HOST,
    username: 'AWS',
    password: token?.password,
    expiresAt: new Date(token?.expiresAt ?? 0),
    registry: { host: HOST, service: 'ecr', accountId: '123456789012', region: 'us-east-1' },
    source: 'environment keys',
    isFromCache: false,
  });
  assert.deepEqual(await get(), { ...first, isFromCache: true });
  assert.equal(home.list('.ecr/tokens-v1').filter(({ path }) => path.endsWith('.json')).length, 1);
});

test('ECR Public, and a server URL with scheme and path', async (t) => {
  const { env } = await surroundings(t);
  const { registry, serverUrl } = await getCredentials(`https://${PUBLIC_HOST}/v2/`, { env });
  assert.deepEqual(registry, { host: PUBLIC_HOST, service: 'ecr-public', region: 'us-east-1' });
  assert.equal(serverUrl, `https://${PUBLIC_HOST}/v2/`);
});

test('a Map is a cache, and no file is written', async (t) => {
  const { aws, home, env, get } = await surroundings(t);
  const cache = new Map<string, CachedToken>();
  assert.equal((await get({ cache })).isFromCache, false);
  assert.equal((await get({ cache })).isFromCache, true);
  // Another identity finds nothing.
  assert.equal((await get({ cache, env: { ...env, ...keysOf(BOB) } })).isFromCache, false);
  assert.equal(aws.mintedTokens.length, 2);
  assert.deepEqual(home.list(), []);
});

test('a store that throws, lies, or has been through JSON', async (t) => {
  const { aws, get } = await surroundings(t);
  const warnings: string[] = [];
  const thrower = {
    get(): never {
      throw new Error('gone');
    },
    set(): never {
      throw new Error('full');
    },
  };
  const logger = { warn: (message: string) => void warnings.push(message) };
  assert.equal((await get({ cache: thrower, logger })).isFromCache, false);
  assert.deepEqual(warnings, ['the given cache failed', 'the given cache failed']);
  const good = new Map<string, CachedToken>();
  await get({ cache: good });
  const [[key, token] = ['', undefined]] = [...good];
  assert.ok(token !== undefined);
  const copy = new Map([[key, JSON.parse(JSON.stringify(token)) as CachedToken]]);
  assert.equal((await get({ cache: copy })).isFromCache, true);
  for (const lie of [
    { expiresAt: 1 },
    { password: 'a\nb' },
    { requestedAt: Date.now() * 2 },
    { refreshAt: 'x' },
  ])
    assert.equal(
      (await get({ cache: new Map([[key, { ...token, ...lie } as CachedToken]]) })).isFromCache,
      false,
    );
  assert.equal(aws.mintedTokens.length, 6);
});

test('no cache', async (t) => {
  const { aws, home, get } = await surroundings(t);
  await get({ cache: false });
  await get({ cache: false });
  assert.equal(aws.mintedTokens.length, 2);
  assert.deepEqual(home.list(), []);
});

test('a profile, over keys in the environment and over rules', async (t) => {
  const { aws, home, get } = await surroundings(t);
  home.write('.aws/credentials', keysProfile('bob', BOB));
  home.write('.ecr/config.json', JSON.stringify({ registries: [{ match: '*', profile: 'nobody' }] }));
  const { source } = await get({ profile: 'bob' });
  assert.equal(source, 'profile "bob"');
  assert.equal(aws.mintedTokens[0]?.arn, BOB.arn);
  assert.match((await failureOf(get())).message, /^AWS profile "nobody" not found/);
  home.write('.aws/config', '[profile empty]\nregion = eu-west-1\n');
  const empty = await failureOf(get({ profile: 'empty' }));
  assert.equal(empty.message, 'AWS profile "empty" cannot be used: it holds no credentials');
});

test('errors have cause, hint and problem, and no secret', async (t) => {
  const { aws, env, get } = await surroundings(t);
  aws.fault({ service: 'ecr' }, { kind: 'access-denied' });
  const denied = await failureOf(get());
  assert.equal(denied.name, 'CredentialsError');
  assert.equal(denied.serverUrl, HOST);
  assert.equal(denied.problem.kind, 'access-denied');
  assert.match(denied.message, /^access denied: .*alice may not call ecr:GetAuthorizationToken/);
  assert.match(denied.hint, /^allow ecr:GetAuthorizationToken /);
  const text = `${denied.stack}${JSON.stringify(denied)}`;
  assert.ok(!text.includes(ALICE.secretAccessKey));
  const other = await failureOf(getCredentials('ghcr.io', { env }));
  assert.deepEqual(other.problem, { kind: 'not-ecr', host: 'ghcr.io' });
  const broken = await failureOf(get({ env: { ...env, AWS_ECR_TIMEOUT: 'soon' } }));
  assert.equal(broken.problem.kind, 'setting-invalid');
});

test('abort: before, while AWS is asked, while a process runs', async (t) => {
  const { aws, home, env, get } = await surroundings(t);
  const reason = new Error('enough');
  await assert.rejects(get({ signal: AbortSignal.abort(reason) }), reason);
  assert.deepEqual(aws.requests, []);

  aws.fault({ service: 'ecr' }, { kind: 'hang-before-headers' });
  const abort = new AbortController();
  const pending = get({ signal: abort.signal });
  while (aws.requests.length === 0) await delay(5);
  abort.abort(reason);
  await assert.rejects(pending, reason);
  // The lock is let go, and a failure that is not AWS's is not told to others.
  await delay(50);
  assert.deepEqual(
    home.list('.ecr/tokens-v1').map(({ path }) => path),
    [],
  );
  aws.clearFaults();
  await get();

  home.write('.aws/config', '[profile slow]\ncredential_process = sleep 30\n');
  const startedAt = Date.now();
  const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...keyless } = env;
  const slow = { env: { ...keyless, AWS_PROFILE: 'slow', PATH: '/usr/bin:/bin' } };
  await assert.rejects(get({ ...slow, signal: AbortSignal.timeout(100) }), { name: 'TimeoutError' });
  assert.ok(Date.now() - startedAt < 5000);
});

test('one signal for many calls keeps nothing of them', async (t) => {
  const { get } = await surroundings(t);
  const { signal } = new AbortController();
  const held = t.mock.method(signal, 'addEventListener');
  const letGo = t.mock.method(signal, 'removeEventListener');
  for (const cache of [false, undefined, undefined] as const) await get({ signal, cache });
  assert.ok(held.mock.callCount() >= 4);
  assert.equal(letGo.mock.callCount(), held.mock.callCount());
});

test('a credential process is asked anew by each call', async (t) => {
  const { aws, home, env } = await surroundings(t);
  const answer = (key: typeof ALICE): string =>
    JSON.stringify({ Version: 1, AccessKeyId: key.accessKeyId, SecretAccessKey: key.secretAccessKey });
  home.write('keys.json', answer(ALICE));
  home.write('.aws/config', `[profile p]\ncredential_process = cat ${join(home.directory, 'keys.json')}\n`);
  const options = { env: { ...env, PATH: '/usr/bin:/bin' }, profile: 'p', cache: false } as const;
  await getCredentials(HOST, options);
  home.write('keys.json', answer(BOB));
  await getCredentials(HOST, options);
  assert.deepEqual(
    aws.mintedTokens.map(({ arn }) => arn),
    [ALICE.arn, BOB.arn],
  );
});

test('a logger hears everything and no secret; without one nothing is logged', async (t) => {
  const { home, env, get } = await surroundings(t);
  const lines: string[] = [];
  const listen = (message: string, fields?: unknown): void =>
    void lines.push(`${message} ${JSON.stringify(fields)}`);
  const { password } = await get({ logger: { debug: listen, info: listen, warn: listen, error: listen } });
  assert.ok(lines.length > 0);
  for (const secret of [password, ALICE.secretAccessKey, ALICE.accessKeyId])
    assert.ok(!lines.join().includes(secret));
  const angry = { debug: () => assert.fail('a logger that throws') };
  await get({ logger: angry });
  await get({ env: { ...env, AWS_ECR_LOG_LEVEL: 'debug' } });
  assert.deepEqual(home.list('.ecr/log'), []);
});

test('many at once', async (t) => {
  const { aws, home, get } = await surroundings(t);
  const passwords = await Promise.all(Array.from({ length: 20 }, async () => (await get()).password));
  assert.equal(new Set(passwords).size, 1);
  assert.equal(aws.mintedTokens.length, 1);
  rmSync(join(home.directory, '.ecr'), { recursive: true });
});

test('the environment of the process is neither read nor changed', async (t) => {
  const { env } = await surroundings(t);
  const before = { ...process.env };
  process.env.AWS_PROFILE = 'of-the-process';
  t.after(() => {
    delete process.env.AWS_PROFILE;
  });
  await getCredentials(HOST, { env });
  assert.deepEqual({ ...process.env }, { ...before, AWS_PROFILE: 'of-the-process' });
});
