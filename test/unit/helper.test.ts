// The policy of the helper: which token a client gets at which age, what a failure looks like, what store, erase and list do.
// Owns no world (helper-world.ts); the wire format is tested in protocol.test.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HelperError, type Problem } from '../../src/errors.ts';
import type { Outcome } from '../../src/protocol/messages.ts';
import { aToken, HOST, HOUR, KEYS, NOON, PUBLIC_HOST } from './fixtures.ts';
import { ENV_KEYS, makeWorld, NEW } from './helper-world.ts';

const SENTINEL = 'credentials not found in native keychain';
const OLD = 'b2xk';
const DENIED: Problem = { kind: 'access-denied', action: 'ecr:GetAuthorizationToken' };
const NOBODY = { AWS_EC2_METADATA_DISABLED: 'true' };
const MINUTE = 60_000;

const answer = (password: string, serverUrl = HOST): Outcome => ({
  stdout: `{"ServerURL":"${serverUrl}","Username":"AWS","Secret":"${password}"}\n`,
  stderr: '',
  exitCode: 0,
});
describe('get, by the age of the cached token', () => {
  // A token lives 12 hours: fresh for six, then stale, then gone.
  for (const [age, ageMs, aws, gets, asked] of [
    ['none', undefined, 'answers', NEW, 1],
    ['none', undefined, 'fails', undefined, 1],
    ['just fetched', 0, 'fails', OLD, 0],
    ['a minute before its half', 6 * HOUR - MINUTE, 'fails', OLD, 0],
    ['a millisecond before its half', 6 * HOUR - 1, 'answers', OLD, 0],
    ['at its half', 6 * HOUR, 'answers', NEW, 1],
    ['at its half', 6 * HOUR, 'fails', OLD, 1],
    ['a minute before its end', 12 * HOUR - MINUTE, 'answers', NEW, 1],
    ['a minute before its end', 12 * HOUR - MINUTE, 'fails', OLD, 1],
    ['a millisecond before its end', 12 * HOUR - 1, 'fails', OLD, 1],
    ['at its end', 12 * HOUR, 'answers', NEW, 1],
    ['at its end', 12 * HOUR, 'fails', undefined, 1],
    ['long gone', 100 * HOUR, 'fails', undefined, 1],
  ] as const)
    test(`${age}, and AWS ${aws}: ${gets ?? 'refused'}`, async () => {
      const world = makeWorld(aws === 'fails' ? { aws: DENIED } : {});
      if (ageMs !== undefined) await world.keep(HOST, aToken(NOON - ageMs, { password: OLD }));
      const outcome = await world.ask('get', HOST);
      if (gets !== undefined) assert.deepEqual(outcome, answer(gets));
      else assert.equal(outcome.stdout, `${SENTINEL}\n`);
      assert.equal(world.requests.length, asked);
    });

  test('a token that ends while AWS is asked in vain is not given', async () => {
    const world = makeWorld({ aws: DENIED, takesMs: 2000 });
    await world.keep(HOST, aToken(NOON - 12 * HOUR + 1000, { password: OLD }));
    assert.equal((await world.ask('get', HOST)).stdout, `${SENTINEL}\n`);
  });
  test('a refresh has two seconds, a miss the whole limit; nobody is asked for a code during a refresh', async () => {
    const world = makeWorld({ env: { ...ENV_KEYS, AWS_ECR_TIMEOUT: '9' } });
    await world.ask('get', HOST);
    world.clock.now += 7 * HOUR;
    await world.ask('get', HOST);
    assert.deepEqual(
      world.requests.map(({ limitMs, interactive }) => [limitMs, interactive]),
      [
        [9000, true],
        [2000, false],
      ],
    );
  });
  test('a refresh that another is at, or that failed a moment ago, is not tried', async () => {
    const world = makeWorld({ isRefreshPointless: true });
    await world.keep(HOST, aToken(NOON - 7 * HOUR, { password: OLD }));
    assert.deepEqual(await world.ask('get', HOST), answer(OLD));
    assert.equal(world.requests.length, 0);
  });
  test('a failed refresh is told to the log alone', async () => {
    const world = makeWorld({ aws: DENIED });
    await world.keep(HOST, aToken(NOON - 7 * HOUR, { password: OLD }));
    assert.equal((await world.ask('get', HOST)).stderr, '');
    assert.match(world.log.lines.join('\n'), /warn cannot refresh the token.*access denied/);
  });
  test('the config files are read once', async () => {
    const world = makeWorld();
    for (const action of ['get', 'list', 'get', 'erase', 'get'] as const) await world.ask(action, HOST);
    assert.equal(world.clock.sharedReads, 1);
  });
});

