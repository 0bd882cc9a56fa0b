// The loopback AWS against the real SDK: what AWS would grant it grants, what AWS would refuse it refuses.
// Owns the trust that all other tests put into test/support/aws; it must not test the credential helper itself.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import {
  ECRPUBLICClient,
  GetAuthorizationTokenCommand as GetPublicTokenCommand,
} from '@aws-sdk/client-ecr-public';
import { fromTemporaryCredentials, fromWebToken } from '@aws-sdk/credential-providers';
import { type LoopbackAws, startLoopbackAws } from '../../support/aws/server.ts';

const ACCOUNT = '012345678901';
const ALICE = {
  accessKeyId: 'AKIAALICE',
  secretAccessKey: 'alice-secret',
  arn: `arn:aws:iam::${ACCOUNT}:user/alice`,
};
const ROLE = `arn:aws:iam::${ACCOUNT}:role/ci/puller`;

let aws: LoopbackAws;

before(async () => {
  aws = await startLoopbackAws();
  Object.assign(process.env, aws.environment(), {
    AWS_CONFIG_FILE: '/nonexistent',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
  });
  aws.addAccessKey(ALICE);
});
after(() => aws.close());
afterEach(() => {
  aws.clearFaults();
  aws.requests.length = 0;
  aws.mintedTokens.length = 0;
});

type Credentials = NonNullable<ConstructorParameters<typeof ECRClient>[0]>['credentials'] & {};

function ecr(credentials: Credentials = ALICE, region = 'eu-west-1'): ECRClient {
  return new ECRClient({ region, credentials, maxAttempts: 1 });
}

function passwordOf(authorizationToken: string | undefined): string {
  return Buffer.from(authorizationToken ?? '', 'base64')
    .toString()
    .replace(/^AWS:/, '');
}

test('ECR hands out a token bound to the caller', async () => {
  const output = await ecr().send(new GetAuthorizationTokenCommand({}));
  const [data] = output.authorizationData ?? [];
  assert.equal(data?.proxyEndpoint, `https://${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com`);
  const [minted] = aws.mintedTokens;
  assert.equal(passwordOf(data?.authorizationToken), minted?.password);
  assert.equal(minted?.arn, ALICE.arn);
  assert.equal(data?.expiresAt?.getTime(), minted?.expiresAt);
  const inside: unknown = JSON.parse(Buffer.from(minted?.password ?? '', 'base64').toString());
  assert.partialDeepStrictEqual(inside, { version: '2', type: 'DATA_KEY' });
  const [request] = aws.requests;
  assert.equal(request?.service, 'ecr');
  assert.equal(request?.operation, 'GetAuthorizationToken');
  assert.equal(request?.region, 'eu-west-1');
  assert.equal(request?.identity, ALICE.arn);
});

test('ECR Public hands out a token in us-east-1 only', async () => {
  const client = (region: string) => new ECRPUBLICClient({ region, credentials: ALICE, maxAttempts: 1 });
  const output = await client('us-east-1').send(new GetPublicTokenCommand({}));
  assert.equal(passwordOf(output.authorizationData?.authorizationToken), aws.mintedTokens[0]?.password);
  await assert.rejects(client('eu-west-1').send(new GetPublicTokenCommand({})), {
    name: 'InvalidSignatureException',
  });
});

const refusals = [
  {
    title: 'a wrong secret',
    credentials: { ...ALICE, secretAccessKey: 'guess' },
    name: 'InvalidSignatureException',
  },
  {
    title: 'an unknown key',
    credentials: { ...ALICE, accessKeyId: 'AKIANOBODY' },
    name: 'UnrecognizedClientException',
  },
  {
    title: 'a session token that is not its',
    credentials: { ...ALICE, sessionToken: 'x' },
    name: 'UnrecognizedClientException',
  },
];
for (const { title, credentials, name } of refusals) {
  test(`ECR refuses ${title}`, async () => {
    await assert.rejects(ecr(credentials).send(new GetAuthorizationTokenCommand({})), { name });
    assert.equal(aws.requests[0]?.identity, undefined);
    assert.deepEqual(aws.mintedTokens, []);
  });
}

test('ECR refuses a body changed after signing', async () => {
  const client = ecr();
  client.middlewareStack.add(
    (next) => (args) => {
      // The same length as the '{}' that was signed, or the HTTP parser would refuse it first.
      Object.assign(args.request as object, { body: '[]' });
      return next(args);
    },
    { step: 'deserialize', priority: 'low' },
  );
  await assert.rejects(client.send(new GetAuthorizationTokenCommand({})), {
    name: 'InvalidSignatureException',
  });
});

test('STS issues a session that ECR knows', async () => {
  aws.addRole({ arn: ROLE, externalId: 'e1', trustedArns: [ALICE.arn] });
  const credentials = fromTemporaryCredentials({
    masterCredentials: ALICE,
    params: { RoleArn: ROLE, RoleSessionName: 'build', ExternalId: 'e1' },
    clientConfig: { region: 'eu-west-1' },
  });
  await ecr(credentials).send(new GetAuthorizationTokenCommand({}));
  assert.equal(aws.mintedTokens[0]?.arn, `arn:aws:sts::${ACCOUNT}:assumed-role/puller/build`);
});

