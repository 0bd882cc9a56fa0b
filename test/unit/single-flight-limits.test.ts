// How long anybody waits for another's fetch, and with what: patience with a silent holder, what is left of a limit, tokens in
// hand, clocks. Owns no process: others are played by lock files.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { HelperError } from '../../src/errors.ts';
import type { AuthorizationToken } from '../../src/token/authorization-token.ts';
import { fetchOnce } from '../../src/token/single-flight.ts';
import { airport, deadPid, holder, KEY, soon } from './airport.ts';
import { aToken, HOUR, rejection } from './fixtures.ts';

describe('limits', () => {
  test('a holder that says nothing is waited for half of the time, then succeeded', async (t) => {
    const { fly, lock, counter } = airport(t);
    writeFileSync(lock, holder(process.pid, 5000));
    const startedAt = performance.now();
    await fly(soon, 400);
    const ms = performance.now() - startedAt;
    assert.ok(ms >= 200 && ms < 400, `${ms} ms`);
    assert.equal(counter.fetches, 1);
    assert.equal(existsSync(lock), false);
  });
  test('of fifty that wait for such a holder one succeeds it', async (t) => {
    const { fly, lock, counter } = airport(t);
    writeFileSync(lock, holder(process.pid, 5000));
    const tokens = await Promise.all(Array.from({ length: 50 }, () => fly(soon, 1000)));
    assert.equal(counter.fetches, 1);
    assert.equal(new Set(tokens.map(({ requestedAt }) => requestedAt)).size, 1);
  });
  test('where one holder after the other brings nothing, each asks for himself', async (t) => {
    const { fly, lock, counter } = airport(t);
    const timer = setInterval(() => writeFileSync(lock, holder(process.pid, 5000)), 1);
    t.after(() => clearInterval(timer));
    await fly(soon, 5000);
    assert.equal(counter.fetches, 1);
  });
  test('who has no time left does not ask, and says what it waited for', async (t) => {
    const { fly, lock, counter } = airport(t);
    writeFileSync(lock, holder(process.pid, 5000));
    const startedAt = performance.now();
    const problem = await rejection(fly(soon, 60));
    assert.ok(problem.kind === 'timed-out' && problem.limitMs === 60);
    assert.match(problem.step, /waiting for another process/);
    assert.equal(counter.fetches, 0);
    assert.ok(performance.now() - startedAt < 1000);
  });
  test('what is left of the limit is what the fetch gets, and the failure names the whole', async (t) => {
    const { cache, lock } = airport(t);
    writeFileSync(lock, holder(process.pid, 100));
    const problem = await rejection(
      fetchOnce({
        cache,
        key: KEY,
        now: Date.now,
        limitMs: 1000,
        fetch: async (leftMs) => {
          assert.ok(leftMs > 500 && leftMs <= 900, `${leftMs} ms`);
          throw new HelperError({ kind: 'timed-out', step: 's', limitMs: leftMs });
        },
      }),
    );
    assert.deepEqual(problem, { kind: 'timed-out', step: 's', limitMs: 1000 });
  });
  test('the time-out of a shorter limit is not shared', async (t) => {
    const { fly, counter } = airport(t);
    const short = async (): Promise<AuthorizationToken> => {
      await soon();
      throw new HelperError({ kind: 'timed-out', step: 's', limitMs: 50 });
    };
    const [first, second] = await Promise.allSettled([fly(short, 50), fly(soon, 3000)]);
    assert.deepEqual([first?.status, second?.status], ['rejected', 'fulfilled']);
    assert.equal(counter.fetches, 2);
  });
  test('who wants a new token gets no older one, however fresh', async (t) => {
    const { fly, cache, counter } = airport(t);
    const old = aToken(Date.now() - 1000);
    cache.write(KEY, old, Date.now());
    assert.deepEqual(await fly(soon), old);
    const flight = { cache, key: KEY, now: Date.now, limitMs: 1000, fetch: soon, isForced: true };
    assert.notDeepEqual(await fetchOnce(flight), old);
    assert.equal(counter.fetches, 0);
  });
  test('who has a valid token in hand asks, or gives that one at once', async (t) => {
    const { cache, lock } = airport(t);
    const inHand = aToken(Date.now() - 7 * HOUR);
    cache.write(KEY, inHand, Date.now());
    const flight = { cache, key: KEY, now: Date.now, limitMs: 1000, fetch: soon, inHand };
    writeFileSync(lock, holder(process.pid, 5000));
    const startedAt = performance.now();
    assert.equal(await fetchOnce(flight), inHand);
    assert.ok(performance.now() - startedAt < 200);
    writeFileSync(lock, holder(deadPid(), 5000));
    assert.notDeepEqual(await fetchOnce(flight), inHand);
  });
  test('a clock that is set back makes nobody wait longer', async (t) => {
    const { cache, lock } = airport(t);
    let back = 0;
    writeFileSync(lock, holder(process.pid, 5000));
    const timer = setTimeout(() => {
      back = 300_000;
    }, 50);
    t.after(() => clearTimeout(timer));
    const startedAt = performance.now();
    await fetchOnce({ cache, key: KEY, now: () => Date.now() - back, limitMs: 600, fetch: soon });
    assert.ok(performance.now() - startedAt < 600);
  });
});
