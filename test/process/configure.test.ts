// `configure` as a process: what it prints, what it writes, what it refuses, and that it undoes exactly what it did.
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { executables } from '../support/executables.ts';
import { SYSTEM_PATH } from '../support/run.ts';
import { HOST, openWorld, type World, type WorldOptions } from '../support/world.ts';

const [native] = executables;
const DOCKER = '.docker/config.json';
const OTHER_HOST = '210987654321.dkr.ecr.eu-west-1.amazonaws.com';
const NEW = `{\n\t"credHelpers": {\n\t\t"${HOST}": "ecr-login"\n\t}\n}\n`;
const PLAIN =
  '{\n    "auths": {\n        "ghcr.io": {"auth": "canary-auth"}\n    },\n    "unknown" : [1,2],\n    "credsStore": "pass"\n}\n';

/** A world in which this executable is the one on PATH. */
async function worldOf(t: TestContext, executable = native, options: WorldOptions = {}): Promise<World> {
  assert.ok(executable);
  const world = await openWorld(t, executable, options);
  const bin = join(world.home.directory, 'bin');
  mkdirSync(bin);
  symlinkSync(executable.prefix[0] ?? executable.command, join(bin, 'docker-credential-ecr-login'));
  return {
    ...world,
    run: (argv, { env, ...rest } = {}) =>
      world.run(argv, { ...rest, env: { PATH: `${bin}:${SYSTEM_PATH}`, ...env } }),
  };
}

function configure(world: World, ...args: string[]): ReturnType<World['run']> {
  return world.run(['configure', ...args]);
}

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

describe('which registries', () => {
  const CONFIG = `[profile sso]\nsso_account_id = 111111111111\nregion = eu-west-1\n[profile role]\nrole_arn = arn:aws:iam::222222222222:role/x\nregion = cn-north-1\n[profile login]\nlogin_session = arn:aws:iam::333333333333:user/me\n[profile keys]\nregion = us-east-1\n`;
  const rows: readonly (readonly [args: string[], hosts: string[]])[] = [
    [[`https://${HOST}/team/app:1`, HOST.toUpperCase()], [HOST]],
    [
      [
        '--account',
        '123456789012',
        '--account',
        '210987654321',
        '--region',
        'us-east-1',
        '--region',
        'us-gov-west-1',
      ],
      [
        '123456789012.dkr.ecr.us-east-1.amazonaws.com',
        '123456789012.dkr.ecr.us-gov-west-1.amazonaws.com',
        '210987654321.dkr.ecr.us-east-1.amazonaws.com',
        '210987654321.dkr.ecr.us-gov-west-1.amazonaws.com',
      ],
    ],
    [
      ['--public', '--account', '123456789012', '--region', 'eusc-de-east-1'],
      ['123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu', 'public.ecr.aws'],
    ],
    [
      ['--discover'],
      ['111111111111.dkr.ecr.eu-west-1.amazonaws.com', '222222222222.dkr.ecr.cn-north-1.amazonaws.com.cn'],
    ],
  ];
  for (const [args, hosts] of rows)
    test(args.join(' '), async (t) => {
      const world = await worldOf(t, native, {
        files: { '.aws/config': CONFIG },
        env: { AWS_REGION: undefined },
      });
      const result = await configure(world, ...args, '--yes');
      assert.equal(result.code, 0, result.stderr);
      assert.deepEqual(Object.keys(JSON.parse(world.home.read(DOCKER)).credHelpers), hosts);
      if (args[0] === '--discover')
        assert.match(
          result.stderr,
          /^profile "login" is passed over: it has no region\nprofile "keys" is passed over: it does not tell its account/,
        );
    });

  const refused: readonly (readonly [args: string[], cause: RegExp])[] = [
    [[], /^docker-credential-ecr-login: configure: no registry named\nhint: /],
    [['ghcr.io'], /: ghcr\.io: not a registry of Amazon ECR\nhint: /],
    [['--account', '12', '--region', 'us-east-1'], /an AWS account has 12 digits/],
    [['--account', '123456789012'], /--account needs --region/],
    [['--region', 'us-east-1'], /--region needs --account/],
    [['--discover'], /no AWS profile tells both/],
    [['--all'], /no helper is known for the other registries: Docker has no credsStore\nhint: /],
  ];
  for (const [args, cause] of refused)
    test(`refused: ${args.join(' ')}`, async (t) => {
      const world = await worldOf(t);
      const { stdout, stderr, code } = await configure(world, ...args, '--yes');
      assert.deepEqual([stdout, code], ['', 1]);
      assert.match(stderr, cause);
      assert.deepEqual(world.home.list('.docker'), []);
    });
});

test('without a terminal and without --yes nothing is written', async (t) => {
  const world = await worldOf(t);
  const { stderr, code } = await configure(world, HOST);
  assert.deepEqual(
    [stderr, code],
    ['nothing is written: there is no terminal to ask on\nhint: add --yes to write without asking\n', 1],
  );
  assert.deepEqual(world.home.list('.docker'), []);
});

