// Owns how open input is fuzzed: three fixed seeds and one that is drawn and printed, cases that are counted, and a limit in
// time for each, so that a hang is a failure. CI=true or FUZZ_RUNS=<cases for each property and seed> makes it long.
// To see a failure of the drawn seed again: FUZZ_SEED=<seed> node --test test/unit/fuzz-*.test.ts
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { HelperError } from '../../src/errors.ts';
import { explanationLines } from '../../src/explain.ts';

const RUNS = Number(process.env.FUZZ_RUNS ?? (process.env.CI ? 1600 : 100));
const DRAWN = Number(process.env.FUZZ_SEED ?? Date.now() % 0x7fffffff);
const SEEDS: readonly number[] = [1, 20_260_131, 0x7ffffffe, DRAWN];
/** For one case; on a machine that is busy with other tests a pause of a second is none of ours. */
const CASE_LIMIT_MS = 5000;

let cases = 0;

/** Prints the count of a file's cases at its end, and fails where a long run was none. */
export function countCases(leastInCi: number): void {
  after(() => {
    // On stdout, since the count is wanted whatever the reporter shows.
    console.log(`fuzz: ${cases} cases, ${RUNS} for each property and seed, drawn seed ${DRAWN}`);
    if (process.env.CI && process.env.FUZZ_RUNS === undefined)
      assert.ok(cases >= leastInCi, `${cases} cases, not ${leastInCi}`);
  });
}

/** A property of generated input; `share` is the part of the usual runs that a slow one gets. */
export function fuzz<T>(
  name: string,
  arbitrary: fc.Arbitrary<T>,
  holds: (value: T) => void | Promise<void>,
  share = 1,
): void {
  test(name, async (t) => {
    const numRuns = Math.max(5, Math.round(RUNS * share));
    t.diagnostic(`${SEEDS.length} × ${numRuns} cases, drawn seed ${DRAWN}`);
    const property = fc.asyncProperty(arbitrary, async (value) => {
      const startedAt = performance.now();
      await holds(value);
      cases += 1;
      const ms = performance.now() - startedAt;
      assert.ok(ms < CASE_LIMIT_MS, `it took ${Math.round(ms)} ms`);
    });
    for (const seed of SEEDS) await fc.assert(property, { seed, numRuns });
  });
}

/** Stands in generated input wherever a secret may stand. */
export const SECRET = 'canary0secret0of0fuzzing';

/** Runs `work`, which may throw errors of the kinds given and no other, and none that repeats the secret. */
export function onlyTyped<T>(
  work: () => T,
  ...kinds: readonly (abstract new (
    ...args: never[]
  ) => Error)[]
): T | undefined {
  try {
    return work();
  } catch (error) {
    assertTyped(error, kinds);
    return undefined;
  }
}

/** The same for what may be rejected. */
export async function onlyTypedAsync<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    assertTyped(error, []);
    return undefined;
  }
}

function assertTyped(error: unknown, kinds: readonly (abstract new (...args: never[]) => Error)[]): void {
  const isTyped = error instanceof HelperError || kinds.some((kind) => error instanceof kind);
  assert.ok(isTyped && error instanceof Error, `not one of ours: ${error}`);
  const told = error instanceof HelperError ? tell(error) : error.message;
  assert.ok(!told.includes(SECRET), 'the secret stands in an error');
}

/** Everything that a failure says to anybody; an `internal` one is a bug. */
function tell(error: HelperError): string {
  assert.notEqual(error.problem.kind, 'internal', JSON.stringify(error.problem));
  const lines = explanationLines('registry', error.problem);
  for (const line of lines) {
    assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    assert.ok(line.length <= 1000 && line.length > 0);
  }
  return `${lines.join('\n')}${JSON.stringify(error.problem)}`;
}
