// Owns how the process behaves between its client's pipes: held open, slow, closed, full, and in strange surroundings.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { executables } from '../support/executables.ts';
import { assertOutcome, credentials, onlyPassword, refusal } from '../support/expect.ts';
import { quote, runCommand } from '../support/run.ts';
import { HOST, openWorld } from '../support/world.ts';

const PIPE_BYTES = 64 * 1024;

for (const executable of executables) {
  const { command, prefix } = executable;
  const get = [command, ...prefix, 'get'];

  describe(`streams, ${executable.name}`, { concurrency: 2 }, () => {
    test('20 parallel gets on an empty cache: one answer, one request', async (t) => {
      const world = await openWorld(t, executable, { aws: { latencyMs: 200 } });
      const results = await Promise.all(Array.from({ length: 20 }, () => world.get(HOST)));
      const expected = credentials(HOST, onlyPassword(world));
      for (const result of results) assertOutcome(result, expected);
      assert.equal(world.aws.requests.length, 1);
    });

    test('20 parallel gets that fail: one cause', async (t) => {
      const world = await openWorld(t, executable, { aws: { latencyMs: 200 } });
      world.aws.fault({ service: 'ecr' }, { kind: 'access-denied' });
      const results = await Promise.all(Array.from({ length: 20 }, () => world.get(HOST)));
      const [first] = results;
      assert.match(first?.stderr ?? '', /access denied: arn:aws:iam::123456789012:user\/alice/);
      for (const { stdout, stderr, code } of results)
        assert.deepEqual({ stdout, stderr, code }, { stdout: first?.stdout, stderr: first?.stderr, code: 1 });
    });

    test('stdin that comes in pieces is read to its end', async (t) => {
      const world = await openWorld(t, executable);
      const result = await world.run(['get'], {
        stdinKind: 'hold',
        stdin: HOST.slice(0, 20),
        onStart: (child) => setTimeout(() => child.stdin?.end(HOST.slice(20)), 200),
      });
      assertOutcome(result, credentials(HOST, onlyPassword(world)));
    });

    test('a closed stdin is an empty request', async (t) => {
      const world = await openWorld(t, executable);
      for (const stdinKind of ['closed', 'null'] as const)
        assertOutcome(await world.run(['get'], { stdinKind }), refusal('no credentials server URL\n'));
    });

    test('a full pipe whose reader sleeps 300 ms gets every byte', async (t) => {
      const world = await openWorld(t, executable);
      await world.get(HOST);
      const script = `(head -c ${PIPE_BYTES} /dev/zero; exec ${get.map(quote).join(' ')}) | (sleep 0.3; cat)`;
      const result = await runCommand(['/bin/sh', '-c', script], {
        env: world.env(),
        cwd: world.home.directory,
        stdin: HOST,
      });
      assert.equal(result.stderr, '');
      assert.equal(result.stdout.slice(PIPE_BYTES), credentials(HOST, onlyPassword(world)).stdout);
    });

    test('a full non-blocking pipe whose reader sleeps 300 ms gets every byte', async (t) => {
      const world = await openWorld(t, executable);
      await world.get(HOST);
      const fifo = join(world.home.directory, 'stdout');
      execFileSync('mkfifo', [fifo]);
      const descriptor = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
      t.after(() => closeSync(descriptor));
      writeSync(descriptor, Buffer.alloc(PIPE_BYTES));
      // Whoever starts a process makes its streams blocking again, so it is done in between, by a program that becomes ours.
      const unblock = 'fcntl(STDOUT, F_SETFL, O_RDWR | O_NONBLOCK) or die; exec @ARGV';
      const child = spawn('perl', ['-MFcntl', '-e', unblock, ...get], {
        cwd: world.home.directory,
        env: world.env(),
        stdio: ['pipe', descriptor, 'pipe'],
      });
      child.stdin?.end(HOST);
      const ended = once(child, 'close');
      await delay(300);
      assert.equal(child.exitCode, null, 'it ended before its output was taken');
      readSync(descriptor, Buffer.alloc(PIPE_BYTES));
      await ended;
      const rest = Buffer.alloc(PIPE_BYTES);
      const text = rest.subarray(0, readSync(descriptor, rest)).toString();
      assert.equal(text, credentials(HOST, onlyPassword(world)).stdout);
      assert.deepEqual([child.exitCode, child.signalCode], [0, null]);
    });

    for (const stream of ['stdout', 'stderr'] as const)
      test(`a parent that closes its end of ${stream} kills nobody`, async (t) => {
        const world = await openWorld(t, executable, { aws: { latencyMs: 100 } });
        if (stream === 'stderr') world.aws.fault({ service: 'ecr' }, { kind: 'access-denied' });
        const { signal, code } = await world.run(['get'], {
          stdin: HOST,
          onStart: (child) => void child[stream]?.destroy(),
        });
        assert.deepEqual({ signal, code }, { signal: null, code: stream === 'stdout' ? 0 : 1 });
        assert.equal(world.aws.requests.length, 1);
      });

    test('no background process holds the pipes', async (t) => {
      const world = await openWorld(t, executable);
      let exitedAt = 0;
      const result = await world.run(['get'], {
        stdin: HOST,
        onStart: (child) => child.once('exit', () => (exitedAt = performance.now())),
      });
      assert.equal(result.code, 0);
      assert.ok(exitedAt > 0 && performance.now() - exitedAt < 1000, 'the pipes outlived the process');
    });
  });
}
