// The policy of the helper for what clients hand over and take back: stored tokens, erase and list.
// Owns no world (helper-world.ts); what get answers by the age of a token is in helper.test.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Outcome } from '../../src/protocol/messages.ts';
import { aToken, HOST, HOUR, NOON } from './fixtures.ts';
import { ENV_KEYS, makeWorld, NEW } from './helper-world.ts';
import { PROBLEMS } from './tables/problems.ts';

const SENTINEL = 'credentials not found in native keychain';
const NOBODY = { AWS_EC2_METADATA_DISABLED: 'true' };
const EMPTY: Outcome = { stdout: '', stderr: '', exitCode: 0 };

const answer = (password: string, serverUrl = HOST): Outcome => ({
  stdout: `{"ServerURL":"${serverUrl}","Username":"AWS","Secret":"${password}"}\n`,
  stderr: '',
  exitCode: 0,
});
/** ECR's password in the form that `docker login --password-stdin` hands over. */
const ecrPassword = (expiresAt: number, payload = 'p'): string =>
  Buffer.from(JSON.stringify({ payload, expiration: expiresAt / 1000 })).toString('base64');
const message = (password: string, serverUrl = HOST, user = 'AWS'): string =>
  JSON.stringify({ ServerURL: serverUrl, Username: user, Secret: password });

describe('a stored token', () => {
  const password = ecrPassword(NOON + HOUR);
  test('serves while no AWS credentials can be had, and no longer than it lives', async () => {
    const world = makeWorld({ env: NOBODY });
    assert.deepEqual(await world.ask('store', message(password)), EMPTY);
    assert.deepEqual(await world.ask('get', HOST), answer(password));
    world.clock.now += HOUR;
    assert.equal((await world.ask('get', HOST)).stdout, `${SENTINEL}\n`);
  });
  for (const [kind, served] of [
    ['source-failed', true],
    ['sso-expired', true],
    ['login-expired', true],
    ['mfa-needed', true],
    ['access-denied', false],
    ['timed-out', false],
    ['credentials-rejected', false],
    ['profile-invalid', false],
  ] as const)
    test(`${served ? 'serves' : 'does not serve'} where asking ends in ${kind}`, async () => {
      const [row] = PROBLEMS[kind];
      assert.ok(row);
      const world = makeWorld({ aws: row[0] });
      await world.ask('store', message(password));
      assert.equal((await world.ask('get', HOST)).exitCode, served ? 0 : 1);
    });
  test('is never preferred over AWS, and serves no other registry', async () => {
    const world = makeWorld();
    await world.ask('store', message(password));
    assert.deepEqual(await world.ask('get', HOST), answer(NEW));
    const nobody = makeWorld({ env: NOBODY });
    await nobody.ask('store', message(password));
    assert.equal((await nobody.ask('get', `0${HOST.slice(1)}`)).exitCode, 1);
  });
  for (const [name, text] of [
    ['expired', message(ecrPassword(NOON - 1000))],
    ['of another user', message(password, HOST, '<token>')],
    ['that is a plain password', message('hunter2')],
    ['that is empty', message('')],
  ] as const)
    test(`${name}: accepted in silence, kept nowhere`, async () => {
      const world = makeWorld();
      assert.deepEqual(await world.ask('store', text), EMPTY);
      assert.deepEqual(world.entries, []);
    });
  test('of our own making (docker login): nothing is kept twice', async () => {
    const world = makeWorld();
    await world.keep(HOST, aToken(NOON, { password }));
    await world.ask('store', message(password));
    assert.equal(world.entries.length, 1);
  });
  test('AWS_ECR_IGNORE_CREDS_STORAGE: everything is accepted, nothing kept', async () => {
    const world = makeWorld({ env: { ...NOBODY, AWS_ECR_IGNORE_CREDS_STORAGE: '1' } });
    for (const host of [HOST, 'ghcr.io'])
      assert.deepEqual(await world.ask('store', message(password, host)), EMPTY);
    assert.deepEqual(world.entries, []);
  });
  test('for a host that is not ECR`s: a clear line, never a silent loss', async () => {
    const { stdout, stderr, exitCode } = await makeWorld().ask('store', message('canary', 'ghcr.io'));
    assert.match(stdout, /^cannot store credentials: [^\n]+\n$/);
    assert.deepEqual([stderr, exitCode, stdout.includes('canary')], ['', 1, false]);
  });
});

describe('erase and list', () => {
  test('erase removes the registry`s tokens, stored ones too, and no other`s', async () => {
    const world = makeWorld();
    const other = `0${HOST.slice(1)}`;
    for (const host of [HOST, other]) await world.ask('get', host);
    await world.ask('store', message(ecrPassword(NOON + HOUR)));
    assert.deepEqual(await world.ask('erase', `https://${HOST}/v2/`), EMPTY);
    assert.deepEqual(
      world.entries.map(({ key }) => key.registry),
      [other],
    );
    for (const host of ['ghcr.io', 'https://index.docker.io/v1/'])
      assert.deepEqual(await world.ask('erase', host), EMPTY);
  });
  test('list names what get would serve now, and asks nobody', async () => {
    const world = makeWorld();
    const other = `0${HOST.slice(1)}`;
    await world.keep(HOST, aToken(NOON));
    await world.keep(other, aToken(NOON - 11 * HOUR));
    assert.deepEqual(JSON.parse((await world.ask('list', 'unused')).stdout), {
      [`https://${HOST}`]: 'AWS',
      [`https://${other}`]: 'AWS',
    });
    world.clock.now += 2 * HOUR;
    assert.equal((await world.ask('list', 'unused')).stdout, `{"https://${HOST}":"AWS"}\n`);
    assert.equal(world.requests.length, 0);
  });
  test('list is an object also where nothing is cached, or the settings cannot be used', async () => {
    for (const env of [ENV_KEYS, { ...ENV_KEYS, AWS_ECR_TIMEOUT: 'soon' }])
      assert.deepEqual(await makeWorld({ env }).ask('list', ''), { stdout: '{}\n', stderr: '', exitCode: 0 });
  });
  test('list names no token of another identity, nor one that would have to be asked for', async () => {
    const mine = makeWorld();
    await mine.keep(HOST, aToken(NOON));
    for (const env of [{ ...ENV_KEYS, AWS_ACCESS_KEY_ID: 'AKIAOTHER' }, {}, NOBODY]) {
      const other = makeWorld({ env, discover: async () => assert.fail('list asks nobody') });
      other.entries.push(...mine.entries);
      assert.equal((await other.ask('list', '')).stdout, '{}\n');
    }
  });
  test('list names a stored token while get would serve it, as far as that can be told without asking', async () => {
    for (const [env, listed] of [
      [NOBODY, true],
      [ENV_KEYS, false],
      // The machine is no instance, as far as can be told without asking it.
      [{}, true],
      [{ AWS_PROFILE: 'process' }, true],
    ] as const) {
      const profiles = { process: { credential_process: 'answer' } };
      const world = makeWorld({ env, profiles, discover: async () => assert.fail('list asks nobody') });
      await world.ask('store', message(ecrPassword(NOON + HOUR)));
      assert.equal((await world.ask('list', '')).stdout !== '{}\n', listed);
    }
  });
});
