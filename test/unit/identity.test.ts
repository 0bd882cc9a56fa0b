// The identity fingerprint as hit/miss twins: what may change without a new token, and what must never share one.
// Owns no precedence (source.test.ts). Only instance metadata and processes are asked, through a function of the test.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { declareSource } from '../../src/aws/declare.ts';
import {
  type Discover,
  hashAccessKeyId,
  identify,
  loginTokenFile,
  ssoTokenFile,
} from '../../src/aws/identity.ts';
import { readSharedConfig } from '../../src/aws/shared-config.ts';
import type { Source } from '../../src/aws/source.ts';
import { HelperError } from '../../src/errors.ts';
import { jwt, rejection, temporaryDirectory } from './fixtures.ts';
import { container, env, pod, role, subject, TWINS } from './tables/identities.ts';

const nobody: Discover = async () => assert.fail('this source must ask nobody');
describe('twins', () => {
  for (const [name, a, b, same] of TWINS)
    test(`${name}: ${same ? 'hit' : 'miss'}`, async () => {
      const identities = await Promise.all([a, b].map((source) => identify(source, {}, discoverRole('r'))));
      assert.equal(identities[0] === identities[1], same, identities.join(' / '));
    });
});

function discoverRole(answer: string): Discover {
  return async () => answer;
}

describe('web identity', () => {
  const declare = (t: TestContext, token: string) => {
    const tokenFile = join(temporaryDirectory(t), 'token');
    writeFileSync(tokenFile, token);
    const source: Source = { kind: 'web-identity', roleArn: 'arn:a', tokenFile };
    return { tokenFile, source, identity: () => identify(source, {}, nobody) };
  };

  test('a renewed token of the same issuer and subject: hit, also under another path', async (t) => {
    const first = declare(t, subject('system:serviceaccount:n:a', { exp: 1, jti: 'x' }));
    const before = await first.identity();
    writeFileSync(first.tokenFile, `${subject('system:serviceaccount:n:a', { exp: 2, jti: 'y' })}\n`);
    assert.equal(await first.identity(), before);
    const moved = declare(t, subject('system:serviceaccount:n:a'));
    assert.equal(await moved.identity(), before);
  });
  for (const [name, token] of [
    ['subject', subject('system:serviceaccount:n:b')],
    ['issuer', jwt({ iss: 'https://j', sub: 'system:serviceaccount:n:a' })],
    ['kind: no JWT', 'opaque'],
    ['kind: no subject', jwt({ iss: 'https://i' })],
    ['kind: a subject that is no text', jwt({ iss: 'https://i', sub: { a: 1 } })],
  ] as const)
    test(`another ${name}: miss`, async (t) => {
      const { source, tokenFile, identity } = declare(t, subject('system:serviceaccount:n:a'));
      const before = await identity();
      writeFileSync(tokenFile, token);
      assert.notEqual(await identify(source, {}, nobody), before);
    });
  test('another role, another session name: miss', async (t) => {
    const { source, identity } = declare(t, subject('a'));
    assert.ok(source.kind === 'web-identity');
    for (const change of [{ roleArn: 'arn:b' }, { sessionName: 'n' }])
      assert.notEqual(await identify({ ...source, ...change }, {}, nobody), await identity());
  });
  for (const token of ['opaque', '', 'a.b.c', 'a.!!!.c', `a.${btoa('[1]')}.c`, `a.${btoa('null')}.c`, '...'])
    test(`a token that tells nothing counts by its path: ${JSON.stringify(token)}`, async (t) => {
      const { tokenFile, identity } = declare(t, token);
      const before = await identity();
      assert.ok(before.includes(JSON.stringify(tokenFile)));
      writeFileSync(tokenFile, `${token}x`);
      assert.equal(await identity(), before);
    });
  test('a missing token file is an error with its name', async (t) => {
    const { tokenFile, identity } = declare(t, 'x');
    rmSync(tokenFile);
    assert.deepEqual(await rejection(identity()), {
      kind: 'unreadable-file',
      file: tokenFile,
      code: 'ENOENT',
    });
  });
});