test('STS takes a web identity token', async () => {
  aws.addRole({ arn: ROLE });
  const provider = (lifeMs?: number) =>
    fromWebToken({
      roleArn: ROLE,
      roleSessionName: 'pod',
      webIdentityToken: aws.signWebIdentityToken({ sub: 'pod', ...(lifeMs ? { lifeMs } : {}) }),
      clientConfig: { region: 'eu-west-1', maxAttempts: 1 },
    });
  await ecr(provider()).send(new GetAuthorizationTokenCommand({}));
  assert.equal(aws.mintedTokens[0]?.arn, `arn:aws:sts::${ACCOUNT}:assumed-role/puller/pod`);
  await assert.rejects(provider(-1000)(), { name: 'ExpiredTokenException' });
});

const assumeFailures = [
  {
    title: 'no external id',
    params: {},
    role: { externalId: 'e' },
    message: /not authorized to perform: sts:AssumeRole on/,
  },
  {
    title: 'a role that trusts another',
    params: {},
    role: { trustedArns: ['arn:aws:iam::1:root'] },
    message: /not authorized/,
  },
  {
    title: 'a wrong MFA code',
    params: { SerialNumber: 'mfa' },
    role: { mfaSerial: 'mfa', mfaCode: '123456' },
    message: /invalid MFA one time pass code/,
  },
  {
    title: 'a session too short',
    params: { DurationSeconds: 60 },
    role: {},
    message: /greater than or equal to 900/,
  },
  { title: 'a session too long', params: { DurationSeconds: 7200 }, role: {}, message: /MaxSessionDuration/ },
];
for (const { title, params, role, message } of assumeFailures) {
  test(`STS refuses ${title}`, async () => {
    aws.addRole({ arn: ROLE, ...role });
    const assume = fromTemporaryCredentials({
      masterCredentials: ALICE,
      params: { RoleArn: ROLE, RoleSessionName: 'build', ...params },
      mfaCodeProvider: async () => '000000',
      clientConfig: { region: 'eu-west-1', maxAttempts: 1 },
    });
    await assert.rejects(async () => assume(), { message });
  });
}

const BOB = {
  accessKeyId: 'AKIABOB',
  secretAccessKey: 'bob-secret',
  arn: `arn:aws:iam::${ACCOUNT}:user/bob`,
};
const denials = [
  {
    key: { ...BOB, mayGetToken: false },
    name: 'AccessDeniedException',
    message:
      `User: ${BOB.arn} is not authorized to perform: ecr:GetAuthorizationToken on resource: * because no ` +
      'identity-based policy allows the ecr:GetAuthorizationToken action',
  },
  {
    key: { ...BOB, expired: true },
    name: 'ExpiredTokenException',
    message: 'The security token included in the request is expired',
  },
];
for (const { key, name, message } of denials) {
  test(`ECR answers ${name}`, async () => {
    aws.addAccessKey(key);
    await assert.rejects(ecr(BOB).send(new GetAuthorizationTokenCommand({})), { name, message });
    assert.equal(aws.requests[0]?.identity, name === 'AccessDeniedException' ? BOB.arn : undefined);
  });
}

test('ECR Public needs a bearer token of STS', async () => {
  aws.addAccessKey({ ...BOB, mayGetBearerToken: false });
  const client = new ECRPUBLICClient({ region: 'us-east-1', credentials: BOB, maxAttempts: 1 });
  await assert.rejects(client.send(new GetPublicTokenCommand({})), {
    name: 'AccessDeniedException',
    message: /sts:GetServiceBearerToken/,
  });
});

test('a clock an hour off is refused, and the SDK corrects itself by the Date header', async () => {
  const future = await startLoopbackAws({ now: () => Date.now() + 3_600_000 });
  future.addAccessKey(ALICE);
  const options = { endpoint: future.url, region: 'us-east-1', credentials: ALICE };
  const once = new ECRClient({ ...options, maxAttempts: 1 });
  await assert.rejects(once.send(new GetAuthorizationTokenCommand({})), {
    message: /^Signature expired: .* - 5 min\.\)$/,
  });
  await new ECRClient(options).send(new GetAuthorizationTokenCommand({}));
  assert.deepEqual(
    future.requests.map(({ identity }) => identity),
    [undefined, undefined, ALICE.arn],
  );
  await future.close();
});

test('ECR answers for each registry ID that is asked for', async () => {
  const registryIds = ['000000000001', '000000000002'];
  const output = await ecr().send(new GetAuthorizationTokenCommand({ registryIds }));
  assert.deepEqual(
    output.authorizationData?.map(({ proxyEndpoint }) => proxyEndpoint),
    registryIds.map((id) => `https://${id}.dkr.ecr.eu-west-1.amazonaws.com`),
  );
});
