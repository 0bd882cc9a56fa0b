// The words of every failure: one line each for cause and hint, fit for a terminal, for build logs and for clients that compare.
// Owns no problems (tables/problems.ts).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { HelperError, type Problem, problemOf } from '../../src/errors.ts';
import { causeLine, explain, explanationLines } from '../../src/explain.ts';
import { check } from './property.ts';
import { PROBLEMS } from './tables/problems.ts';

const SENTINEL = 'credentials not found in native keychain';
const PREFIX = 'docker-credential-ecr-login: registry.test: ';
const all: readonly (readonly [Problem, RegExp, RegExp])[] = Object.values(PROBLEMS).flat();

/** The same problem with `change` applied to every text in it but its kind. */
function withTexts(problem: Problem, change: (text: string) => string): Problem {
  const mapped = Object.entries(problem).map(([key, value]) => [
    key,
    key === 'kind' || typeof value === 'number'
      ? value
      : Array.isArray(value)
        ? value.map((each) => (typeof each === 'string' ? change(each) : each))
        : change(String(value)),
  ]);
  return Object.fromEntries(mapped);
}

describe('every kind of failure', () => {
  for (const [problem, cause, hint] of all)
    test(JSON.stringify(problem).slice(0, 100), () => {
      const [causeText, hintText] = explanationLines('registry.test', problem);
      assert.ok(causeText.startsWith(PREFIX), causeText);
      assert.match(causeText.slice(PREFIX.length), cause);
      assert.ok(hintText.startsWith('hint: '), hintText);
      assert.match(hintText.slice('hint: '.length), hint);
      // Lower case, unless a name stands first; no full stop; nothing left open.
      assert.match(causeText.slice(PREFIX.length), /^([a-z"]|AWS |Amazon )/);
      for (const line of [causeText, hintText]) {
        assert.doesNotMatch(line, /[\n\r]|\.$|undefined|\[object|NaN| {2}/);
        assert.equal(line, line.trim());
      }
      assert.equal(causeLine('registry.test', problem), causeText);
    });

  for (const [problem] of all)
    test(`control characters and length: ${problem.kind}`, () => {
      const dirty = withTexts(
        problem,
        (text) => `${text}\n\x1b[31m\u0085\u2028\u202e\u200b\0${'x'.repeat(2000)}\r\n`,
      );
      for (const line of explanationLines('reg\nistry', dirty)) {
        assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        assert.ok(line.length <= 1000);
      }
    });

  for (const [problem] of all)
    test(`no sentinel on stdout: ${problem.kind}`, () => {
      for (const text of [
        SENTINEL,
        `${SENTINEL} in native keychain`,
        SENTINEL.replace(' ', '\n'),
        SENTINEL.repeat(3),
      ])
        assert.ok(
          !causeLine(
            'registry.test',
            withTexts(problem, () => text),
          ).includes(SENTINEL),
        );
      assert.ok(!causeLine(SENTINEL, problem).includes(SENTINEL));
    });
});

test('a hint for the registry names it, or leaves room for one', () => {
  const problem: Problem = { kind: 'mfa-needed', profile: 'a', serial: 's', reason: 'r' };
  assert.match(explain(problem, 'registry.test').hint, / login registry\.test$/);
  assert.match(explain(problem).hint, / login <registry>$/);
});

test('anything thrown has a problem: ours as it is, all else as a bug of ours', () => {
  const ours: Problem = { kind: 'throttled', service: 's' };
  assert.equal(problemOf(new HelperError(ours)), ours);
  assert.deepEqual(problemOf(new TypeError('x')), { kind: 'internal', detail: 'TypeError: x' });
  assert.deepEqual(problemOf(new RangeError()), { kind: 'internal', detail: 'RangeError' });
  for (const [thrown, detail] of [
    ['text', 'string'],
    [undefined, 'undefined'],
    [null, 'object'],
    [{ message: 'x' }, 'object'],
  ] as const)
    assert.deepEqual(problemOf(thrown), { kind: 'internal', detail });
});

test('property: two lines without control characters and without the sentinel, whatever the texts', async (t) => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.constantFrom(SENTINEL, ' in native keychain', 'credentials not found', '\n', ' '), {
        maxLength: 6,
      })
      .map((parts) => parts.join('')),
  );
  await check(
    t,
    fc.property(
      fc.constantFrom(...all.map(([problem]) => problem)),
      text,
      text,
      (problem, registry, value) => {
        const dirty = withTexts(problem, () => value);
        for (const line of [...explanationLines(registry, dirty), causeLine(registry, dirty)])
          assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        assert.ok(!causeLine(registry, dirty).includes(SENTINEL));
      },
    ),
  );
});
