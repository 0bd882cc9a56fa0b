// The config file as a specification: what is accepted, what is refused and with which words, and that the published
// JSON Schema and the code say the same.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { parseConfigFile } from '../../src/config/file.ts';
import { locate } from '../../src/config/locate.ts';
import { HelperError } from '../../src/errors.ts';
import { explain } from '../../src/explain.ts';

const FILE = '/home/dev/.ecr/config.json';
const ROLE = 'arn:aws:iam::123456789012:role/puller';

const accepted: readonly (readonly [name: string, config: unknown])[] = [
  ['an empty object', {}],
  ['a schema reference', { $schema: 'https://example.com/config.schema.json' }],
  ['no rules', { registries: [] }],
  ['a host glob with a profile', { registries: [{ match: '*.dkr.ecr.eu-*.amazonaws.com', profile: 'dev' }] }],
  [
    'an account and a region glob',
    { registries: [{ match: { account: '123456789012', region: 'us-*' }, profile: 'auto' }] },
  ],
  [
    'a role with everything',
    {
      registries: [
        {
          match: '*',
          roleArn: ROLE,
          externalId: 'x',
          sessionName: 'ci',
          mfaSerial: 'arn:aws:iam::1:mfa/a',
          sourceProfile: 'base',
        },
      ],
    },
  ],
  [
    'a mapped host',
    { registries: [{ match: 'registry.example.com', account: '123456789012', region: 'eu-west-1' }] },
  ],
  [
    'a mapped host with a port',
    {
      registries: [
        { match: { host: 'registry.example.com:5000' }, account: '123456789012', region: 'eu-west-1' },
      ],
    },
  ],
  [
    'an endpoint',
    {
      registries: [
        {
          match: '*',
          endpoint: 'https://vpce-1.api.ecr.us-east-1.vpce.amazonaws.com',
          fips: true,
          dualStack: false,
        },
      ],
    },
  ],
  [
    'every setting',
    {
      onError: 'fail',
      timeout: 1.5,
      logLevel: 'off',
      cache: false,
      cacheDir: '~/x',
      ignoreCredsStorage: true,
      mfaCommand: 'code',
      fallback: 'pass',
    },
  ],
];

const refused: readonly (readonly [name: string, config: unknown, reason: RegExp])[] = [
  ['a list', [], /must be an object/],
  ['null', null, /must be an object/],
  ['an unknown key', { registry: [] }, /unknown key "registry"; did you mean "registries"\?/],
  ['a key of Object.prototype', JSON.parse('{"constructor": 1}'), /unknown key "constructor"/],
  ['__proto__', JSON.parse('{"__proto__": {"onError": "fail"}}'), /unknown key "__proto__"/],
  [
    'a misspelt key of a rule',
    { registries: [{ match: '*', profil: 'x' }] },
    /unknown key "profil"; did you mean "profile"\?/,
  ],
  [
    'a key far from any',
    { registries: [{ match: '*', zzzzzzzzzz: 'x' }] },
    /unknown key "zzzzzzzzzz"; known are match, profile/,
  ],
  ['a rule without match', { registries: [{ profile: 'x' }] }, /a rule needs "match"/],
  ['an empty match', { registries: [{ match: {}, profile: 'x' }] }, /"match" must name/],
  [
    'an account as a number',
    { registries: [{ match: { account: 123456789012 } }] },
    /"account" must be a string of 12 digits/,
  ],
  ['an account of 11 digits', { registries: [{ match: { account: '12345678901' } }] }, /12 digits/],
  [
    'profile beside roleArn',
    { registries: [{ match: '*', profile: 'x', roleArn: ROLE }] },
    /"profile" cannot stand beside "roleArn"/,
  ],
  ['externalId alone', { registries: [{ match: '*', externalId: 'x' }] }, /"externalId" needs "roleArn"/],
  [
    'a role that is a user',
    { registries: [{ match: '*', roleArn: 'arn:aws:iam::123456789012:user/x' }] },
    /ARN of a role/,
  ],
  [
    'account without region',
    { registries: [{ match: 'r.example.com', account: '123456789012' }] },
    /needs "region"/,
  ],
  [
    'a mapping by glob',
    { registries: [{ match: '*.example.com', account: '123456789012', region: 'eu-west-1' }] },
    /name that host in full/,
  ],
  [
    'a mapping without host',
    { registries: [{ match: { region: 'eu-*' }, account: '123456789012', region: 'eu-west-1' }] },
    /name that host in full/,
  ],
  [
    'an endpoint with user info',
    { registries: [{ match: '*', endpoint: 'https://u:p@host' }] },
    /without user/,
  ],
  ['a region with a slash', { registries: [{ match: '*', region: 'eu/west' }] }, /a region such as/],
  ['onError', { onError: 'ignore' }, /"fail" or "not-found"/],
  ['timeout 0', { timeout: 0 }, /from 1 to 600/],
  ['a string for a flag', { cache: 'false' }, /true or false/],
  ['a relative cache directory', { cacheDir: 'cache' }, /absolute path/],
  ['a fallback with a path', { fallback: '../evil' }, /the name of a helper/],
];

