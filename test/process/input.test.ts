// Owns hostile and broken input: too much, not text, control characters, unknown words. Every byte is taken, nothing crashes.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { executables } from '../support/executables.ts';
import { assertOutcome, credentials, onlyPassword, refusal, success } from '../support/expect.ts';
import { storeMessage } from '../support/stored.ts';
import { HOST, openWorld } from '../support/world.ts';

const CANARY = 'canary-of-a-store-message';
const LIMIT = 64 * 1024;
const TOO_LARGE = refusal('request is too large: more than 65536 bytes\n');
const CONTROL = refusal('server URL holds a control character\n');
const NOT_UTF8 = refusal('request is not valid UTF-8\n');

const refused = [
  { name: '64 KiB and one byte', stdin: 'a'.repeat(LIMIT + 1), expected: TOO_LARGE },
  { name: '64 KiB and one byte of white space', stdin: HOST.padEnd(LIMIT + 1), expected: TOO_LARGE },
  { name: '10 MB', stdin: Buffer.alloc(10_000_000, 'a'), expected: TOO_LARGE },
  { name: 'NUL at the end', stdin: `${HOST}\0`, expected: CONTROL },
  { name: 'NUL in the middle', stdin: HOST.replace('.', '.\0'), expected: CONTROL },
  { name: 'a second line', stdin: `${HOST}\n${HOST}`, expected: CONTROL },
  { name: 'an escape sequence', stdin: `\u001b[31m${HOST}`, expected: CONTROL },
  { name: 'C1 control', stdin: `${HOST}/\u0085x`, expected: CONTROL },
  { name: 'right-to-left override', stdin: `${HOST}/\u202ex`, expected: CONTROL },
  { name: 'line separator', stdin: `${HOST}/\u2028x`, expected: CONTROL },
  { name: 'a BOM in the middle', stdin: `https://\uFEFF${HOST}`, expected: CONTROL },
  { name: 'Latin-1', stdin: Buffer.from(`${HOST}/\xe9`, 'latin1'), expected: NOT_UTF8 },
  { name: 'UTF-16', stdin: Buffer.from(`\uFEFF${HOST}`, 'utf16le'), expected: NOT_UTF8 },
  { name: 'an overlong slash', stdin: Buffer.from([0xc0, 0xaf]), expected: NOT_UTF8 },
  { name: 'half a character', stdin: Buffer.from([...Buffer.from(HOST), 0xe2, 0x82]), expected: NOT_UTF8 },
];

const badMessages = [
  { name: 'empty', stdin: '', says: 'no credentials server URL' },
  {
    name: 'no ServerURL',
    stdin: `{"Username":"AWS","Secret":"${CANARY}"}`,
    says: 'no credentials server URL',
  },
  {
    name: 'blank ServerURL',
    stdin: storeMessage(CANARY, { serverUrl: ' ' }),
    says: 'no credentials server URL',
  },
  {
    name: 'no Username',
    stdin: `{"ServerURL":"${HOST}","Secret":"${CANARY}"}`,
    says: 'no credentials username',
  },
  { name: 'null', stdin: 'null', says: 'store message must be a JSON object' },
  { name: 'a list', stdin: `["${CANARY}"]`, says: 'store message must be a JSON object' },
  { name: 'no JSON', stdin: CANARY, says: 'store message is not valid JSON' },
  { name: 'cut', stdin: storeMessage(CANARY).slice(0, -4), says: 'store message is not valid JSON' },
  {
    name: 'a number for a Secret',
    stdin: `{"ServerURL":"${HOST}","Username":"AWS","Secret":42}`,
    says: 'store message has a Secret that is not a string',
  },
  {
    name: 'too large',
    stdin: storeMessage('c'.repeat(LIMIT)),
    says: 'request is too large: more than 65536 bytes',
  },
  {
    name: 'a control character in the ServerURL',
    stdin: storeMessage(CANARY, { serverUrl: `${HOST}\u0007` }),
    says: 'server URL holds a control character',
  },
];

const unknown = [
  { argv: [], says: 'no command given' },
  { argv: ['frobnicate'], says: "unknown command 'frobnicate'" },
  { argv: ['GET'], says: "unknown command 'GET'" },
  { argv: ['--frobnicate'], says: "unknown option '--frobnicate'" },
];

for (const executable of executables) {
  describe(`input, ${executable.name}`, { concurrency: 2 }, () => {
    for (const { name, stdin, expected } of refused)
      test(`get of ${name}`, async (t) => {
        const world = await openWorld(t, executable);
        assertOutcome(await world.run(['get'], { stdin }), expected);
        // A failing erase crashes clients, so what is no registry is forgotten already.
        assertOutcome(await world.run(['erase'], { stdin }), success(''));
        assert.deepEqual(world.aws.requests, []);
      });

    test('get of exactly 64 KiB', async (t) => {
      const world = await openWorld(t, executable);
      const result = await world.run(['get'], { stdin: HOST.padEnd(LIMIT) });
      assertOutcome(result, credentials(HOST, onlyPassword(world)));
    });

    test('list takes 10 MB and does not look at them', async (t) => {
      const world = await openWorld(t, executable);
      assertOutcome(await world.run(['list'], { stdin: Buffer.alloc(10_000_000) }), success('{}\n'));
    });

    for (const { name, stdin, says } of badMessages)
      test(`store of a message that is: ${name}`, async (t) => {
        const world = await openWorld(t, executable);
        world.addSecret(CANARY);
        assertOutcome(await world.run(['store'], { stdin }), refusal(`${says}\n`));
      });

    for (const { argv, says } of unknown)
      test(`unknown: ${argv.join(' ') || 'nothing'}`, async (t) => {
        const world = await openWorld(t, executable);
        const stdin = Buffer.alloc(1_000_000, 'a');
        const result = await world.run(argv, { stdin });
        assertOutcome(result, { stdout: result.stdout, stderr: '', code: 1 });
        const [first, second] = result.stdout.split('\n');
        assert.equal(first?.split('\n')[0], `docker-credential-ecr-login: ${says}`);
        assert.match(second ?? '', /^Usage: docker-credential-ecr-login /);
      });

    for (const argv of [['--help'], ['-h'], ['help']])
      test(argv.join(' '), async (t) => {
        const world = await openWorld(t, executable);
        const result = await world.run(argv, { stdinKind: 'hold', timeoutMs: 5000 });
        assertOutcome(result, success(result.stdout));
        assert.match(result.stdout, /^Usage: docker-credential-ecr-login /);
        for (const verb of ['get', 'store', 'erase', 'list', 'version'])
          assert.match(result.stdout, new RegExp(`^  ${verb} `, 'm'));
      });

    test('get with the registry as an argument does not wait for stdin', async (t) => {
      const world = await openWorld(t, executable);
      const result = await world.run(['get', HOST], { stdinKind: 'hold', timeoutMs: 5000 });
      assertOutcome(result, credentials(HOST, onlyPassword(world)));
      assertOutcome(
        await world.run(['get', 'ghcr.io']),
        refusal('credentials not found in native keychain\n'),
      );
      assertOutcome(await world.run(['get', '']), refusal('no credentials server URL\n'));
    });
  });
}
