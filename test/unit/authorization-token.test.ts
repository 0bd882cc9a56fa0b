// What an AWS answer must be to count as a token, and which password of `docker login` is one: damage tables, all refused.
// Owns no network: answers are objects here.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { HelperError } from '../../src/errors.ts';
import {
  decodeAuthorizationToken,
  MAX_LIFE_MS,
  parseStoredPassword,
} from '../../src/token/authorization-token.ts';
import { HOUR, NOON, problemFrom } from './fixtures.ts';
import { check } from './property.ts';

const TIMES = { requestedAt: NOON, service: 'Amazon ECR' };
const END = new Date(NOON + 12 * HOUR);
const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64');
const decode = (authorizationToken: unknown, expiresAt: unknown = END) =>
  decodeAuthorizationToken({ authorizationToken, expiresAt }, TIMES);

describe('an answer of AWS', () => {
  test('is a token of three times', () => {
    assert.deepEqual(decode(base64('AWS:pass')), {
      username: 'AWS',
      password: 'pass',
      requestedAt: NOON,
      refreshAt: NOON + 6 * HOUR,
      expiresAt: NOON + 12 * HOUR,
    });
  });
  test('may have colons and padding in its password', () => {
    assert.equal(decode(base64('AWS:a:b==:')).password, 'a:b==:');
  });
  test('that lives one millisecond is asked for again at once', () => {
    const token = decode(base64('AWS:p'), new Date(NOON + 1));
    assert.equal(token.refreshAt, NOON);
  });

  const rows: readonly (readonly [name: string, token: unknown, expiresAt: unknown, reason: RegExp])[] = [
    ['no token', undefined, END, /holds no authorization token/],
    ['null', null, END, /holds no authorization token/],
    ['an empty token', '', END, /holds no authorization token/],
    ['a number', 1, END, /holds no authorization token/],
    ['a list', [base64('AWS:p')], END, /holds no authorization token/],
    ['no base64', 'AWS:pass', END, /not base64/],
    ['base64 with a line break', `${base64('AWS:pass')}\n`, END, /not base64/],
    ['base64 of URLs', 'QVdTOi0_', END, /not base64/],
    ['padding in the middle', 'QVdT=OnBhc3M', END, /not base64/],
    ['base64 that is cut', 'QVdTO', END, /user:password/],
    ['no colon', base64('AWSpass'), END, /user:password/],
    ['no user', base64(':pass'), END, /user:password/],
    ['no password', base64('AWS:'), END, /user:password/],
    ['a line break inside', base64('AWS:pa\nss'), END, /characters that no password has/],
    ['a space inside', base64('AWS:pa ss'), END, /characters that no password has/],
    ['a NUL inside', base64('AWS:pa\0ss'), END, /characters that no password has/],
    ['a letter beyond ASCII', base64('AWS:p\u00e4ss'), END, /characters that no password has/],
    ['another user', base64('aws:pass'), END, /not for user AWS/],
    ['an identity token', base64('<token>:pass'), END, /not for user AWS/],
    ['no expiry', base64('AWS:pass'), undefined, /no time of expiry/],
    ['an expiry that is text', base64('AWS:pass'), END.toISOString(), /no time of expiry/],
    ['an expiry that is a number', base64('AWS:pass'), END.getTime(), /no time of expiry/],
    ['an invalid date', base64('AWS:pass'), new Date(Number.NaN), /no time of expiry/],
    ['an expiry in the past', base64('AWS:pass'), new Date(NOON - 1), /already expired/],
    ['an expiry at this moment', base64('AWS:pass'), new Date(NOON), /already expired/],
    ['an expiry of 1970', base64('AWS:pass'), new Date(0), /already expired/],
  ];
  for (const [name, token, expiresAt, reason] of rows)
    test(`refused: ${name}`, () => {
      const problem = problemFrom(() =>
        decodeAuthorizationToken({ authorizationToken: token, expiresAt }, TIMES),
      );
      assert.ok(problem.kind === 'bad-response');
      assert.equal(problem.service, 'Amazon ECR');
      assert.match(problem.reason, reason);
    });
  test('an empty answer is refused too', () => {
    assert.equal(problemFrom(() => decodeAuthorizationToken({}, TIMES)).kind, 'bad-response');
  });

  test('property: a token or bad-response, never a secret in the reason', async (t) => {
    const token = fc.oneof(
      fc.anything(),
      fc.string({ unit: 'binary' }),
      fc.string().map((text) => base64(`AWS:canary${text}`)),
      fc.string().map((text) => base64(`${text}canary`)),
    );
    const date = fc.oneof(fc.anything(), fc.date({ noInvalidDate: false }));
    await check(
      t,
      fc.property(token, date, (authorizationToken, expiresAt) => {
        try {
          const decoded = decodeAuthorizationToken({ authorizationToken, expiresAt }, TIMES);
          assert.equal(decoded.username, 'AWS');
          assert.match(decoded.password, /^[\x21-\x7e]+$/);
          assert.ok(decoded.requestedAt <= decoded.refreshAt && decoded.refreshAt < decoded.expiresAt);
        } catch (error) {
          assert.ok(error instanceof HelperError && error.problem.kind === 'bad-response', `${error}`);
          assert.ok(!JSON.stringify(error.problem).includes('canary'));
        }
      }),
    );
  });
});

