// Owns what the credential providers make of answers and files, where no process is needed to see it: keys from JSON, the AWS
// CLI's own sessions, addresses that a container's token may go to.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { declareSource } from '../../src/aws/declare.ts';
import type { SharedConfig } from '../../src/aws/shared-config.ts';
import type { Source } from '../../src/aws/source.ts';
import { problemOf } from '../../src/errors.ts';
import { parseObject, readKeys } from '../../src/token/fetch/providers/answer.ts';
import { cliCacheKey, findCliSession } from '../../src/token/fetch/providers/cli-session.ts';
import { containerCredentials } from '../../src/token/fetch/providers/container.ts';
import { instanceKeys, instanceRole } from '../../src/token/fetch/providers/imds.ts';
import { startLoopbackAws } from '../support/aws/server.ts';

const NO_FILES: SharedConfig = {
  profiles: new Map(),
  ssoSessions: new Map(),
  services: new Map(),
  files: [],
};

describe('instance metadata', () => {
  test('is asked once for an environment, and anew for the next', async (t) => {
    const aws = await startLoopbackAws();
    t.after(() => aws.close());
    const source = { kind: 'instance', endpoint: aws.url } as const;
    await assert.rejects(instanceRole(source, {}), { name: 'HelperError' });
    aws.setInstance({ roleArn: 'arn:aws:iam::123456789012:role/node' });
    const env = {};
    assert.equal(await instanceRole(source, env), 'node');
    assert.match((await instanceKeys(source, env)).accessKeyId, /^ASIA/);
    const puts = () => aws.requests.filter(({ method }) => method === 'PUT').length;
    assert.equal(puts(), 2);
    aws.setInstance({ roleArn: 'arn:aws:iam::123456789012:role/other' });
    assert.deepEqual([await instanceRole(source, env), await instanceRole(source, {})], ['node', 'other']);
    assert.equal(puts(), 3);
  });
});

describe('keys in an answer', () => {
  const KEYS = { AccessKeyId: 'AKIA', SecretAccessKey: 'secret', Token: 'token' };
  const shape = { sessionToken: 'Token', isSessionTokenRequired: true } as const;
  const rows: readonly (readonly [
    name: string,
    answer: Record<string, unknown>,
    reason: string | undefined,
  ])[] = [
    ['whole', KEYS, undefined],
    ['with a time to come', { ...KEYS, Expiration: '2099-01-01T00:00:00Z' }, undefined],
    ['without a key id', { ...KEYS, AccessKeyId: '' }, 'its answer lacks AccessKeyId or SecretAccessKey'],
    ['with a number', { ...KEYS, SecretAccessKey: 7 }, 'its answer lacks AccessKeyId or SecretAccessKey'],
    [
      'with a line end',
      { ...KEYS, AccessKeyId: 'AKIA\nX' },
      'its answer lacks AccessKeyId or SecretAccessKey',
    ],
    ['without a session token', { ...KEYS, Token: '' }, 'its answer lacks Token'],
    ['with a session token that is none', { ...KEYS, Token: {} }, 'its answer lacks Token'],
    [
      'of the past',
      { ...KEYS, Expiration: '2020-01-01T00:00:00Z' },
      'the credentials that it gave expired at 2020-01-01T00:00:00.000Z',
    ],
  ];
  for (const [name, answer, reason] of rows)
    test(name, () => {
      const keys = readKeys(answer, shape);
      if (reason === undefined)
        assert.deepEqual(keys, { accessKeyId: 'AKIA', secretAccessKey: 'secret', sessionToken: 'token' });
      else assert.equal(keys, reason);
    });

  test('a byte order mark and line ends do no harm; no object is none', () => {
    assert.deepEqual(parseObject('\uFEFF{ "a": 1 }\r\n'), { a: 1 });
    for (const text of ['', '[]', 'null', '"x"', '{', '{} {}']) assert.equal(parseObject(text), undefined);
  });
});

