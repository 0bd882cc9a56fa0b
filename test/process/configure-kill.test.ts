// `configure` against the machine: killed at any instant, run many times at once, with files that others write meanwhile or
// that it may not write. The file is the old one or the new one, and nobody's change is lost.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openConfigFile, writeConfigFile } from '../../src/docker/config-file.ts';
import { change } from '../../src/docker/ledger.ts';
import { HelperError } from '../../src/errors.ts';
import { executables } from '../support/executables.ts';
import { makeHome } from '../support/home.ts';
import { run, SYSTEM_PATH } from '../support/run.ts';
import { HOST } from '../support/world.ts';

const [native] = executables;
assert.ok(native);
const executable = native;
const KILLS = 160;
const OLD = `{\n\t"auths": {\n\t\t"ghcr.io": {\n\t\t\t"auth": "${'x'.repeat(20_000)}"\n\t\t}\n\t},\n\t"credsStore": "pass"\n}`;

/** A home with a config file, removed after the test. */
function homeOf(t: { after(work: () => void): void }, text = OLD) {
  const home = makeHome({ '.docker/config.json': text });
  t.after(home.remove);
  const file = join(home.directory, '.docker/config.json');
  const env = { HOME: home.directory, PATH: SYSTEM_PATH };
  const configure = (...args: string[]) =>
    run(executable, ['configure', ...args, '--yes'], { env, cwd: home.directory });
  return { home, file, env, configure };
}