describe('which file', () => {
  test('DOCKER_CONFIG, a directory, a file', async (t) => {
    const world = await worldOf(t);
    const at = (path: string) => join(world.home.directory, path);
    await world.run(['configure', HOST, '--yes'], { env: { DOCKER_CONFIG: at('a') } });
    await configure(world, HOST, '--yes', '--docker-config', at('b'));
    await configure(world, HOST, '--yes', '--docker-config', at('c/my.json'));
    for (const path of ['a/config.json', 'b/config.json', 'c/my.json'])
      assert.equal(world.home.read(path), NEW);
    assert.ok(!existsSync(at('.docker')));
  });

  for (const [name, env, path] of [
    ['lasting', {}, '.config/containers/auth.json'],
    ['XDG_CONFIG_HOME', { XDG_CONFIG_HOME: 'xdg' }, 'xdg/containers/auth.json'],
    ['REGISTRY_AUTH_FILE', { REGISTRY_AUTH_FILE: 'r/auth.json' }, 'r/auth.json'],
  ] as const)
    test(`--podman: ${name}`, async (t) => {
      const world = await worldOf(t);
      const absolute = Object.fromEntries(
        Object.entries(env).map(([key, value]) => [key, join(world.home.directory, value)]),
      );
      assert.equal((await world.run(['configure', HOST, '--podman', '--yes'], { env: absolute })).code, 0);
      assert.equal(world.home.read(path), NEW);
      assert.equal(world.home.read(DOCKER), NEW);
      assert.equal((await world.run(['configure', '--remove', '--yes'], { env: absolute })).code, 0);
      assert.ok(!existsSync(join(world.home.directory, path)));
    });

  const broken: readonly (readonly [text: string, cause: RegExp])[] = [
    [
      '{\n  "a": 1\n  "b": 2\n}',
      /cannot use \S+config\.json:3: it is not JSON: comma expected\nhint: mend \S+:3\n/,
    ],
    ['{\n  // mine\n}', /config\.json:2: it is not JSON/],
    ['{\n"credHelpers": []\n}', /config\.json:2: "credHelpers" must be an object/],
    ['[]', /must be an object/],
  ];
  for (const [text, cause] of broken)
    test(`refuses ${JSON.stringify(text)}`, async (t) => {
      const world = await worldOf(t, native, { files: { [DOCKER]: text } });
      const { stdout, stderr, code } = await configure(world, HOST, '--yes');
      assert.deepEqual([stdout, code], ['', 1]);
      assert.match(stderr, cause);
      assert.equal(world.home.read(DOCKER), text);
    });
});

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

describe('warnings of what would answer instead', () => {
  test('a login in auths, DOCKER_AUTH_CONFIG', async (t) => {
    const world = await worldOf(t, native, {
      files: { [DOCKER]: `{"auths":{"https://${HOST}":{"auth":"canary-auth"},"${OTHER_HOST}":{}}}` },
    });
    const env = { DOCKER_AUTH_CONFIG: `{"auths":{"${HOST}":{"auth":"canary-auth"}}}` };
    const { stdout, stderr } = await world.run(['configure', HOST, OTHER_HOST, '--dry-run'], { env });
    assert.match(
      stderr,
      new RegExp(
        `warning: \\S+ still holds a login for https://${HOST} in "auths"[^\n]*\nhint: remove it: docker logout https://${HOST}\n`,
      ),
    );
    assert.match(
      stderr,
      new RegExp(`warning: DOCKER_AUTH_CONFIG holds a login for ${HOST}, and Docker prefers that`),
    );
    assert.equal(stderr.match(/^warning/gm)?.length, 2);
    assert.doesNotMatch(stdout + stderr, /canary/);
  });

  test('a login of Podman in this session', async (t) => {
    const auths = `{"auths":{"${HOST}":{"auth":"canary-auth"}}}`;
    const world = await worldOf(t, native, { files: { 'run/containers/auth.json': auths } });
    const env = { XDG_RUNTIME_DIR: join(world.home.directory, 'run') };
    const { stderr } = await world.run(['configure', HOST, '--podman', '--dry-run'], { env });
    const file = join(world.home.directory, 'run/containers/auth.json');
    assert.match(
      stderr,
      new RegExp(
        `warning: ${file} still holds a login for ${HOST}[^\n]*\nhint: remove it: podman logout --authfile ${file} ${HOST}\n`,
      ),
    );
  });

  test('not on PATH, or another program before it', async (t) => {
    const world = await worldOf(t);
    const missing = await world.run(['configure', HOST, '--dry-run'], { env: { PATH: '/nonexistent:.' } });
    assert.match(
      missing.stderr,
      /warning: docker-credential-ecr-login is not on PATH, so Docker will not find it\nhint: /,
    );
    const old = join(world.home.directory, 'old');
    mkdirSync(old);
    writeFileSync(
      join(old, 'docker-credential-ecr-login'),
      '#!/bin/sh\necho "docker-credential-ecr-login (github.com/awslabs/amazon-ecr-credential-helper/ecr-login) 0.7.1"\n',
    );
    chmodSync(join(old, 'docker-credential-ecr-login'), 0o755);
    const bin = join(world.home.directory, 'bin');
    const other = await world.run(['configure', HOST, '--dry-run'], {
      env: { PATH: `${old}:${bin}:${SYSTEM_PATH}` },
    });
    assert.match(
      other.stderr,
      /warning: Docker will run another program of this name, \S+, which says "[^"]* 0\.7\.1"; this one is /,
    );
    rmSync(join(old, 'docker-credential-ecr-login'));
  });
});