function reasonOf(text: string): string | undefined {
  try {
    parseConfigFile(text, FILE);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof HelperError, String(error));
    return explain(error.problem).cause;
  }
}

const schema: unknown = JSON.parse(
  readFileSync(new URL('../../docs/config.schema.json', import.meta.url), 'utf8'),
);
assert.ok(typeof schema === 'object' && schema !== null);
const bySchema = new Ajv({ strict: false }).compile(schema);

describe('the config file', () => {
  for (const [name, config] of accepted) {
    test(`accepts ${name}`, () => {
      assert.equal(reasonOf(JSON.stringify(config)), undefined);
      assert.ok(bySchema(config), JSON.stringify(bySchema.errors));
    });
  }
  for (const [name, config, reason] of refused) {
    test(`refuses ${name}`, () => {
      assert.match(reasonOf(JSON.stringify(config)) ?? 'accepted', reason);
      assert.equal(bySchema(config), false);
    });
  }
  test('takes a BOM', () => assert.equal(reasonOf('\uFEFF{}'), undefined));
  test("writes a rule's host pattern out", () => {
    assert.deepEqual(parseConfigFile('{"registries":[{"match":"a","profile":"p"}]}', FILE).registries, [
      { match: { host: 'a' }, profile: 'p' },
    ]);
  });

  test('schema and code agree on whatever is written', () => {
    const word = fc.constantFrom(
      'a',
      '*',
      'registry.example.com',
      '123456789012',
      'eu-west-1',
      '',
      ROLE,
      'auto',
    );
    const value = fc.oneof(word, fc.boolean(), fc.integer({ min: -1, max: 700 }), fc.constant(null));
    const key = fc.constantFrom(
      'match',
      'profile',
      'roleArn',
      'externalId',
      'sourceProfile',
      'account',
      'region',
      'fips',
      'host',
    );
    const match = fc.oneof(word, fc.dictionary(fc.constantFrom('host', 'account', 'region'), word));
    const rule = fc
      .tuple(fc.dictionary(key, value), match)
      .map(([rest, matched]) => ({ ...rest, match: matched }));
    const settings = fc.dictionary(
      fc.constantFrom('onError', 'timeout', 'cache', 'fallback', 'other'),
      value,
    );
    const config = fc
      .tuple(settings, fc.array(rule, { maxLength: 2 }))
      .map(([rest, registries]) => ({ ...rest, registries }));
    fc.assert(
      fc.property(config, (candidate) => {
        assert.equal(
          reasonOf(JSON.stringify(candidate)) === undefined,
          bySchema(candidate),
          JSON.stringify(candidate),
        );
      }),
      { numRuns: 3000 },
    );
  });

  test('nothing but a named refusal comes of any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => void reasonOf(text)),
      { numRuns: 2000 },
    );
  });
});

describe('the line of a mistake', () => {
  const text =
    '{\n  "onError": "fail",\n  "registries": [\n    { "match": "a" },\n    { "match": "b",\n      "profil": "x" }\n  ]\n}\n';
  const places: readonly (readonly [at: readonly (string | number)[], line: number | undefined])[] = [
    [['onError'], 2],
    [['registries', 0], 4],
    [['registries', 1, 'profil'], 6],
    [['nowhere'], undefined],
  ];
  for (const [at, line] of places)
    test(`${at.join('.')} stands in line ${line}`, () =>
      assert.equal(locate(text, { at, reason: 'x' }).line, line));
  test('text that is not JSON', () => {
    assert.deepEqual(locate('{\n  "a": 1\n  "b": 2\n}', { at: [], reason: 'syntax' }), {
      line: 3,
      reason: 'it is not JSON: comma expected',
    });
    assert.equal(locate('{ // no comments\n}', { at: [], reason: 'syntax' }).line, 1);
  });
});
