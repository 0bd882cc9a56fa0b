// Owns what a token's age means from outside, AWS up and down: which token is served, who is asked, and how long a pull waits.
// The clock is moved by making the entry older.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ageEntries, entriesOf } from '../support/entries.ts';
import { executables } from '../support/executables.ts';
import { assertOutcome, credentials, explained } from '../support/expect.ts';
import { HOST, openWorld, SENTINEL, type World } from '../support/world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LIFE = 12 * HOUR;
/** While a token is valid, a pull waits for AWS no longer than this; a process on a busy machine needs a while to start. */
const REFRESH_LIMIT_MS = 2000;
const START_MS = 2500;

/** The state of AWS: as ever, silent, refusing, overloaded, or gone with its port. */
type Aws = 'up' | 'hangs' | 'denies' | 'fails' | 'gone';
/** What is served: the token from before, a new one, or none. */
type Served = 'old' | 'new' | 'none';

/** Ages with what is served when AWS is up, and when it is down. */
const ages: readonly (readonly [name: string, ageMs: number, up: Served, down: Served])[] = [
  ['from the future, by a clock that was set back much', -10 * MINUTE, 'new', 'none'],
  ['from the future, by a clock that was set back a little', -4 * MINUTE, 'old', 'old'],
  ['just issued', 0, 'old', 'old'],
  ['an hour before half of its life', 5 * HOUR, 'old', 'old'],
  ['a minute before half of its life', LIFE / 2 - MINUTE, 'old', 'old'],
  ['a minute after half of its life', LIFE / 2 + MINUTE, 'new', 'old'],
  ['three quarters of its life', 9 * HOUR, 'new', 'old'],
  ['one minute before its end', LIFE - MINUTE, 'new', 'old'],
  ['a minute after its end', LIFE + MINUTE, 'new', 'none'],
  ['a week after its end', 7 * 24 * HOUR, 'new', 'none'],
];
const states: readonly Aws[] = ['up', 'hangs', 'denies', 'fails', 'gone'];

describe('expiry', { concurrency: executables.length }, () => {
  for (const executable of executables)
    describe(executable.name, { concurrency: 3 }, () => {
      for (const [name, ageMs, up, down] of ages)
        for (const state of states) {
          // A token that is not looked at twice is not looked at five times.
          if (up === 'old' && !['up', 'gone'].includes(state)) continue;
          const served = state === 'up' ? up : down;
          test(`${name}, AWS ${state}: ${served}`, async (t) => {
            const world = await openWorld(t, executable, { env: { AWS_ECR_TIMEOUT: '2' } });
            const first = await world.get(HOST);
            assert.equal(first.code, 0);
            ageEntries(world, ageMs);
            await bring(world, state);
            world.aws.requests.length = 0;
            const isAsked = up === 'new';
            const result = await world.get(HOST);
            if (served === 'old') assertOutcome(result, { stdout: first.stdout, stderr: '', code: 0 });
            else if (served === 'new')
              assertOutcome(result, credentials(HOST, world.aws.mintedTokens[1]?.password ?? ''));
            else assert.deepEqual([result.code, result.stdout], [1, SENTINEL]);
            const waitsMs = isAsked && state === 'hangs' ? REFRESH_LIMIT_MS : 0;
            assert.ok(
              result.ms >= waitsMs && result.ms < REFRESH_LIMIT_MS + START_MS,
              `${result.ms} ms, ${world.aws.requests.length} requests`,
            );
            if (state !== 'gone') assert.equal(world.aws.requests.length > 0, isAsked);
            if (served === 'none') return;

            // The next pull a moment later asks nobody: the new token is there, or a refresh has just failed.
            world.aws.requests.length = 0;
            assert.equal((await world.get(HOST)).stdout, result.stdout);
            assert.equal(world.aws.requests.length, 0);
            assert.equal(entriesOf(world).length, 1);
          });
        }

      test('a refresh that failed is tried again a minute later, not before', async (t) => {
        const world = await openWorld(t, executable);
        const first = await world.get(HOST);
        ageEntries(world, 7 * HOUR);
        world.aws.fault({ service: 'ecr', times: 1 }, { kind: 'access-denied' });
        for (const requests of [2, 2, 2]) {
          assertOutcome(await world.get(HOST), { stdout: first.stdout, stderr: '', code: 0 });
          assert.equal(world.aws.requests.length, requests);
        }
        const failed = world.home.list('.ecr/tokens-v1').find(({ path }) => path.endsWith('.failed'));
        assert.ok(failed !== undefined);
        world.home.write(
          failed.path,
          failed.text.replace(/"at":(\d+)/, (_, at) => `"at":${Number(at) - 61_000}`),
        );
        assertOutcome(await world.get(HOST), credentials(HOST, world.aws.mintedTokens[1]?.password ?? ''));
      });

      test('an unreachable AWS with no valid token is told, in the limit of the whole', async (t) => {
        const world = await openWorld(t, executable, { env: { AWS_ECR_TIMEOUT: '1' } });
        await world.get(HOST);
        ageEntries(world, LIFE + MINUTE);
        world.aws.fault({ service: 'ecr' }, { kind: 'hang-before-headers' });
        const result = await world.get(HOST);
        assertOutcome(
          result,
          explained(
            `timed out after 1 s: asking ${world.aws.url} for an authorization token`,
            'check the network and HTTPS_PROXY; AWS_ECR_TIMEOUT sets the limit in seconds',
          ),
        );
        assert.ok(result.ms < 1000 + START_MS, `${result.ms} ms`);
      });

      test('many pulls with a token in its second half wait for nobody but the first', async (t) => {
        const world = await openWorld(t, executable);
        const first = await world.get(HOST);
        ageEntries(world, 7 * HOUR);
        world.aws.fault({ service: 'ecr' }, { kind: 'hang-before-headers' });
        const results = await Promise.all(Array.from({ length: 8 }, () => world.get(HOST)));
        for (const result of results) {
          assertOutcome(result, { stdout: first.stdout, stderr: '', code: 0 });
          assert.ok(result.ms < REFRESH_LIMIT_MS + START_MS, `${result.ms} ms`);
        }
        assert.ok(results.filter(({ ms }) => ms < REFRESH_LIMIT_MS).length >= 4);
      });
    });
});

async function bring({ aws }: World, state: Aws): Promise<void> {
  if (state === 'gone') await aws.close();
  else if (state === 'hangs') aws.fault({ service: 'ecr' }, { kind: 'hang-before-headers' });
  else if (state === 'denies') aws.fault({ service: 'ecr' }, { kind: 'access-denied' });
  else if (state === 'fails') aws.fault({ service: 'ecr' }, { kind: 'unavailable' });
}