test(`killed ${KILLS} times: the old file or the new one`, async (t) => {
  const { home, file, env, configure } = homeOf(t);
  const { ms } = await configure(HOST, '--public');
  const next = readFileSync(file, 'utf8');
  assert.notEqual(next, OLD);
  const counts = { old: 0, new: 0, changed: 0 };
  for (let kill = 0; kill < KILLS; kill++) {
    const before = readFileSync(file, 'utf8');
    const args = before === OLD ? [HOST, '--public'] : ['--remove'];
    const child = spawn(executable.command, ['configure', ...args, '--yes'], {
      env,
      cwd: home.directory,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const ended = once(child, 'exit');
    // Half of them anywhere, half of them after the diff is out, which is when the writing begins.
    if (kill % 2 === 0) await Promise.race([once(child.stdout, 'data'), ended]);
    const delay = Math.random() * ms * (kill % 2 === 0 ? 0.4 : 1.3);
    const endAt = performance.now() + delay;
    // Timers count in whole milliseconds, and the writing takes few of them.
    while (performance.now() < endAt)
      if (endAt - performance.now() > 2) await new Promise((go) => setTimeout(go, 1));
    child.kill('SIGKILL');
    await ended;
    const after = readFileSync(file, 'utf8');
    assert.ok(after === OLD || after === next, `kill ${kill} left ${after.length} bytes`);
    JSON.parse(after);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    counts[after === OLD ? 'old' : 'new']++;
    if (after !== before) counts.changed++;
  }
  t.diagnostic(
    `${counts.old} times the old file, ${counts.new} times the new one, ${counts.changed} changes got through`,
  );
  assert.ok(counts.changed > 0 && counts.changed < KILLS);
  // What was killed is mended by the next that is not.
  assert.equal((await configure(HOST, '--public')).code, 0);
  assert.equal((await configure('--remove')).code, 0);
  assert.equal(readFileSync(file, 'utf8'), OLD);
  assert.deepEqual(
    home.list('.docker').map(({ path }) => path),
    ['.docker/config.json'],
  );
});

test('twenty at once: every registry is there, or its configure said that it is not', async (t) => {
  const { file, configure } = homeOf(t);
  const hosts = Array.from(
    { length: 20 },
    (_, index) => `1111111111${String(index).padStart(2, '0')}.dkr.ecr.us-east-1.amazonaws.com`,
  );
  const results = await Promise.all(hosts.map((host) => configure(host)));
  const { credHelpers, auths } = JSON.parse(readFileSync(file, 'utf8'));
  assert.ok(auths);
  for (const [index, host] of hosts.entries()) {
    const result = results[index];
    assert.ok(result);
    assert.equal(credHelpers[host], result.code === 0 ? 'ecr-login' : undefined, result.stderr);
    if (result.code !== 0)
      assert.match(
        result.stderr,
        /another program changed it in this moment\nhint: run the command again\n$/,
      );
  }
  assert.ok(results.some(({ code }) => code === 0));
  assert.equal((await configure('--remove')).code, 0);
  assert.equal(readFileSync(file, 'utf8'), OLD);
});

test('written by another between reading and writing: an error, and the other change stays', (t) => {
  const { home, file } = homeOf(t);
  const config = openConfigFile(file, '\t');
  const theirs = OLD.replace('pass', 'desktop');
  writeFileSync(file, theirs);
  const edits = change(config, [{ kind: 'string', at: ['credHelpers', HOST], value: 'ecr-login' }], []);
  assert.throws(
    () => writeConfigFile(config, edits),
    (error) => error instanceof HelperError && error.problem.kind === 'file-changed',
  );
  assert.equal(readFileSync(file, 'utf8'), theirs);
  assert.deepEqual(
    home.list('.docker').map(({ path }) => path),
    ['.docker/config.json'],
  );
});

test('made by another between reading and writing: an error, and it stays', (t) => {
  const { home } = homeOf(t);
  const file = join(home.directory, 'new.json');
  const config = openConfigFile(file, '\t');
  writeFileSync(file, '{}');
  const edits = change(config, [{ kind: 'string', at: ['credHelpers', HOST], value: 'ecr-login' }], []);
  assert.throws(
    () => writeConfigFile(config, edits),
    (error) => error instanceof HelperError && error.problem.kind === 'file-changed',
  );
  assert.equal(readFileSync(file, 'utf8'), '{}');
});

test('a link to a file that is not there yet is followed', async (t) => {
  const { home, file, configure } = homeOf(t);
  const link = join(home.directory, 'elsewhere/config.json');
  mkdirSync(join(home.directory, 'elsewhere'));
  mkdirSync(join(home.directory, 'real'));
  symlinkSync('../real/docker.json', link);
  assert.equal((await configure(HOST, '--docker-config', link)).code, 0);
  assert.ok(existsSync(join(home.directory, 'real/docker.json')));
  assert.equal(readFileSync(file, 'utf8'), OLD);
});

test('a file of another user stays theirs', {
  skip: process.getuid?.() === 0 ? false : 'not root',
}, async (t) => {
  const { file, configure } = homeOf(t);
  chownSync(file, 65534, 65534);
  chmodSync(file, 0o660);
  assert.equal((await configure(HOST)).code, 0);
  const { uid, gid, mode } = statSync(file);
  assert.deepEqual([uid, gid, mode & 0o777], [65534, 65534, 0o660]);
});

test('a file system that cannot be written: said, and nothing is left', async (t) => {
  const { home, file, env } = homeOf(t);
  const directory = join(home.directory, '.docker');
  // Root may write everywhere: as another user, in directories that are theirs to read only.
  chmodSync(home.directory, 0o755);
  chmodSync(directory, 0o555);
  chmodSync(file, 0o644);
  const asNobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const bin = join(home.directory, 'ecr');
  writeFileSync(bin, readFileSync(executable.command), { mode: 0o755 });
  const child = spawn(bin, ['configure', HOST, '--yes'], {
    env,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
    ...asNobody,
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'close');
  chmodSync(directory, 0o700);
  assert.equal(code, 1);
  assert.match(stderr, /docker-credential-ecr-login: configure: cannot write \S+: EACCES\nhint: /);
  assert.equal(readFileSync(file, 'utf8'), OLD);
  assert.deepEqual(
    home.list('.docker').map(({ path }) => path),
    ['.docker/config.json'],
  );
});
