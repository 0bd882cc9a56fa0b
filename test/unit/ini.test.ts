// The syntax of the AWS shared config files: odd files and what they mean, malformed ones and the line at fault.
// Owns no texts (tables/ini-files.ts); what a key means is tested where it is used.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseIni } from '../../src/aws/ini.ts';
import { HelperError } from '../../src/errors.ts';
import { problemFrom } from './fixtures.ts';
import { check } from './property.ts';
import { MALFORMED, READABLE } from './tables/ini-files.ts';

const FILE = '/home/me/.aws/config';

/** Entries, not objects: `__proto__` is a name like any other here. */
function meaningOf(text: string): [header: string, settings: [key: string, value: string][]][] {
  return [...parseIni(text, FILE)].map(([header, { values, nested }]) => [
    header,
    [
      ...values,
      ...[...nested].flatMap(([key, settings]) =>
        [...settings].map(([sub, value]): [string, string] => [`${key}.${sub}`, value]),
      ),
    ].sort(),
  ]);
}

describe('readable files', () => {
  for (const [name, text, meaning] of READABLE)
    test(name, () => {
      assert.deepEqual(
        meaningOf(text),
        Object.entries(meaning).map(([header, settings]) => [header, Object.entries(settings).sort()]),
      );
    });
});

describe('malformed files', () => {
  for (const [name, text, line, reason] of MALFORMED)
    test(`${name}: line ${line}`, () => {
      const problem = problemFrom(() => parseIni(text, FILE));
      assert.ok(problem.kind === 'malformed-file');
      assert.equal(problem.file, FILE);
      assert.equal(problem.line, line);
      assert.match(problem.reason, reason);
    });

  test('the line itself, which may hold a secret, is not repeated', () => {
    const problem = problemFrom(() => parseIni('[a]\naws_secret_access_key canary-Jd83kfQ', FILE));
    assert.ok(!JSON.stringify(problem).includes('canary'));
  });
});

test('property: any text is parsed, or refused with a line that exists', async (t) => {
  const piece = fc.oneof(
    fc.constantFrom('[', ']', '[a]', '=', 'x = 1', ' ', '\t', '#', ';', '\n', '\r\n', '"', '\uFEFF', '\0'),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  await check(
    t,
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join('');
      try {
        for (const [header, { values }] of parseIni(text, FILE)) {
          assert.equal(header, header.trim());
          for (const [key, value] of values) {
            assert.notEqual(key, '');
            assert.equal(value, value.trim());
          }
        }
      } catch (error) {
        assert.ok(error instanceof HelperError && error.problem.kind === 'malformed-file', `${error}`);
        const { line = 0 } = error.problem;
        assert.ok(line >= 1 && line <= text.split('\n').length);
      }
    }),
  );
});

test('a long file is parsed in no more than linear time', () => {
  const text = `[a]\n${'x = 1\n  y = 2\n'.repeat(20_000)}${' '.repeat(100_000)}#\n[a]`;
  const startedAt = performance.now();
  assert.equal(parseIni(text, FILE).size, 1);
  assert.ok(performance.now() - startedAt < 2000);
});
