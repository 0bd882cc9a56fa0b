// Owns many processes at once: one request for each registry, the same answer for all who wait, an end in time when the one that
// asks is killed, stopped or elsewhere, and a cache that a thousand mixed operations leave whole.
import assert from 'node:assert/strict';
import { type ChildProcess, spawnSync } from 'node:child_process';
import { describe, type TestContext, test } from 'node:test';
import { entriesOf } from '../support/entries.ts';
import { executables } from '../support/executables.ts';
import { assertOutcome, credentials, explained } from '../support/expect.ts';
import { killGroup } from '../support/killing.ts';
import { quote, type RunResult, run, runCommand } from '../support/run.ts';
import { forEach, SCALE, scaled } from '../support/scale.ts';
import { foreignPassword, storeMessage } from '../support/stored.ts';
import { ALICE, BOB, HOST, keysOf, openWorld, type World } from '../support/world.ts';

const REGIONS = ['us-east-1', 'eu-west-1', 'eu-central-1', 'ap-southeast-2', 'sa-east-1'];
const HOSTS = REGIONS.map((region) => HOST.replace('us-east-1', region));
/** So many at once, over five registries. */
const GETS = { native: 200, npm: 30, pkg: 40 };
const OPERATIONS = 1000;
const WAITERS = { native: 20, npm: 5, pkg: 6 };
/** Many processes on few processors take their time, all together and each. */
const SLACK_MS = 6000;

const canUnshare = spawnSync('unshare', ['--pid', '--fork', 'true']).status === 0;

for (const executable of executables) {
  describe(`parallel, ${executable.name}`, () => {
    const gets = Math.ceil(GETS[executable.name] * SCALE);
    const waiters = WAITERS[executable.name];

    test(`${gets} cold gets over five registries: one request for each`, async (t) => {
      const world = await openWorld(t, executable, { env: { AWS_ECR_LOG_LEVEL: 'warn' } });
      const results = await atOnce(world, gets);
      assert.deepEqual(regionsAsked(world), [...REGIONS].sort());
      for (const { host, result } of results) {
        const token = world.aws.mintedTokens.find(({ region }) => host.includes(region));
        assertOutcome(result, credentials(host, token?.password ?? ''));
      }
      assertWhole(world, REGIONS.length);
      t.diagnostic(`${gets} gets, ${world.aws.requests.length} requests, slowest ${slowest(results)} ms`);
    });

    test('a failure is the same for all who wait for it', async (t) => {
      const world = await openWorld(t, executable, { aws: { latencyMs: 3000 } });
      world.aws.fault({ service: 'ecr' }, { kind: 'access-denied' });
      const results = await atOnce(world, waiters, [HOST]);
      for (const { result } of results) assert.equal(result.code, 1);
      assert.equal(new Set(results.map(({ result }) => result.stdout + result.stderr)).size, 1);
      assert.equal(world.aws.requests.length, 1);
    });

    test('an AWS that never answers: all end at the limit, with the same words', async (t) => {
      const world = await openWorld(t, executable, { env: { AWS_ECR_TIMEOUT: '4' } });
      world.aws.fault({ service: 'ecr' }, { kind: 'hang-before-headers' });
      const results = await atOnce(world, waiters, [HOST]);
      const cause = `timed out after 4 s: asking ${world.aws.url} for an authorization token`;
      const hint = 'check the network and HTTPS_PROXY; AWS_ECR_TIMEOUT sets the limit in seconds';
      for (const { result } of results) {
        assertOutcome(result, explained(cause, hint));
        assert.ok(result.ms < 4000 + SLACK_MS, `${result.ms} ms`);
      }
      assert.ok(world.aws.requests.length <= 8, `${world.aws.requests.length} requests`);
    });

    for (const signal of ['SIGKILL', 'SIGSTOP'] as const)
      test(`${signal} to the one that asks: another asks, and all get its token`, async (t) => {
        const world = await openWorld(t, executable, { env: { AWS_ECR_TIMEOUT: '8' } });
        const holder = await startHolder(t, world);
        process.kill(holder.child.pid ?? 0, signal);
        const results = await atOnce(world, waiters, [HOST]);
        assertServed(world, results);
        assert.equal(world.aws.requests.length, 2);
        // A dead one delays nobody; a stopped one half of the time of those who wait.
        const limitMs = signal === 'SIGKILL' ? 0 : 4000;
        for (const { result } of results) assert.ok(result.ms < limitMs + SLACK_MS, `${result.ms} ms`);
        if (signal === 'SIGSTOP') process.kill(holder.child.pid ?? 0, 'SIGCONT');
        killGroup(holder.child.pid);
        await holder.result;
        assertWhole(world, 1);
      });

    test('a holder that is stopped when those who wait are there already', async (t) => {
      const world = await openWorld(t, executable, { env: { AWS_ECR_TIMEOUT: '8' } });
      const holder = await startHolder(t, world);
      const waiting = atOnce(world, waiters, [HOST]);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      process.kill(holder.child.pid ?? 0, 'SIGKILL');
      assertServed(world, await waiting);
      assert.equal(world.aws.requests.length, 2);
    });

    test('a lock of a process that is gone has one successor', async (t) => {
      const world = await openWorld(t, executable, { env: { AWS_ECR_TIMEOUT: '8' } });
      const holder = await startHolder(t, world);
      killGroup(holder.child.pid);
      await holder.result;
      assert.deepEqual(leftovers(world).length, 1);
      assertServed(world, await atOnce(world, waiters * 2, [HOST]));
      assert.equal(world.aws.requests.length, 2);
      assertWhole(world, 1);
    });

    test('processes of another container, where every number is another process', {
      skip: canUnshare ? false : 'no PID namespaces here',
    }, async (t) => {
      const world = await openWorld(t, executable, { aws: { latencyMs: 1500 } });
      const results = await Promise.all(
        Array.from({ length: waiters }, (_, index) =>
          index % 2 === 0 ? world.get(HOST) : getElsewhere(world),
        ),
      );
      for (const result of results)
        assertOutcome(result, credentials(HOST, world.aws.mintedTokens[0]?.password ?? ''));
      assert.equal(world.aws.requests.length, 1);
      assertWhole(world, 1);
    });

    test('mixed operations in parallel leave a cache that is whole', { timeout: 300_000 }, async (t) => {
      const count = scaled(OPERATIONS, executable);
      const world = await openWorld(t, executable, { env: { AWS_ECR_LOG_LEVEL: 'warn' } });
      const random = generator(count);
      const done = { get: 0, erase: 0, store: 0, list: 0 };
      await forEach(count, 8, async () => {
        const verb = pick(random, ['get', 'get', 'get', 'erase', 'store', 'list'] as const);
        const host = pick(random, HOSTS);
        const stdin =
          verb === 'store'
            ? storeMessage(foreignPassword(), { serverUrl: host })
            : verb === 'list'
              ? ''
              : host;
        const env = world.env(keysOf(pick(random, [ALICE, BOB])));
        const result = await run(executable, [verb], { cwd: world.home.directory, env, stdin });
        assert.deepEqual([result.code, result.stderr], [0, ''], `${verb} ${host}`);
        if (verb === 'get') assertAnswer(world, result, host);
        else if (verb === 'list')
          for (const url of Object.keys(JSON.parse(result.stdout)))
            assert.ok(HOSTS.includes(url.slice('https://'.length)));
        else assert.equal(result.stdout, '');
        done[verb]++;
      });
      assert.deepEqual(leftovers(world), []);
      for (const { text } of entriesOf(world)) assert.ok(JSON.parse(text).expiresAt > Date.now());
      for (const host of HOSTS) assertAnswer(world, await world.get(host), host);
      const listed = await world.run(['list'], { stdin: 'unused' });
      assert.deepEqual(
        JSON.parse(listed.stdout),
        Object.fromEntries(HOSTS.map((host) => [`https://${host}`, 'AWS'])),
      );
      t.diagnostic(`${count} operations: ${JSON.stringify(done)}, ${world.aws.requests.length} requests`);
    });
  });
}

