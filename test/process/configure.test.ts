// `configure` as a process: what it prints, what it writes, what it refuses, and that it undoes exactly what it did.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { configure, worldOf } from '../support/configure.ts';
import { executables } from '../support/executables.ts';
import { HOST } from '../support/world.ts';

const [native] = executables;
const DOCKER = '.docker/config.json';
const OTHER_HOST = '210987654321.dkr.ecr.eu-west-1.amazonaws.com';
const NEW = `{\n\t"credHelpers": {\n\t\t"${HOST}": "ecr-login"\n\t}\n}\n`;
const PLAIN =
  '{\n    "auths": {\n        "ghcr.io": {"auth": "canary-auth"}\n    },\n    "unknown" : [1,2],\n    "credsStore": "pass"\n}\n';

for (const executable of executables) {
  describe(executable.name, () => {
    test('a new file: shown, written, undone', async (t) => {
      const world = await worldOf(t, executable);
      const file = join(world.home.directory, DOCKER);
      const diff = `--- /dev/null\n+++ ${file}\n@@ -0,0 +1,5 @@\n${NEW.replace(/^(?=.)/gm, '+')}`;
      const dry = await configure(world, HOST, '--dry-run');
      assert.deepEqual(
        [dry.stdout, dry.stderr, dry.code],
        [diff, 'nothing is written: this was a dry run\n', 0],
      );
      assert.ok(!existsSync(file));
      const written = await configure(world, HOST, '--yes');
      assert.deepEqual([written.stdout, written.stderr, written.code], [diff, `${file}: written\n`, 0]);
      assert.equal(readFileSync(file, 'utf8'), NEW);
      assert.equal(statSync(file).mode & 0o777, 0o600);
      const again = await configure(world, HOST, '--yes');
      assert.deepEqual(
        [again.stdout, again.stderr, again.code],
        ['', 'there is nothing to change: all is set up\n', 0],
      );
      const removed = await configure(world, '--remove', '--yes');
      assert.deepEqual([removed.stderr, removed.code], [`${file}: removed, as configure made it\n`, 0]);
      assert.ok(!existsSync(join(world.home.directory, '.docker')));
      const nothing = await configure(world, '--remove', '--yes');
      assert.deepEqual([nothing.stderr, nothing.code], ['there is nothing to undo\n', 0]);
    });

    test('an old file: mode, link and bytes stay, and secrets are not shown', async (t) => {
      const world = await worldOf(t, executable, { files: { 'dotfiles/docker.json': PLAIN } });
      const target = join(world.home.directory, 'dotfiles/docker.json');
      chmodSync(target, 0o640);
      mkdirSync(join(world.home.directory, '.docker'));
      symlinkSync('../dotfiles/docker.json', join(world.home.directory, DOCKER));
      const { stdout, stderr, code } = await configure(world, HOST, '--public', '--yes');
      assert.equal(code, 0);
      assert.doesNotMatch(stdout + stderr, /canary/);
      assert.match(
        stderr,
        /^note: credsStore "pass" in \S+ is left as it is: it serves all other registries\n/,
      );
      assert.ok(lstatSync(join(world.home.directory, DOCKER)).isSymbolicLink());
      assert.equal(statSync(target).mode & 0o777, 0o640);
      assert.equal(
        readFileSync(target, 'utf8'),
        PLAIN.replace(
          '"pass"\n',
          `"pass",\n    "credHelpers": {\n        "${HOST}": "ecr-login",\n        "public.ecr.aws": "ecr-login"\n    }\n`,
        ),
      );
      const backup = join(world.home.directory, `${DOCKER}.ecr-login-backup`);
      assert.equal(readFileSync(backup, 'utf8'), PLAIN);
      assert.equal(statSync(backup).mode & 0o777, 0o600);
      assert.equal((await configure(world, '--remove', HOST, '--yes')).code, 0);
      assert.ok(
        !readFileSync(target, 'utf8').includes(HOST) &&
          readFileSync(target, 'utf8').includes('public.ecr.aws'),
      );
      assert.equal((await configure(world, '--remove', '--yes')).code, 0);
      assert.equal(readFileSync(target, 'utf8'), PLAIN);
      assert.deepEqual(
        world.home.list('.docker').map(({ path }) => path),
        [DOCKER],
      );
    });
  });
}

