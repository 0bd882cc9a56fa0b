// The loopback's sources of AWS credentials against the SDK's own providers: SSO, login, instance, container.
// Owns the trust that other tests put into those sources; ECR and STS are in aws.test.ts.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { ECRClient, type ECRClientConfig, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { fromHttp, fromInstanceMetadata, fromLoginCredentials, fromSSO } from '@aws-sdk/credential-providers';
import { type LoopbackAws, startLoopbackAws } from '../../support/aws/server.ts';

const ACCOUNT = '012345678901';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/node`;

let aws: LoopbackAws;
let home: string;

before(async () => {
  aws = await startLoopbackAws();
  Object.assign(process.env, aws.environment({ imds: true }));
});
after(() => aws.close());
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'loopback-aws-'));
  Object.assign(process.env, {
    HOME: home,
    USERPROFILE: home,
    AWS_CONFIG_FILE: join(home, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'),
  });
});
afterEach(() => {
  aws.clearFaults();
  aws.requests.length = 0;
  aws.mintedTokens.length = 0;
  rmSync(home, { recursive: true });
});

async function callerOf(
  credentials: NonNullable<ECRClientConfig['credentials']>,
): Promise<string | undefined> {
  const client = new ECRClient({ region: 'eu-west-1', credentials, maxAttempts: 1 });
  await client.send(new GetAuthorizationTokenCommand({}));
  return aws.mintedTokens.at(-1)?.arn;
}

function operations(): string[] {
  return aws.requests.map(({ service, operation }) => `${service} ${operation}`);
}

function writeCache(folder: string, name: string, hash: 'sha1' | 'sha256', content: object): string {
  const directory = join(home, '.aws', folder, 'cache');
  mkdirSync(directory, { recursive: true });
  const file = join(directory, `${createHash(hash).update(name).digest('hex')}.json`);
  writeFileSync(file, JSON.stringify(content));
  return file;
}

// The SDK keeps config files by path, and a test writes several.
const sso = () => fromSSO({ profile: 'dev', ignoreCache: true });

// One SSO session name a test: the SDK remembers refresh attempts by name for 30 s.
function writeSsoConfig(session: string): void {
  writeFileSync(
    join(home, 'config'),
    `[profile dev]\nsso_session = ${session}\nsso_account_id = ${ACCOUNT}\nsso_role_name = Pull\n` +
      `[sso-session ${session}]\nsso_region = eu-west-1\nsso_start_url = https://x.awsapps.com/start\n`,
  );
}

const ASSIGNMENTS = [{ accountId: ACCOUNT, roleName: 'Pull' }];

test('SSO gives role credentials for a live access token', async () => {
  writeSsoConfig('live');
  writeCache('sso', 'live', 'sha1', aws.addSsoSession({ assignments: ASSIGNMENTS, userName: 'bob' }));
  assert.match((await callerOf(sso())) ?? '', /assumed-role\/AWSReservedSSO_Pull_[0-9a-f]{16}\/bob$/);
  assert.deepEqual(operations(), ['sso GetRoleCredentials', 'ecr GetAuthorizationToken']);
});

test('SSO refreshes an expired access token', async () => {
  writeSsoConfig('refresh');
  const session = { assignments: ASSIGNMENTS, accessTokenLifeMs: -1000 };
  const file = writeCache('sso', 'refresh', 'sha1', aws.addSsoSession(session));
  await callerOf(sso());
  assert.equal(operations()[0], 'oidc CreateToken');
  assert.ok(Date.parse(JSON.parse(readFileSync(file, 'utf8')).expiresAt) > Date.now());
});

test('SSO refuses what it did not give', async () => {
  writeSsoConfig('refused');
  const session = aws.addSsoSession({ assignments: ASSIGNMENTS });
  writeCache('sso', 'refused', 'sha1', { ...session, accessToken: 'forged' });
  await assert.rejects(sso()(), /Session token not found or invalid/);
  writeSsoConfig('unassigned');
  writeCache('sso', 'unassigned', 'sha1', aws.addSsoSession({ assignments: [] }));
  await assert.rejects(sso()(), /No access/);
  writeSsoConfig('ended');
  const ended = aws.addSsoSession({ assignments: ASSIGNMENTS, accessTokenLifeMs: -1, refreshLifeMs: -1 });
  writeCache('sso', 'ended', 'sha1', ended);
  await assert.rejects(sso()(), /expired/);
});

