// Owns the input that attackers and accidents make: damaged JSON, names that objects are born with, hosts that look like a
// registry's. It must not judge anything.
import fc from 'fast-check';
import { SECRET } from './fuzz.ts';

/** Names that a careless lookup finds in every object. */
export const BORN_WITH: readonly string[] = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '__defineGetter__',
];

const textOf = (...words: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        { weight: 6, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
        fc.constantFrom('\n', '\r\n', '\0', '\x1b[31m', '\u202e', '\uFEFF', '\u2028', '\ud800', ' ', '\t'),
        fc.constantFrom(...words),
      ),
      { maxLength: 6 },
    )
    .map((parts) => parts.join(''));

const WORDS = [...BORN_WITH, 'true', '0', '-1', '1e999', '[', '{', '"', '=', '#', '../', 'https://', '…'];

/** Text with what breaks lines, terminals, encodings and comparisons. */
export const strange: fc.Arbitrary<string> = textOf(...WORDS);

/** The same with the secret now and then. */
export const nasty: fc.Arbitrary<string> = textOf(...WORDS, SECRET, SECRET);

/** Any JSON value without the secret, with keys that objects are born with and numbers that are none. */
export const anyJson: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, false, 0, -0, 1e21, 1e308, -1, 0.1, 2 ** 53, ''),
    strange,
    fc.double(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.oneof(fc.constantFrom(...BORN_WITH), strange), tie('value')), { maxLength: 4 })
      .map((entries) => Object.fromEntries(entries)),
  ),
})).value;

/** A JSON object whose known keys hold a right value or any other, with strangers beside them. */
export function objectWith(known: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<object> {
  const members = Object.entries(known).map(([key, right]) =>
    fc.tuple(fc.constant(key), fc.oneof({ weight: 4, arbitrary: right }, anyJson, fc.constant(undefined))),
  );
  const strangers = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...BORN_WITH), strange), anyJson), {
    maxLength: 2,
  });
  return fc
    .tuple(fc.tuple(...members), strangers)
    .map(([own, others]) => Object.fromEntries([...own, ...others]));
}

/** The text of a value, whole, cut, with a piece put in, or something else entirely; NaN and the like become null. */
export function damagedText(value: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  const text = value.map((each) => JSON.stringify(each) ?? 'undefined');
  return fc.oneof(
    { weight: 4, arbitrary: text },
    fc.tuple(text, fc.nat(400)).map(([whole, at]) => whole.slice(0, at)),
    fc
      .tuple(text, fc.nat(400), strange)
      .map(([whole, at, piece]) => whole.slice(0, at) + piece + whole.slice(at)),
    text.map((whole) => `\uFEFF${whole}\r\n`),
    text.map((whole) => whole + whole),
    strange,
  );
}

/** Hosts of registries as they are. */
export const realHost: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('public.ecr.aws', 'ecr-public.aws.com'),
  fc
    .tuple(
      fc.stringMatching(/^[0-9]{12}$/),
      fc.constantFrom(
        ['dkr.ecr', 'us-east-1', 'amazonaws.com'],
        ['dkr.ecr-fips', 'us-gov-west-1', 'amazonaws.com'],
        ['dkr.ecr', 'cn-north-1', 'amazonaws.com.cn'],
        ['dkr-ecr', 'eu-west-1', 'on.aws'],
        ['dkr.ecr', 'us-iso-east-1', 'c2s.ic.gov'],
        ['dkr.ecr', 'eusc-de-east-1', 'amazonaws.eu'],
      ),
    )
    .map(([account, rest]) => `${account}.${rest.join('.')}`),
);

const PIECES = [
  'evil.com',
  '.evil.com',
  'evil-',
  '@',
  '%2e',
  '%00',
  '\\',
  '/',
  '#',
  '?',
  ':',
  ':443',
  '..',
  '.',
  '-',
  '_',
  '*',
  '0',
  'x',
  'www.',
  's3.',
  'ｅ',
  '。',
  '١',
  'ſ',
  'K',
  'а',
  '\t',
  ' ',
  '[',
  'amazonaws.com',
  'dkr.ecr.',
];

/** Hosts a slip, a trick or an alphabet away from a registry's; some are real ones again. */
export const lookAlike: fc.Arbitrary<string> = fc
  .tuple(
    realHost,
    fc.array(fc.tuple(fc.nat(60), fc.nat(3), fc.constantFrom(...PIECES, '')), { minLength: 1, maxLength: 3 }),
  )
  .map(([host, edits]) =>
    edits.reduce((text, [at, drop, piece]) => {
      const place = Math.min(at, text.length);
      return text.slice(0, place) + piece + text.slice(place + drop);
    }, host),
  );