test("another helper's entry stays without --force, and comes back after it", async (t) => {
  const text = `{"credHelpers":{"${HOST}":"desktop"},"credsStore":"desktop"}`;
  const world = await worldOf(t, native, { files: { [DOCKER]: text } });
  const refused = await configure(world, HOST, OTHER_HOST, '--yes');
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /: "desktop" is its helper in \S+\nhint: add --force to replace it; --remove brings it back\nnothing is written\n$/,
  );
  assert.equal(world.home.read(DOCKER), text);
  const forced = await configure(world, HOST, '--force', '--yes');
  assert.equal(forced.code, 0);
  assert.match(forced.stderr, /note: \S+: "desktop" is replaced/);
  assert.equal(world.home.read(DOCKER), text.replace(':"desktop"}', ':"ecr-login"}'));
  await configure(world, '--remove', HOST, '--yes');
  assert.equal(world.home.read(DOCKER), text);
});

test('--remove takes what configure did and nothing else', async (t) => {
  const text = `{\n\t"credHelpers": {\n\t\t"${OTHER_HOST}": "ecr-login"\n\t}\n}`;
  const world = await worldOf(t, native, { files: { [DOCKER]: text } });
  await configure(world, HOST, OTHER_HOST, '--yes');
  // As `docker login` rewrites it.
  const rewritten = JSON.stringify(
    { auths: { 'x.io': {} }, ...JSON.parse(world.home.read(DOCKER)) },
    null,
    '\t',
  );
  world.home.write(DOCKER, rewritten);
  const stranger = await configure(world, '--remove', OTHER_HOST, '--yes');
  assert.equal(stranger.code, 1);
  assert.match(stranger.stderr, /is not one that configure made\nhint: add --force/);
  assert.equal((await configure(world, '--remove', '--yes')).code, 0);
  assert.deepEqual(JSON.parse(world.home.read(DOCKER)), { auths: { 'x.io': {} }, ...JSON.parse(text) });
  assert.equal((await configure(world, '--remove', OTHER_HOST, '--force', '--yes')).code, 0);
  assert.deepEqual(JSON.parse(world.home.read(DOCKER)), { auths: { 'x.io': {} }, credHelpers: {} });
});

describe('--profile', () => {
  test('adds a rule before the others, changes it, takes it back', async (t) => {
    const rules =
      '{\n  "registries": [\n    { "match": "*", "roleArn": "arn:aws:iam::1:role/x" }\n  ]\n}\n'.replace(
        '::1:',
        '::111111111111:',
      );
    const world = await worldOf(t, native, {
      files: {
        '.ecr/config.json': rules,
        '.aws/config': '[profile prod]\nregion = x\n[profile dev]\nregion = x\n',
      },
    });
    const profiles = () =>
      JSON.parse(world.home.read('.ecr/config.json')).registries.map(
        (rule: { profile?: string }) => rule.profile,
      );
    assert.equal((await configure(world, HOST, '--profile', 'prod', '--yes')).code, 0);
    assert.deepEqual(profiles(), ['prod', undefined]);
    assert.equal((await configure(world, HOST, '--profile', 'dev', '--yes')).code, 0);
    assert.deepEqual(profiles(), ['dev', undefined]);
    const same = await configure(world, HOST, '--profile', 'dev', '--yes');
    assert.match(same.stderr, /nothing to change/);
    await configure(world, '--remove', HOST, '--yes');
    assert.equal(world.home.read('.ecr/config.json'), rules);
    assert.ok(!existsSync(join(world.home.directory, '.docker')));
  });

  test('a config file of ours that cannot be used stops it', async (t) => {
    const world = await worldOf(t, native, { files: { '.ecr/config.json': '{\n "registrys": []\n}' } });
    const { stderr, code } = await configure(world, HOST, '--profile', 'prod', '--yes');
    assert.equal(code, 1);
    assert.match(stderr, /\.ecr\/config\.json:2: unknown key "registrys"; did you mean "registries"\?/);
  });
});

test('--all: the helper that was there becomes the fallback, and gets its place back', async (t) => {
  const world = await worldOf(t, native, { files: { [DOCKER]: PLAIN } });
  const { stderr, code } = await configure(world, '--all', '--yes');
  assert.equal(code, 0, stderr);
  assert.equal(world.home.read(DOCKER), PLAIN.replace('"pass"', '"ecr-login"'));
  assert.deepEqual(JSON.parse(world.home.read('.ecr/config.json')), { fallback: 'pass' });
  assert.match((await configure(world, '--all', '--yes')).stderr, /nothing to change/);
  assert.equal((await configure(world, '--remove', '--yes')).code, 0);
  assert.equal(world.home.read(DOCKER), PLAIN);
  assert.ok(!existsSync(join(world.home.directory, '.ecr/config.json')));
});