describe('a session that the AWS CLI keeps', () => {
  const role = {
    kind: 'role',
    profile: 'dev',
    roleArn: 'arn:aws:iam::123456789012:role/path/puller',
    mfaSerial: 'arn:aws:iam::123456789012:mfa/alice',
    base: { kind: 'instance' },
  } as const satisfies Source;
  const until = Date.parse('2030-01-01T00:00:00Z');
  const good = {
    Credentials: {
      AccessKeyId: 'ASIA',
      SecretAccessKey: 'secret',
      SessionToken: 'token',
      Expiration: '2030-01-01T00:00:01+00:00',
    },
    AssumedRoleUser: { Arn: 'arn:aws:sts::123456789012:assumed-role/puller/botocore-session-1' },
  };
  let home: string;
  before(() => {
    home = mkdtempSync(join(tmpdir(), 'ecr-login-unit-'));
    mkdirSync(join(home, '.aws/cli/cache'), { recursive: true });
  });
  after(() => rmSync(home, { recursive: true }));
  const find = (content: unknown) => {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(join(home, '.aws/cli/cache', `${cliCacheKey(role)}.json`), text);
    return findCliSession(role, { HOME: home, USERPROFILE: home }, until);
  };

  // Made by Python: sha1(json.dumps(args, sort_keys=True).encode()).hexdigest().
  test('is found under the name that botocore gives it', () => {
    assert.equal(
      cliCacheKey({ ...role, roleArn: 'arn:aws:iam::123456789012:role/puller' }),
      'f3897211a5102ef9a1813694b43a78255260199a',
    );
    const all = { externalId: 'a "b" \u00e9\u007f\u{1F600}/\\', sessionName: 'build', durationSeconds: 7200 };
    assert.equal(
      cliCacheKey({ ...role, mfaSerial: 'GAHT12345678', ...all }),
      'ea04094df8d99f1316379707f07d165108a66476',
    );
  });

  test('is taken while it lasts', () => {
    const expiresAt = until + 1000;
    const session = { accessKeyId: 'ASIA', secretAccessKey: 'secret', sessionToken: 'token', expiresAt };
    assert.deepEqual(find(good), session);
    const old = { ...good, Credentials: { ...good.Credentials, Expiration: '2030-01-01T00:00:01UTC' } };
    assert.deepEqual(find(old), session);
  });

  const damage: Readonly<Record<string, unknown>> = {
    'no JSON': '{"Credentials":',
    empty: '',
    'no object': [],
    'over by then': {
      ...good,
      Credentials: { ...good.Credentials, Expiration: '2030-01-01T00:00:00+00:00' },
    },
    'a time that is none': { ...good, Credentials: { ...good.Credentials, Expiration: 'soon' } },
    'no session token': { ...good, Credentials: { ...good.Credentials, SessionToken: undefined } },
    'another role': {
      ...good,
      AssumedRoleUser: { Arn: 'arn:aws:sts::123456789012:assumed-role/admin/x' },
    },
    'another account': {
      ...good,
      AssumedRoleUser: { Arn: 'arn:aws:sts::999999999999:assumed-role/puller/x' },
    },
    nobody: { Credentials: good.Credentials },
  };
  for (const [name, content] of Object.entries(damage))
    test(`is passed over: ${name}`, () => assert.equal(find(content), undefined));
});

describe('the container endpoint', () => {
  const uriOf = (env: NodeJS.ProcessEnv): string | undefined => {
    const source = declareSource({ env: { AWS_EC2_METADATA_DISABLED: 'true', ...env }, shared: NO_FILES });
    return source.kind === 'container' ? source.uri : undefined;
  };

  test('a relative URI is one of the ECS agent, and comes before a full one', () => {
    const AWS_CONTAINER_CREDENTIALS_RELATIVE_URI = '/v2/credentials/task';
    const AWS_CONTAINER_CREDENTIALS_FULL_URI = 'http://localhost:1/other';
    assert.equal(
      uriOf({ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, AWS_CONTAINER_CREDENTIALS_FULL_URI }),
      'http://169.254.170.2/v2/credentials/task',
    );
  });

  const refusedOf = async (uri: string): Promise<boolean> => {
    const problem = await containerCredentials({ kind: 'container', uri }).then(
      () => undefined,
      (error: unknown) => problemOf(error),
    );
    assert.equal(problem?.kind, 'source-failed');
    return problem?.kind === 'source-failed' && problem.reason.includes('is not allowed');
  };

  for (const uri of [
    'http://169.254.170.3/x',
    'http://169.254.170.2.evil.test/x',
    'http://127.0.0.1.evil.test/x',
    'http://example.com/x',
    'http://[fd00:ec2::24]/x',
    'ftp://127.0.0.1/x',
    'file:///etc/passwd',
    'not a url',
  ])
    test(`no token goes to ${uri}`, async () => assert.equal(await refusedOf(uri), true));

  for (const uri of [
    'http://127.0.0.1:1/x',
    'http://localhost:1/x',
    'http://[::1]:1/x',
    'https://127.0.0.1:1/x',
  ])
    test(`${uri} may be asked`, async () => assert.equal(await refusedOf(uri), false));
});
