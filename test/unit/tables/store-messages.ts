// Owns the messages of `store` in protocol.test.ts: those that are kept, and those that are refused with which sentence.
import type { Credentials } from '../../../src/protocol/messages.ts';

/** Stands in every refused message, and must stand in no refusal. */
export const CANARY = 'canary-Jd83kfQ';

const URL = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const KEPT: Credentials = { ServerURL: URL, Username: 'AWS', Secret: CANARY };
const json = (message: unknown): string => JSON.stringify(message);

/** What clients send (client-side encoders of Go, Java, Python), and what must be kept of it. */
export const ACCEPTED: readonly (readonly [name: string, text: string, kept: Credentials])[] = [
  ['Go`s encoder, with its newline', `${json(KEPT)}\n`, KEPT],
  ['oras, without a newline', json(KEPT), KEPT],
  ['Windows, CRLF', `${json(KEPT)}\r\n`, KEPT],
  ['white space around', `  \n${json(KEPT)}\n\n`, KEPT],
  ['pretty-printed', JSON.stringify(KEPT, null, 2), KEPT],
  ['a BOM before it', `\uFEFF${json(KEPT)}`, KEPT],
  [
    'Go`s escaped identity token',
    `{"ServerURL":"${URL}","Username":"\\u003ctoken\\u003e","Secret":"${CANARY}"}\n`,
    { ...KEPT, Username: '<token>' },
  ],
  ['lower-case keys', `{"serverurl":"${URL}","username":"AWS","secret":"${CANARY}"}`, KEPT],
  ['upper-case keys', `{"SERVERURL":"${URL}","USERNAME":"AWS","SECRET":"${CANARY}"}`, KEPT],
  [
    'the exact key wins over another case, as in Go',
    `{"serverurl":"x","ServerURL":"${URL}","USERNAME":"x","Username":"AWS","Secret":"${CANARY}"}`,
    KEPT,
  ],
  [
    'the last of two equal keys',
    `{"ServerURL":"x","ServerURL":"${URL}","Username":"AWS","Secret":"${CANARY}"}`,
    KEPT,
  ],
  ['unknown keys', json({ ...KEPT, ExpiresAt: 1, Nested: { a: [1] } }), KEPT],
  ['a key __proto__', `{"__proto__":{"Secret":"x"},${json(KEPT).slice(1)}`, KEPT],
  ['no Secret', json({ ServerURL: URL, Username: 'AWS' }), { ...KEPT, Secret: '' }],
  ['a null Secret, which Go reads as empty', json({ ...KEPT, Secret: null }), { ...KEPT, Secret: '' }],
  ['white space around the URL', json({ ...KEPT, ServerURL: ` ${URL}\t` }), KEPT],
  [
    'letters of other scripts',
    json({ ...KEPT, Username: 'Zoë', Secret: 'pässwörd🔑' }),
    { ...KEPT, Username: 'Zoë', Secret: 'pässwörd🔑' },
  ],
  ['a Secret with line breaks', json({ ...KEPT, Secret: 'a\nb\u0000' }), { ...KEPT, Secret: 'a\nb\u0000' }],
  ['60 KB of Secret', json({ ...KEPT, Secret: 's'.repeat(60_000) }), { ...KEPT, Secret: 's'.repeat(60_000) }],
];

/** What is refused, and the whole stdout of the refusal. */
export const REFUSED: readonly (readonly [name: string, text: string, sentence: string])[] = [
  ['nothing', '', 'no credentials server URL'],
  ['a newline', '\n', 'no credentials server URL'],
  ['white space', ' \r\n\t', 'no credentials server URL'],
  ['an empty object', '{}', 'no credentials server URL'],
  ['an empty ServerURL', json({ ...KEPT, ServerURL: '' }), 'no credentials server URL'],
  ['a blank ServerURL', json({ ...KEPT, ServerURL: ' \n' }), 'no credentials server URL'],
  ['a null ServerURL', json({ ...KEPT, ServerURL: null }), 'no credentials server URL'],
  ['neither URL nor user: the URL first', json({ Secret: CANARY }), 'no credentials server URL'],
  ['no Username', json({ ServerURL: URL, Secret: CANARY }), 'no credentials username'],
  ['an empty Username', json({ ...KEPT, Username: '' }), 'no credentials username'],
  ['a blank Username', json({ ...KEPT, Username: ' ' }), 'no credentials username'],
  [
    'a number for ServerURL',
    json({ ...KEPT, ServerURL: 1 }),
    'store message has a ServerURL that is not a string',
  ],
  [
    'an object for Username',
    json({ ...KEPT, Username: { a: CANARY } }),
    'store message has a Username that is not a string',
  ],
  [
    'a list for Secret',
    json({ ...KEPT, Secret: [CANARY] }),
    'store message has a Secret that is not a string',
  ],
  ['true for Secret', json({ ...KEPT, Secret: true }), 'store message has a Secret that is not a string'],
  ['no JSON', CANARY, 'store message is not valid JSON'],
  ['cut JSON', json(KEPT).slice(0, -3), 'store message is not valid JSON'],
  ['single quotes', `{'Secret':'${CANARY}'}`, 'store message is not valid JSON'],
  ['text behind it', `${json(KEPT)}${CANARY}`, 'store message is not valid JSON'],
  ['two messages', `${json(KEPT)}\n${json(KEPT)}`, 'store message is not valid JSON'],
  ['a list', `[${json(KEPT)}]`, 'store message must be a JSON object'],
  ['a string', json(CANARY), 'store message must be a JSON object'],
  ['null', 'null', 'store message must be a JSON object'],
  [
    'a URL with a line break inside',
    json({ ...KEPT, ServerURL: `a\n${CANARY}` }),
    'server URL holds a control character',
  ],
  [
    'a URL with a zero-width space',
    json({ ...KEPT, ServerURL: `${URL}\u200b` }),
    'server URL holds a control character',
  ],
  [
    'more than 64 KiB',
    json({ ...KEPT, Secret: CANARY.repeat(6000) }),
    'request is too large: more than 65536 bytes',
  ],
];