type Got = readonly { readonly host: string; readonly result: RunResult }[];

function atOnce(
  { executable, env, home }: World,
  count: number,
  hosts: readonly string[] = HOSTS,
): Promise<Got> {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const host = hosts[index % hosts.length] ?? HOST;
      const options = { cwd: home.directory, env: env(), stdin: host, timeoutMs: 60_000 };
      return { host, result: await run(executable, ['get'], options) };
    }),
  );
}

/** A `get` that has the lock and waits for an AWS that does not answer this once. */
async function startHolder(
  t: TestContext,
  { aws, executable, env, home }: World,
): Promise<{ child: ChildProcess; result: Promise<RunResult> }> {
  aws.fault({ service: 'ecr', times: 1 }, { kind: 'hang-before-headers' });
  let child: ChildProcess | undefined;
  const result = run(executable, ['get'], {
    cwd: home.directory,
    env: env(),
    stdin: HOST,
    onStart: (started) => {
      child = started;
    },
  });
  while (aws.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const started = child ?? assert.fail('not started');
  t.after(() => killGroup(started.pid));
  return { child: started, result };
}

function getElsewhere({ executable, env, home }: World): Promise<RunResult> {
  const command = [executable.command, ...executable.prefix, 'get'].map(quote).join(' ');
  return runCommand(['unshare', '--pid', '--fork', '--mount-proc', 'sh', '-c', command], {
    cwd: home.directory,
    env: env(),
    stdin: HOST,
  });
}

function assertServed({ aws }: World, results: Got): void {
  assert.equal(aws.mintedTokens.length, 2);
  // The first token was minted for the one that never heard of it.
  for (const { result } of results)
    assertOutcome(result, credentials(HOST, aws.mintedTokens[1]?.password ?? ''));
}

/** A token of this registry that AWS gave, or that was stored. */
function assertAnswer({ aws }: World, { stdout }: RunResult, host: string): void {
  const { Secret, ServerURL } = JSON.parse(stdout);
  assert.equal(ServerURL, host);
  assert.ok(aws.mintedTokens.some(({ password, region }) => password === Secret && host.includes(region)));
}

function assertWhole(world: World, entries: number): void {
  assert.equal(entriesOf(world).length, entries);
  assert.deepEqual(leftovers(world), []);
}

function leftovers({ home }: World): string[] {
  return home
    .list('.ecr/tokens-v1')
    .map(({ path }) => path)
    .filter((path) => !path.endsWith('.json'));
}

function regionsAsked({ aws }: World): string[] {
  return aws.requests.map(({ region }) => region ?? '').sort();
}

function slowest(results: Got): number {
  return Math.round(Math.max(...results.map(({ result }) => result.ms)));
}

/** Numbers from 0 to 1 that are the same in every run: https://en.wikipedia.org/wiki/Linear_congruential_generator. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

function pick<T>(random: () => number, from: readonly T[]): T {
  const picked = from[Math.floor(random() * from.length)];
  assert.ok(picked !== undefined);
  return picked;
}