const LOGIN_ARN = `arn:aws:iam::${ACCOUNT}:user/alice`;

function writeLogin(session: Parameters<LoopbackAws['addLogin']>[0], change: object = {}): void {
  writeFileSync(join(home, 'config'), `[profile dev]\nregion = eu-west-1\nlogin_session = ${LOGIN_ARN}\n`);
  writeCache('login', LOGIN_ARN, 'sha256', { ...aws.addLogin(session), ...change });
}

test('a login session refreshes with a DPoP proof', async () => {
  writeLogin({ arn: LOGIN_ARN, accessLifeMs: -1000 });
  assert.equal(await callerOf(fromLoginCredentials({ profile: 'dev' })), LOGIN_ARN);
  assert.deepEqual(operations(), ['signin CreateOAuth2Token', 'ecr GetAuthorizationToken']);
  assert.equal(aws.requests[0]?.identity, LOGIN_ARN);
});

test('a live login session asks nobody', async () => {
  writeLogin({ arn: LOGIN_ARN });
  assert.equal(await callerOf(fromLoginCredentials({ profile: 'dev' })), LOGIN_ARN);
  assert.deepEqual(operations(), ['ecr GetAuthorizationToken']);
});

test('a login session that is over, changed or proved with another key is refused', async () => {
  const over = { arn: LOGIN_ARN, accessLifeMs: -1000 };
  const login = fromLoginCredentials({ profile: 'dev' });
  writeLogin({ ...over, refreshLifeMs: -1 });
  await assert.rejects(async () => login(), /Your session has expired/);
  writeLogin({ ...over, refusal: 'USER_CREDENTIALS_CHANGED' });
  await assert.rejects(async () => login(), /change in your password/);
  writeLogin(over, { dpopKey: aws.addLogin(over).dpopKey });
  await assert.rejects(async () => login(), /not the key of this session/);
});

test('an instance gives its role to version 2 requests', async () => {
  aws.setInstance({ roleArn: ROLE });
  assert.equal(
    await callerOf(fromInstanceMetadata()),
    `arn:aws:sts::${ACCOUNT}:assumed-role/node/i-0123456789abcdef0`,
  );
  assert.deepEqual(operations(), [
    'imds PUT /latest/api/token',
    'imds GET /latest/meta-data/iam/security-credentials/',
    'imds GET /latest/meta-data/iam/security-credentials/node',
    'ecr GetAuthorizationToken',
  ]);
});

const instanceFailures = [
  { mode: 'hop-limit', statuses: /401|TimeoutError|metadata/ },
  { mode: 'disabled', statuses: /metadata/ },
  { mode: 'no-role', statuses: /metadata/ },
] as const;
for (const { mode, statuses } of instanceFailures) {
  test(`an instance in mode ${mode} gives nothing`, async () => {
    aws.setInstance({ roleArn: ROLE, mode });
    await assert.rejects(async () => fromInstanceMetadata({ timeout: 100 })(), statuses);
  });
}

test('an instance answers version 1 only where it is allowed', async () => {
  const get = () => fetch(`${aws.url}/latest/meta-data/iam/security-credentials/`);
  aws.setInstance({ roleArn: ROLE });
  assert.equal((await get()).status, 401);
  aws.setInstance({ roleArn: ROLE, allowVersion1: true });
  assert.equal(await (await get()).text(), 'node');
  const ttl = { 'x-aws-ec2-metadata-token-ttl-seconds': '21601' };
  assert.equal((await fetch(`${aws.url}/latest/api/token`, { method: 'PUT', headers: ttl })).status, 400);
  assert.equal((await fetch(`${aws.url}/latest/api/token`, { method: 'PUT' })).status, 400);
});

test('a container gets credentials with the right authorization token', async () => {
  const uri = aws.addContainerCredentials({ roleArn: ROLE, authorizationToken: 'Bearer pod' });
  const provider = (token: string) =>
    fromHttp({
      awsContainerCredentialsFullUri: uri,
      awsContainerAuthorizationToken: token,
      maxRetries: 0,
      timeout: 500,
    });
  assert.equal(await callerOf(provider('Bearer pod')), `arn:aws:sts::${ACCOUNT}:assumed-role/node/task`);
  await assert.rejects(async () => provider('Bearer other')(), /401/);
});