describe('a password handed over by a client', () => {
  const seconds = NOON / 1000;
  const password = (content: unknown): string => base64(JSON.stringify(content));
  const whole = {
    payload: 'cGF5bG9hZA==',
    datakey: 'k',
    version: '2',
    type: 'DATA_KEY',
    expiration: seconds + 3600,
  };

  test('is a token until its expiration', () => {
    assert.deepEqual(parseStoredPassword(password(whole), NOON), {
      username: 'AWS',
      password: password(whole),
      requestedAt: NOON,
      refreshAt: NOON + HOUR,
      expiresAt: NOON + HOUR,
    });
  });
  test('of ECR Public, which has no type, is one as well', () => {
    assert.ok(parseStoredPassword(password({ payload: 'p', expiration: seconds + 1 }), NOON));
  });

  for (const [name, text] of [
    ['empty', ''],
    ['no base64', 'secret!'],
    ['a plain password', 'hunter22'],
    ['base64 of no JSON', base64('secret')],
    ['base64 of null', base64('null')],
    ['base64 of a list', password([whole])],
    ['base64 of a string', password('payload')],
    ['no payload', password({ ...whole, payload: undefined })],
    ['a payload that is no text', password({ ...whole, payload: {} })],
    ['no expiration', password({ ...whole, expiration: undefined })],
    ['an expiration as text', password({ ...whole, expiration: String(whole.expiration) })],
    ['expired', password({ ...whole, expiration: seconds - 1 })],
    ['expiring at this moment', password({ ...whole, expiration: seconds })],
    ['living too long', password({ ...whole, expiration: seconds + MAX_LIFE_MS / 1000 + 1 })],
    ['milliseconds for seconds', password({ ...whole, expiration: NOON + HOUR })],
    ['an absurd number', base64('{"payload":"p","expiration":1e999}')],
    ['a negative number', password({ ...whole, expiration: -1 })],
    ['a line break behind it', `${password(whole)}\n`],
    ['with its user', base64(`AWS:${password(whole)}`)],
    ['cut', password(whole).slice(0, -6)],
    ['prototype keys', base64('{"__proto__":{"payload":"p","expiration":9e9}}')],
  ] as const)
    test(`is none: ${name}`, () => assert.equal(parseStoredPassword(text, NOON), undefined));

  test('property: any text is a token of the next day, or none', async (t) => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json().map(base64),
      fc.record({ payload: fc.string(), expiration: fc.double() }).map(password),
    );
    await check(
      t,
      fc.property(text, (stored) => {
        const token = parseStoredPassword(stored, NOON);
        assert.ok(token === undefined || (token.expiresAt > NOON && token.expiresAt <= NOON + MAX_LIFE_MS));
      }),
    );
  });
});
