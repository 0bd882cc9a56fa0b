// Owns how property tests run: one printed seed for the whole file, and a number of runs that PROPERTY_RUNS sets.
// To see a failure again: PROPERTY_SEED=<seed> npm run test:unit.
import type { TestContext } from 'node:test';
import fc from 'fast-check';

const RUNS = Number(process.env.PROPERTY_RUNS ?? 300);
const SEED = Number(process.env.PROPERTY_SEED ?? Date.now() % 0x7fffffff);

/** Checks a property with the file's seed; one that takes long on a slow machine still ends, after those runs that fit. */
export async function check<T>(t: TestContext, property: fc.IRawProperty<T>): Promise<void> {
  t.diagnostic(`seed ${SEED}, ${RUNS} runs`);
  await fc.assert(property, {
    seed: SEED,
    numRuns: RUNS,
    interruptAfterTimeLimit: 8000,
    markInterruptAsFailure: false,
  });
}
