// The good neighbour as a process: which helper is asked, never one of the working directory nor itself, and what happens
// where none is named.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { executables } from '../support/executables.ts';
import { assertOutcome, credentials, NOT_FOUND, onlyPassword, success } from '../support/expect.ts';
import { THEIRS, worldWith } from '../support/neighbour.ts';
import { SYSTEM_PATH } from '../support/run.ts';
import { HOST, openWorld, SENTINEL } from '../support/world.ts';

const [native] = executables;
assert.ok(native);
const only = native;

describe('which program', () => {
  const cannot = (reason: string): RegExp =>
    new RegExp(
      `^docker-credential-ecr-login: \\S+ cannot ask docker-credential-\\S+, the helper for hosts that are not ECR's: ${reason}\nhint: [^\n]+\n$`,
    );

  test('from the config file', async (t) => {
    const { world } = await worldWith(t, only, 'echo "{}"', { AWS_ECR_FALLBACK: undefined });
    assertOutcome(await world.run(['get'], { stdin: THEIRS }), NOT_FOUND);
    world.write('.ecr/config.json', '{"fallback":"other"}');
    assertOutcome(await world.run(['get'], { stdin: THEIRS }), success('{}\n'));
  });

  test('one that is not there', async (t) => {
    const { world } = await worldWith(t, only, '', { AWS_ECR_FALLBACK: 'missing' });
    const { stdout, stderr, code } = await world.run(['get'], { stdin: THEIRS });
    assert.deepEqual([stdout, code], [SENTINEL, 1]);
    assert.match(stderr, cannot('it is not on PATH'));
  });

  for (const path of ['.', '', 'bin', './bin'])
    test(`never of the working directory: PATH begins with ${JSON.stringify(path)}`, async (t) => {
      const { world } = await worldWith(t, only, 'echo planted', { PATH: `${path}:${SYSTEM_PATH}` });
      world.write('docker-credential-other', { text: '#!/bin/sh\necho planted\n', mode: 0o755 });
      const { stdout } = await world.run(['get'], { stdin: THEIRS });
      assert.equal(stdout, SENTINEL);
    });

  for (const name of ['ecr-login', 'ECR-login'])
    test(`not itself by its name: ${name}`, async (t) => {
      const { world } = await worldWith(t, only, '', { AWS_ECR_FALLBACK: name });
      const { stdout, stderr } = await world.run(['get'], { stdin: THEIRS });
      assert.equal(stdout, SENTINEL);
      assert.match(stderr, cannot('it is this program'));
    });

  test('a name that is a path or a command is no name', async (t) => {
    for (const name of ['../other', '/bin/sh', 'a;b', 'a b']) {
      const { world } = await worldWith(t, only, 'echo planted', { AWS_ECR_FALLBACK: name });
      assertOutcome(await world.run(['get'], { stdin: THEIRS }), NOT_FOUND);
    }
  });

  for (const executable of executables)
    test(`not itself by a link: ${executable.name}`, async (t) => {
      const world = await openWorld(t, executable, { env: { AWS_ECR_FALLBACK: 'twin' } });
      const bin = join(world.home.directory, 'bin');
      mkdirSync(bin);
      symlinkSync(executable.prefix[0] ?? executable.command, join(bin, 'docker-credential-twin'));
      const { stdout, stderr } = await world.run(['get'], {
        stdin: THEIRS,
        env: { PATH: `${bin}:${SYSTEM_PATH}` },
      });
      assert.equal(stdout, SENTINEL);
      assert.match(stderr, cannot('it is this program'));
    });

  test('round in a circle through another helper ends at once', async (t) => {
    const { world } = await worldWith(t, only, `docker-credential-ecr-login get < "$HOME/stdin"`);
    symlinkSync(only.command, join(world.home.directory, 'bin/docker-credential-ecr-login'));
    assertOutcome(await world.run(['get'], { stdin: THEIRS }), NOT_FOUND);
    // What is ours is still answered inside.
    const inner = await worldWith(t, only, `printf ${HOST} | docker-credential-ecr-login get`);
    symlinkSync(only.command, join(inner.world.home.directory, 'bin/docker-credential-ecr-login'));
    const result = await inner.world.run(['get'], { stdin: THEIRS });
    assertOutcome(result, credentials(HOST, onlyPassword(inner.world)));
  });
});

describe('without a fallback everything is as before', () => {
  const env = { AWS_ECR_FALLBACK: undefined };
  test('get, erase, list', async (t) => {
    const { world } = await worldWith(t, only, 'echo planted', env);
    assertOutcome(await world.run(['get'], { stdin: THEIRS }), NOT_FOUND);
    assertOutcome(await world.run(['erase'], { stdin: THEIRS }), success(''));
    assertOutcome(await world.run(['list'], { stdin: 'unused' }), success('{}\n'));
  });

  test('store names the way out', async (t) => {
    const { world } = await worldWith(t, only, 'echo planted', env);
    const { stdout, code } = await world.run(['store'], {
      stdin: `{"ServerURL":"${THEIRS}","Username":"a","Secret":"b"}`,
    });
    assert.equal(code, 1);
    assert.match(stdout, /^cannot store credentials: [^\n]*AWS_ECR_FALLBACK[^\n]*"fallback"[^\n]*\n$/);
  });
});
