// Owns the fuzzing of answers as values, where no request is needed: tokens, stored passwords, keys of processes and metadata,
// refusals that repeat what was sent. Nothing is trusted before it is checked, and no reason repeats what it refuses.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import fc from 'fast-check';
import { decodeAuthorizationToken, parseStoredPassword } from '../../src/token/authorization-token.ts';
import { parseObject, readKeys } from '../../src/token/fetch/providers/answer.ts';
import { withoutEcho } from '../../src/token/fetch/response-echo.ts';
import { NOON } from './fixtures.ts';
import { countCases, fuzz, onlyTyped, SECRET } from './fuzz.ts';
import { anyJson, damagedText, nasty, objectWith, strange } from './fuzz-arbitraries.ts';

countCases(20_000);

const password = fc
  .oneof(fc.constant('AWS:password'), fc.constant('x:y'), fc.constant('AWS:'), strange)
  .map((text) => Buffer.from(text).toString('base64'));

describe('as values', () => {
  const date = fc.oneof(fc.date({ noInvalidDate: false }), fc.constant(new Date(NOON + 1000)), anyJson);
  fuzz(
    'an authorization token is checked before anybody trusts it',
    fc.tuple(fc.oneof(password, nasty, anyJson), date),
    ([authorizationToken, expiresAt]) => {
      const token = onlyTyped(() =>
        decodeAuthorizationToken({ authorizationToken, expiresAt }, { requestedAt: NOON, service: 'ECR' }),
      );
      if (token === undefined) return;
      assert.ok(/^[\x21-\x7e]+$/.test(token.password) && token.username === 'AWS');
      assert.ok(
        NOON <= token.refreshAt &&
          token.refreshAt <= token.expiresAt &&
          Number.isSafeInteger(token.refreshAt),
      );
    },
  );
  const stored = damagedText(
    objectWith({
      payload: fc.constant('p'),
      expiration: fc.constantFrom(NOON / 1000 + 60, NOON / 1000, 1e300, -1, NOON / 1000 + 1e9),
    }),
  );
  fuzz(
    'a stored password is one of ECR with an end, or none',
    fc.oneof(
      stored.map((text) => Buffer.from(text).toString('base64')),
      nasty,
    ),
    (text) => {
      const token = parseStoredPassword(text, NOON);
      if (token !== undefined)
        assert.ok(token.expiresAt > NOON && token.expiresAt <= NOON + 86_400_000 && token.password === text);
    },
  );
  const process = objectWith({
    Version: fc.constant(1),
    AccessKeyId: fc.constant('AKIA'),
    SecretAccessKey: fc.constant(SECRET),
    SessionToken: fc.oneof(fc.constant(SECRET), nasty),
    Expiration: fc.oneof(fc.constant('2099-01-01T00:00:00Z'), strange),
  });
  fuzz(
    'keys of a process or of metadata stand in a header, or are refused without a word of them',
    damagedText(process),
    (text) => {
      const object = parseObject(text);
      const keys =
        object === undefined
          ? 'none'
          : readKeys(object, { sessionToken: 'SessionToken', isSessionTokenRequired: false }, NOON);
      if (typeof keys === 'string') assert.ok(!keys.includes(SECRET));
      else assert.ok(Object.values(keys).every((value) => /^[\x21-\x7e]+$/.test(value)));
    },
  );
  fuzz(
    'a refusal repeats nothing that was sent',
    fc.tuple(
      strange,
      strange,
      fc.constantFrom('authorization', 'X-Amz-Security-Token', 'x-amz-sso_bearer_token'),
      fc.constantFrom('', 'Bearer ', 'Basic '),
    ),
    ([before, after, name, scheme]) => {
      const bodies = [
        JSON.stringify({ refreshToken: SECRET, clientSecret: SECRET }),
        `Action=X&WebIdentityToken=${SECRET}`,
      ];
      for (const sent of [
        { headers: { [name]: `${scheme}${SECRET}` } },
        ...bodies.map((body) => ({ headers: {}, body })),
      ]) {
        const clean = withoutEcho(new TextEncoder().encode(`${before}${SECRET}${after}`), sent);
        assert.ok(!new TextDecoder().decode(clean).includes(SECRET));
      }
    },
  );
});
