// Docker's wire format: serve() with a helper in memory, exact stdout, stderr and exit code for what clients send.
// Owns nothing of ECR: hosts are only text here (rules 2-16 of docker-credential-helpers and its clients).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type Action,
  type CredentialHelper,
  type Credentials,
  Refusal,
} from '../../src/protocol/messages.ts';
import { REQUEST_LIMIT } from '../../src/protocol/request.ts';
import { serve } from '../../src/protocol/serve.ts';
import { check } from './property.ts';
import { ACCEPTED, CANARY, REFUSED } from './tables/store-messages.ts';

const HOST = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const SENTINEL = 'credentials not found in native keychain';

/** Fifteen lines instead of a mock library; `erased` and `got` are what arrived. */
function memoryHelper(): CredentialHelper & { stored: Credentials[]; got: string[]; erased: string[] } {
  const stored: Credentials[] = [];
  const got: string[] = [];
  const erased: string[] = [];
  return {
    stored,
    got,
    erased,
    async get(serverUrl) {
      got.push(serverUrl);
      const found = { ServerURL: serverUrl, Username: 'AWS', Secret: 'token', expiresAt: 1 };
      return found;
    },
    async store(credentials) {
      stored.push(credentials);
    },
    async erase(serverUrl) {
      erased.push(serverUrl);
    },
    list: async () => ({ [`https://${HOST}`]: 'AWS' }),
  };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const refused = (sentence: string) => ({ stdout: `${sentence}\n`, stderr: '', exitCode: 1 });

describe('get', () => {
  for (const [name, sent, asked] of [
    ['Docker, no newline', HOST, HOST],
    ['testcontainers-node, a newline', `${HOST}\n`, HOST],
    ['.NET on Windows, CRLF', `${HOST}\r\n`, HOST],
    ['rules_oci on Windows, a space and CRLF', `${HOST} \r\n`, HOST],
    ['.NET Framework, a BOM', `\uFEFF${HOST}`, HOST],
    ['two BOMs', `\uFEFF\uFEFF${HOST}\n`, HOST],
    ['white space around', `\t ${HOST}\n\n`, HOST],
    ['a scheme is echoed', `https://${HOST}`, `https://${HOST}`],
    ['port and path are echoed', `https://${HOST}:443/v2/`, `https://${HOST}:443/v2/`],
    ['upper case is echoed', HOST.toUpperCase(), HOST.toUpperCase()],
    ['quotes and angle brackets are JSON', `a"<b>`, `a"<b>`],
    ['a space inside is no business of the protocol', 'a b', 'a b'],
  ] as const) {
    test(name, async () => {
      const helper = memoryHelper();
      const outcome = await serve('get', bytes(sent), helper);
      assert.deepEqual(helper.got, [asked]);
      // The exact bytes: three keys in this order, all strings, one line, whatever else the helper answered.
      assert.deepEqual(outcome, {
        stdout: `{"ServerURL":${JSON.stringify(asked)},"Username":"AWS","Secret":"token"}\n`,
        stderr: '',
        exitCode: 0,
      });
    });
  }

  for (const [name, sent, sentence] of [
    ['nothing', '', 'no credentials server URL'],
    ['a newline', '\n', 'no credentials server URL'],
    ['white space', ' \t\r\n', 'no credentials server URL'],
    ['a BOM alone', '\uFEFF', 'no credentials server URL'],
    ['a second line', `${HOST}\n${CANARY}`, 'server URL holds a control character'],
    ['a NUL', `${HOST}\0`, 'server URL holds a control character'],
    ['an escape sequence', `\x1b[31m${CANARY}`, 'server URL holds a control character'],
    ['DEL', `${HOST}\x7f${CANARY}`, 'server URL holds a control character'],
    ['a C1 control', `${HOST}\u0085${CANARY}`, 'server URL holds a control character'],
    ['a BOM inside', `${HOST}\uFEFF${CANARY}`, 'server URL holds a control character'],
    ['a zero-width space', `${HOST}\u200b`, 'server URL holds a control character'],
    ['a zero-width joiner', `\u200d${HOST}`, 'server URL holds a control character'],
    ['a right-to-left override', `${HOST}\u202e${CANARY}`, 'server URL holds a control character'],
    ['a soft hyphen', `${HOST}\u00ad`, 'server URL holds a control character'],
    ['a line separator inside', `${HOST}\u2028${CANARY}`, 'server URL holds a control character'],
    ['UTF-16 without a BOM', HOST.split('').join('\0'), 'server URL holds a control character'],
    ['more than 64 KiB', CANARY.repeat(6000), 'request is too large: more than 65536 bytes'],
  ] as const) {
    test(`refuses ${name}`, async () => {
      const helper = memoryHelper();
      assert.deepEqual(await serve('get', bytes(sent), helper), refused(sentence));
      assert.deepEqual(helper.got, []);
    });
  }

  test('refuses bytes that are not UTF-8', async () => {
    for (const raw of [
      [0xff, 0xfe, 0x31, 0x00],
      [0xc0, 0xaf],
      [0x31, 0x80],
      [0xed, 0xa0, 0x80],
      [0xf0, 0x9f],
    ])
      assert.deepEqual(
        await serve('get', Uint8Array.from(raw), memoryHelper()),
        refused('request is not valid UTF-8'),
      );
  });

  test('takes a request of exactly the limit and refuses one byte more', async () => {
    const atLimit = await serve('get', bytes('a'.repeat(REQUEST_LIMIT)), memoryHelper());
    assert.equal(atLimit.exitCode, 0);
    const over = await serve('get', bytes('a'.repeat(REQUEST_LIMIT + 1)), memoryHelper());
    assert.equal(over.exitCode, 1);
  });

  test('the sentinel is the whole of stdout, and the lines for people are on stderr', async () => {
    const helper = memoryHelper();
    helper.get = async () => {
      throw new Refusal(SENTINEL, ['cause', 'hint: do this']);
    };
    assert.deepEqual(await serve('get', bytes(HOST), helper), {
      stdout: `${SENTINEL}\n`,
      stderr: 'cause\nhint: do this\n',
      exitCode: 1,
    });
  });

  test('a bug of ours is not answered as if it were a refusal', async () => {
    const helper = memoryHelper();
    helper.get = async () => {
      throw new TypeError('a bug');
    };
    await assert.rejects(serve('get', bytes(HOST), helper), TypeError);
  });
});

describe('store', () => {
  for (const [name, text, kept] of ACCEPTED) {
    test(`takes ${name}`, async () => {
      const helper = memoryHelper();
      assert.deepEqual(await serve('store', bytes(text), helper), { stdout: '', stderr: '', exitCode: 0 });
      assert.deepEqual(helper.stored, [kept]);
    });
  }
  for (const [name, text, sentence] of REFUSED) {
    test(`refuses ${name}`, async () => {
      const helper = memoryHelper();
      const outcome = await serve('store', bytes(text), helper);
      assert.deepEqual(outcome, refused(sentence));
      assert.ok(!JSON.stringify(outcome).includes(CANARY));
      assert.deepEqual(helper.stored, []);
    });
  }
  test('refuses a secret that is not UTF-8, and names none of it', async () => {
    const raw = Uint8Array.from([...bytes(`{"Secret":"${CANARY}`), 0xff, 0x22, 0x7d]);
    assert.deepEqual(await serve('store', raw, memoryHelper()), refused('request is not valid UTF-8'));
  });
});

describe('erase', () => {
  for (const sent of [HOST, `${HOST}\n`, `http://${HOST}`, 'https://index.docker.io/v1/', 'no host at all'])
    test(`passes on ${JSON.stringify(sent)} and says nothing`, async () => {
      const helper = memoryHelper();
      assert.deepEqual(await serve('erase', bytes(sent), helper), { stdout: '', stderr: '', exitCode: 0 });
      assert.deepEqual(helper.erased, [sent.trim()]);
    });
  // A failing erase makes the podman, skopeo and buildah of Debian 12 crash with a stack overflow.
  for (const [name, raw] of [
    ['a control character', bytes(`${HOST}\0`)],
    ['no UTF-8', Uint8Array.of(0xff)],
    ['too many bytes', bytes('a'.repeat(70_000))],
  ] as const)
    test(`succeeds for ${name}, and erases nothing`, async () => {
      const helper = memoryHelper();
      assert.deepEqual(await serve('erase', raw, helper), { stdout: '', stderr: '', exitCode: 0 });
      assert.deepEqual(helper.erased, []);
    });
  for (const sent of ['', '\n', ' \r\n', '\uFEFF'])
    test(`refuses empty input ${JSON.stringify(sent)}`, async () => {
      assert.deepEqual(
        await serve('erase', bytes(sent), memoryHelper()),
        refused('no credentials server URL'),
      );
    });
});

describe('list', () => {
  for (const sent of ['unused', '', '\n', 'x'.repeat(70_000)])
    test(`answers ${JSON.stringify(sent.slice(0, 10))} (${sent.length} bytes) with one object`, async () => {
      assert.deepEqual(await serve('list', bytes(sent), memoryHelper()), {
        stdout: `{"https://${HOST}":"AWS"}\n`,
        stderr: '',
        exitCode: 0,
      });
    });
  test('an empty list is an object too', async () => {
    const helper = memoryHelper();
    helper.list = async () => ({});
    assert.equal((await serve('list', bytes('unused'), helper)).stdout, '{}\n');
  });
  test('does not look at its input, which may be no UTF-8', async () => {
    assert.equal((await serve('list', Uint8Array.of(0xff), memoryHelper())).exitCode, 0);
  });
});

test('property: whatever arrives, one outcome of exit code 0 or 1, one line at most, no secret in a refusal', async (t) => {
  const action = fc.constantFrom<Action>('get', 'store', 'erase', 'list');
  const message = fc.record(
    { ServerURL: fc.anything(), Username: fc.anything(), Secret: fc.constant(CANARY), [CANARY]: fc.string() },
    { requiredKeys: ['Secret'] },
  );
  const raw = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.string({ unit: 'binary' }).map((text) => bytes(text + CANARY)),
    message.map((value) => bytes(JSON.stringify(value))),
    message.map((value) => bytes(JSON.stringify(value).slice(3))),
  );
  await check(
    t,
    fc.asyncProperty(action, raw, async (verb, request) => {
      const { stdout, stderr, exitCode } = await serve(verb, request, memoryHelper());
      assert.match(stdout, exitCode === 0 ? /^(\{.*\}\n)?$/ : /^[^\n]+\n$/);
      assert.equal(stderr, '');
      if (exitCode === 1) assert.ok(!stdout.includes(CANARY), stdout);
    }),
  );
});
