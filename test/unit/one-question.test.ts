// Owns "a person is asked once": whose token serves whom, what a refusal means for those who wait, and that a lock left
// behind stops nobody.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { HelperError } from '../../src/errors.ts';
import { openLog } from '../../src/log.ts';
import type { AuthorizationToken } from '../../src/token/authorization-token.ts';
import { type CacheKey, NO_CACHE, openTokenCache, type TokenCache } from '../../src/token/cache.ts';
import { startLimit } from '../../src/token/fetch/limit.ts';
import { fetchInTurn, mayAskPerson } from '../../src/token/one-question.ts';

let directory: string;
let cache: TokenCache;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ecr-login-unit-'));
  cache = openTokenCache(directory, openLog(undefined, 'off'));
  cache.prepare();
});
afterEach(() => rmSync(directory, { recursive: true }));

const key = (registry: string, identity = 'alice', request = 'us-east-1'): CacheKey => ({
  registry,
  identity,
  request,
});

function token(password: string): AuthorizationToken {
  const requestedAt = Date.now();
  return {
    username: 'AWS',
    password,
    requestedAt,
    refreshAt: requestedAt + 1000,
    expiresAt: requestedAt + 2000,
  };
}

/** Fetches for each key at the same time; every fetch takes a while and is noted. */
async function fetchAll(keys: readonly CacheKey[], fetch: (index: number) => Promise<AuthorizationToken>) {
  const asked: number[] = [];
  const outcomes = await Promise.allSettled(
    keys.map((each, index) =>
      fetchInTurn({
        cache,
        key: each,
        now: Date.now,
        limitMs: 1000,
        fetch: async () => {
          asked.push(index);
          await new Promise((resolve) => setTimeout(resolve, 20));
          return fetch(index);
        },
      }),
    ),
  );
  return { asked, outcomes };
}

describe('one question', () => {
  test('serves every registry of the same identity, region and endpoint', async () => {
    const { asked, outcomes } = await fetchAll([key('a'), key('b'), key('a')], async () => token('first'));
    assert.equal(asked.length, 1);
    for (const outcome of outcomes)
      assert.equal(outcome.status === 'fulfilled' && outcome.value.password, 'first');
  });

  test('serves no other identity and no other region', async () => {
    const keys = [key('a'), key('a', 'bob'), key('a', 'alice', 'eu-west-1')];
    const { asked } = await fetchAll(keys, async (index) => token(`token-${index}`));
    assert.deepEqual(asked.sort(), [0, 1, 2]);
  });

  test('that nobody answers is not asked again for those who waited, but for others', async () => {
    const refuse = async (): Promise<AuthorizationToken> => {
      throw new HelperError({ kind: 'mfa-needed', profile: 'dev', serial: 's', reason: 'no code was given' });
    };
    const { asked, outcomes } = await fetchAll([key('a'), key('b'), key('a', 'bob')], refuse);
    assert.deepEqual(asked.sort(), [0, 2]);
    for (const outcome of outcomes) assert.equal(outcome.status, 'rejected');
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual((await fetchAll([key('a')], async () => token('later'))).asked, [0]);
  });

  test('a failure of another kind is no answer for those who wait', async () => {
    const fail = async (): Promise<AuthorizationToken> => {
      throw new HelperError({ kind: 'throttled', service: 'AWS STS' });
    };
    assert.deepEqual((await fetchAll([key('a'), key('b')], fail)).asked.sort(), [0, 1]);
  });

  test('a lock whose holder is dead, or that holds nothing sensible, stops nobody', async () => {
    const path = join(directory, 'tokens-v1/question.lock');
    for (const content of ['{"pid":4194304,"deadlineAt":99999999999999}', 'junk', '[]']) {
      writeFileSync(path, content);
      assert.equal(
        (await fetchAll([key(content.length.toString(), content)], async () => token('x'))).asked.length,
        1,
      );
    }
  });

  test('without a cache there is no waiting', async () => {
    const question = { cache: NO_CACHE, key: key('a'), now: Date.now, limitMs: 1000 };
    assert.equal((await fetchInTurn({ ...question, fetch: async () => token('x') })).password, 'x');
  });
});

test('a source may ask a person when a role of it names a device', () => {
  const base = { kind: 'instance' } as const;
  const role = { kind: 'role', profile: 'dev', roleArn: 'r', base } as const;
  assert.equal(mayAskPerson(base), false);
  assert.equal(mayAskPerson(role), false);
  assert.equal(mayAskPerson({ ...role, mfaSerial: 's' }), true);
  assert.equal(mayAskPerson({ ...role, base: { ...role, mfaSerial: 's' } }), true);
});

test('a limit stands still while a person is asked, and runs on afterwards', async () => {
  let endedAt = 0;
  const startedAt = performance.now();
  const limit = startLimit(60, () => {
    endedAt = performance.now();
  });
  await limit.aside(() => new Promise((resolve) => setTimeout(resolve, 150)));
  assert.equal(endedAt, 0);
  await new Promise((resolve) => setTimeout(resolve, 120));
  assert.ok(endedAt - startedAt > 190, `${endedAt - startedAt} ms`);
});