describe('get, by whom and what', () => {
  test('what the client sent is echoed, one token serves all spellings', async () => {
    const world = makeWorld();
    for (const serverUrl of [HOST, `https://${HOST}`, `${HOST}:443`, `${HOST}/team/app`, HOST.toUpperCase()])
      assert.deepEqual(await world.ask('get', `${serverUrl}\n`), answer(NEW, serverUrl));
    assert.equal(world.requests.length, 1);
  });
  for (const change of [
    { AWS_ACCESS_KEY_ID: 'AKIAOTHER' },
    { AWS_USE_FIPS_ENDPOINT: 'true' },
    { AWS_ENDPOINT_URL_ECR: 'https://proxy.test' },
  ])
    test(`another identity or endpoint has another token: ${Object.keys(change)}`, async () => {
      const one = makeWorld();
      await one.ask('get', HOST);
      const other = makeWorld({ env: { ...ENV_KEYS, ...change } });
      other.entries.push(...one.entries);
      await other.ask('get', HOST);
      assert.equal(other.requests.length, 1);
    });
  for (const host of [
    'https://index.docker.io/v1/',
    'docker.io',
    'ghcr.io',
    'https://index.docker.io/v1/refresh-token',
    `${HOST}.evil.test`,
    'a b',
  ])
    test(`${host} is not ours: the sentinel, and silence`, async () => {
      const world = makeWorld({ env: { ...ENV_KEYS, AWS_ECR_ON_ERROR: 'fail' } });
      assert.deepEqual(await world.ask('get', host), { stdout: `${SENTINEL}\n`, stderr: '', exitCode: 1 });
      assert.deepEqual([world.requests.length, world.log.lines.length, world.clock.sharedReads], [0, 0, 0]);
    });
});

describe('get fails', () => {
  const lines = new RegExp(`^docker-credential-ecr-login: ${HOST}: access denied: .*\nhint: .+\n$`);
  test('private: the bare sentinel, and two lines for people', async () => {
    const { stdout, stderr, exitCode } = await makeWorld({ aws: DENIED }).ask('get', HOST);
    assert.deepEqual([stdout, exitCode], [`${SENTINEL}\n`, 1]);
    assert.match(stderr, lines);
  });
  test('private, with AWS_ECR_ON_ERROR=fail: the cause on stdout, no sentinel in it', async () => {
    const world = makeWorld({ aws: DENIED, env: { ...ENV_KEYS, AWS_ECR_ON_ERROR: 'fail' } });
    const { stdout, stderr, exitCode } = await world.ask('get', HOST);
    assert.match(stdout, /^docker-credential-ecr-login: [^\n]+: access denied: [^\n]+\n$/);
    assert.ok(!stdout.includes(SENTINEL) && exitCode === 1);
    assert.match(stderr, lines);
  });
  for (const env of [ENV_KEYS, { ...ENV_KEYS, AWS_ECR_ON_ERROR: 'fail' }, NOBODY])
    test(`ECR Public with ${Object.keys(env)}: anonymous, the reason in the log alone`, async () => {
      const world = makeWorld({ aws: DENIED, env });
      assert.deepEqual(await world.ask('get', PUBLIC_HOST), {
        stdout: `${SENTINEL}\n`,
        stderr: '',
        exitCode: 1,
      });
      assert.match(world.log.lines.join('\n'), /^info docker-credential-ecr-login: public/m);
    });
  test('a bug of ours is one line for people, and a stack in the log', async () => {
    const world = makeWorld({ aws: new TypeError('a bug') });
    const { stdout, stderr } = await world.ask('get', HOST);
    assert.equal(stdout, `${SENTINEL}\n`);
    assert.match(stderr, /internal error: TypeError: a bug\nhint: [^\n]+\n$/);
    assert.match(world.log.lines.join('\n'), /error TypeError: a bug\n\s+at /);
  });
  test('a setting that cannot be used fails get, and nobody is asked', async () => {
    const world = makeWorld({ env: { ...ENV_KEYS, AWS_ECR_TIMEOUT: 'soon' } });
    assert.match((await world.ask('get', HOST)).stderr, /AWS_ECR_TIMEOUT "soon"/);
    assert.equal(world.requests.length, 0);
  });
  test('away from EC2 the silence of instance metadata means: nothing found', async () => {
    const discover = async (): Promise<string> => {
      throw new HelperError({ kind: 'source-failed', source: 'instance metadata', reason: 'not reachable' });
    };
    const { stderr } = await makeWorld({ env: {}, discover }).ask('get', HOST);
    assert.match(stderr, /no AWS credentials found: tried .*instance metadata \(not reachable\)/);
  });
  test('no secret in any outcome or log line of a failure', async () => {
    const world = makeWorld({
      aws: DENIED,
      env: { ...ENV_KEYS, AWS_SESSION_TOKEN: 'canary', AWS_ECR_LOG_LEVEL: 'debug' },
    });
    const all = JSON.stringify([await world.ask('get', HOST), world.log.lines]);
    for (const secret of [KEYS.secretAccessKey, KEYS.accessKeyId, 'canary']) assert.ok(!all.includes(secret));
  });
});
