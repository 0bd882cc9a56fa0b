// Owns the fault table: every service that a `get` may ask, with everything that may go wrong with it, on every executable. Each
// row ends in a token or in a cause with a hint, in these very words, in time, without a stack. The rows are in support/faults.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { ageEntries } from '../support/entries.ts';
import { type Executable, executables } from '../support/executables.ts';
import { assertOutcome, credentials, explained, NOT_FOUND } from '../support/expect.ts';
import { ecrPublicRows, ecrRows } from '../support/faults/registries.ts';
import type { FaultRow, RowFault } from '../support/faults/row.ts';
import { containerRows, imdsRows, oidcRows, ssoRows, stsRows } from '../support/faults/sources.ts';
import { NOBODY, type Target, targets } from '../support/faults/targets.ts';
import type { RunResult } from '../support/run.ts';
import { type Env, HOST, openWorld, type World } from '../support/world.ts';

const rows = [
  ...ecrRows,
  ...ecrPublicRows,
  ...stsRows,
  ...ssoRows,
  ...oidcRows,
  ...imdsRows,
  ...containerRows,
];

/** While a token is valid, each of these ends in that token, within the limit of a refresh. */
const refreshFaults: readonly (readonly [target: 'ecr' | 'sts' | 'container', fault: RowFault])[] = [
  ['ecr', 'connection-reset'],
  ['ecr', 'hang-before-headers'],
  ['ecr', 'hang-after-headers'],
  ['ecr', 'unavailable'],
  ['ecr', 'throttled'],
  ['ecr', 'access-denied'],
  ['ecr', 'clock-skew'],
  ['ecr', 'malformed-body'],
  ['ecr', 'huge-body'],
  ['ecr', 'expiry-in-the-past'],
  ['sts', 'hang-before-headers'],
  ['sts', 'access-denied'],
  ['container', 'hang-before-headers'],
  ['container', 'unavailable'],
];
const HOUR = 3_600_000;
const REFRESH_LIMIT_MS = 2000;
/** Start of a process on a busy machine, and the pause before a retry. */
const SLACK_MS = 2500;
/** Far below the sum of the waiting, far above what two processors have to do at once. */
const CONCURRENCY = 4;

describe('faults', { concurrency: executables.length }, () => {
  for (const executable of executables) rowsFor(executable);
});

function rowsFor(executable: Executable): void {
  describe(executable.name, { concurrency: CONCURRENCY }, () => {
    for (const row of rows) test(nameOf(row), (t) => check(t, executable, row));

    for (const [target, fault] of refreshFaults)
      test(`${target}, ${kindOf(fault)}, while a token is valid: that token`, async (t) => {
        const world = await openWorld(t, executable);
        const env = targets[target].arrange(world);
        const first = await world.get(HOST, env);
        assert.equal(first.code, 0);
        ageEntries(world, 7 * HOUR);
        const again = await world.get(HOST, { ...env, ...inject(world, targets[target], fault, false) });
        assertOutcome(again, { stdout: first.stdout, stderr: '', code: 0 });
        assert.ok(again.ms < REFRESH_LIMIT_MS + SLACK_MS, `${again.ms} ms`);
        assert.match(
          logOf(world),
          /warn .*cannot refresh the token, serving the cached one until it expires/,
        );
      });
  });
}

test('the table has the rows that it promises', (t) => {
  const names = rows.map(nameOf);
  assert.equal(new Set(names).size, names.length);
  for (const target of Object.keys(targets)) assert.ok(rows.some((row) => row.target === target));
  assert.ok(rows.length >= 60);
  t.diagnostic(
    `${rows.length} faults and ${refreshFaults.length} of a refresh, on ${executables.length} executables`,
  );
});

async function check(t: TestContext, executable: Executable, row: FaultRow): Promise<void> {
  const { target, fault, isOnce, outcome, timeout } = row;
  const world = await openWorld(t, executable, {
    env: timeout === undefined ? {} : { AWS_ECR_TIMEOUT: timeout },
  });
  const { service, host, arrange } = targets[target];
  const arranged = arrange(world);
  const result = await world.get(host, { ...arranged, ...inject(world, targets[target], fault, isOnce) });
  const told = { ...result, stderr: withoutPlaces(world, result.stderr) };
  assertNoStack(result, world);
  if (outcome === 'served') {
    assertOutcome(result, credentials(host, world.aws.mintedTokens.at(-1)?.password ?? ''));
    // The fault was met.
    if (isOnce) assert.ok(world.aws.requests.filter((request) => request.service === service).length > 1);
    return;
  }
  const [cause, hint] = outcome;
  if (target === 'ecr-public') {
    assertOutcome(result, NOT_FOUND);
    assert.ok(withoutPlaces(world, logOf(world)).includes(`${host}: ${cause}\n`), logOf(world));
  } else assertOutcome(told, explained(cause, hint, host));
  if (timeout !== undefined) assert.ok(result.ms < Number(timeout) * 1000 + SLACK_MS, `${result.ms} ms`);
}

/** Arranges for the fault; gives the variables that it takes. */
function inject(world: World, { service, at }: Target, fault: RowFault, isOnce: boolean): Env {
  if (fault === 'connection-refused') return at(NOBODY);
  world.aws.fault(
    { service, ...(isOnce ? { times: 1 } : {}) },
    typeof fault === 'string' ? { kind: fault } : fault,
  );
  return {};
}

function nameOf({ target, fault, isOnce }: FaultRow): string {
  return `${target}, ${kindOf(fault)}${isOnce ? ', once' : ''}`;
}

function kindOf(fault: RowFault): string {
  if (typeof fault === 'string') return fault;
  if (fault.kind === 'status') return `status ${fault.status} ${fault.code}`;
  return fault.kind === 'slow' ? `slow by ${fault.delayMs} ms` : fault.kind;
}

function withoutPlaces({ aws, home }: World, text: string): string {
  return text
    .replaceAll(aws.url, 'URL')
    .replaceAll(new URL(aws.url).host, 'ADDRESS')
    .replaceAll(home.directory, 'HOME')
    .replace(/\d{8}T\d{6}Z/g, 'TIME');
}

function logOf({ home }: World): string {
  return home
    .list('.ecr/log')
    .map(({ text }) => text)
    .join('');
}

/** A bug of ours has its stack in the log; a fault of a service has none anywhere. */
function assertNoStack({ stdout, stderr }: RunResult, world: World): void {
  for (const text of [stdout, stderr, logOf(world)])
    assert.doesNotMatch(text, /internal error|\bat [^\n]*:\d+:\d+\)?(\n|$)/);
}