describe('sessions on disk', () => {
  const sso = (change: object = {}): Extract<Source, { kind: 'sso' }> => ({
    kind: 'sso',
    profile: 'p',
    startUrl: 'https://x.awsapps.com/start',
    ssoRegion: 'us-east-1',
    accountId: '012345678901',
    roleName: 'R',
    ...change,
  });
  const login: Extract<Source, { kind: 'login' }> = {
    kind: 'login',
    profile: 'p',
    loginSession: 'arn:aws:iam::1:user/a',
  };
  const touch = (path: string | undefined, text = '{}'): string => {
    assert.ok(path);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  };

  // As `printf dev | sha1sum`: the place is the AWS CLI's, not ours to choose.
  test('the SSO token is where the AWS CLI keeps it', () => {
    const home = { HOME: '/h' };
    assert.equal(
      ssoTokenFile(sso({ session: 'dev' }), home),
      '/h/.aws/sso/cache/34c6fceca75e456f25e7e99531e2425c6c1de443.json',
    );
    assert.equal(
      ssoTokenFile(sso(), home),
      '/h/.aws/sso/cache/3947de8b16688092197fa616c34e01335f21d256.json',
    );
  });
  test('the login token is where the AWS CLI keeps it, or in AWS_LOGIN_CACHE_DIRECTORY', () => {
    const name = '096a9ed17bc213ff49f4a3bb906248fdc062cd40e4dfe2948906b3407b40b877.json';
    assert.equal(loginTokenFile(' arn:aws:iam::1:user/a\n', { HOME: '/h' }), `/h/.aws/login/cache/${name}`);
    assert.equal(
      loginTokenFile('arn:aws:iam::1:user/a', { HOME: '/h', AWS_LOGIN_CACHE_DIRECTORY: '/c' }),
      `/c/${name}`,
    );
  });
  for (const [name, source, problem] of [
    ['SSO, by start URL', sso(), { kind: 'sso-expired', profile: 'p' }],
    ['SSO, by session', sso({ session: 'dev' }), { kind: 'sso-expired', profile: 'p', session: 'dev' }],
    ['aws login', login, { kind: 'login-expired', profile: 'p' }],
  ] as const)
    test(`${name}: signed out is an error, signed in again the same identity`, async (t) => {
      const home = { HOME: temporaryDirectory(t) };
      assert.deepEqual(await rejection(identify(source, home, nobody)), problem);
      const path = touch(
        source.kind === 'sso' ? ssoTokenFile(source, home) : loginTokenFile(source.loginSession, home),
      );
      const before = await identify(source, home, nobody);
      rmSync(path);
      assert.deepEqual(await rejection(identify(source, home, nobody)), problem);
      touch(path, '{"accessToken":"another"}');
      assert.equal(await identify(source, home, nobody), before);
    });
  test('SSO: account, role, start URL and session are part of it; profile and SSO region are not', async (t) => {
    const home = { HOME: temporaryDirectory(t) };
    const identityOf = async (change: object): Promise<string> => {
      touch(ssoTokenFile(sso(change), home));
      return identify(sso(change), home, nobody);
    };
    const before = await identityOf({});
    for (const change of [
      { accountId: '112345678901' },
      { roleName: 'S' },
      { startUrl: 'https://y' },
      { session: 'dev' },
    ])
      assert.notEqual(await identityOf(change), before, JSON.stringify(change));
    for (const change of [{ profile: 'q' }, { ssoRegion: 'eu-west-1' }])
      assert.equal(await identityOf(change), before, JSON.stringify(change));
  });
});

describe('what only the outside knows', () => {
  const commands = (command: string): Source => ({ kind: 'process', profile: 'p', command });
  test('instance: the role`s name decides', async () => {
    const of = (name: string): Promise<string> => identify({ kind: 'instance' }, {}, discoverRole(name));
    assert.equal(await of('a'), await of('a'));
    assert.notEqual(await of('a'), await of('b'));
  });
  test('process: the key that it answers decides, whatever the command', async () => {
    assert.equal(
      await identify(commands('x'), {}, discoverRole('AKIA1')),
      await identify(commands('y'), {}, discoverRole('AKIA1')),
    );
    assert.notEqual(
      await identify(commands('x'), {}, discoverRole('AKIA1')),
      await identify(commands('x'), {}, discoverRole('AKIA2')),
    );
  });
  test('a failure to ask is passed on, also from below a role', async () => {
    const failing: Discover = async () => {
      throw new HelperError({ kind: 'source-failed', source: 's', reason: 'r' });
    };
    assert.equal(
      (await rejection(identify(role({ base: { kind: 'instance' } }), {}, failing))).kind,
      'source-failed',
    );
  });
});

test('config file: order, comments and other profiles do not count', async (t) => {
  const home = temporaryDirectory(t);
  mkdirSync(join(home, '.aws'));
  const identityOf = (text: string): Promise<string> => {
    writeFileSync(join(home, '.aws/config'), text);
    const shared = readSharedConfig({ HOME: home });
    return identify(declareSource({ env: { AWS_PROFILE: 'p' }, shared }), { HOME: home }, nobody);
  };
  const b = '[profile b]\naws_access_key_id = AKIA1\naws_secret_access_key = s\n';
  const before = await identityOf(`[profile p]\nrole_arn = arn:r\nsource_profile = b\nexternal_id = x\n${b}`);
  const after = await identityOf(
    `# a\n${b}[profile p]\nexternal_id=x\n# b\nsource_profile =  b\nregion = r\nrole_arn = arn:r\n[default]\n`,
  );
  assert.equal(after, before);
});

test('no secret is in any fingerprint, and no access key id', async (t) => {
  const secret = 'canary-Jd83kfQ';
  const tokenFile = join(temporaryDirectory(t), 'token');
  const token = jwt({ iss: 'i', sub: 's', secret }, secret);
  writeFileSync(tokenFile, token);
  const web: Source = { kind: 'web-identity', roleArn: 'arn:a', tokenFile };
  const base = env('AKIACANARY', secret, secret);
  const sources = [
    base,
    role({ base }),
    web,
    role({ base: web }),
    container({ token }),
    container({ token: secret }),
    container({ tokenFile }),
    pod(token),
    pod(secret),
  ];
  for (const source of sources) {
    const identity = await identify(source, {}, nobody);
    assert.doesNotMatch(identity, /canary|CANARY/, source.kind);
    assert.ok(!identity.includes(token.split('.')[1] ?? token));
  }
  assert.match(hashAccessKeyId('AKIACANARY'), /^[0-9a-f]{32}$/);
});
