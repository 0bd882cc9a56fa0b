// `configure`: which registries, which file, what is refused, and the warnings of what would answer in our place.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { configure, worldOf } from '../support/configure.ts';
import { executables } from '../support/executables.ts';
import { SYSTEM_PATH } from '../support/run.ts';
import { HOST } from '../support/world.ts';

const [native] = executables;
const DOCKER = '.docker/config.json';
const OTHER_HOST = '210987654321.dkr.ecr.eu-west-1.amazonaws.com';
const NEW = `{\n\t"credHelpers": {\n\t\t"${HOST}": "ecr-login"\n\t}\n}\n`;

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
  });
});
