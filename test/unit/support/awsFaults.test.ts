// The loopback's faults as the real SDK meets them, and that a fault ends when it should.
// Owns the list of what can go wrong on purpose; how the credential helper takes it is tested elsewhere.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import {
  ECRClient,
  GetAuthorizationTokenCommand,
  type GetAuthorizationTokenCommandOutput,
} from '@aws-sdk/client-ecr';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { type Fault, type LoopbackAws, startLoopbackAws } from '../../support/aws/server.ts';

const ALICE = {
  accessKeyId: 'AKIAALICE',
  secretAccessKey: 'alice-secret',
  arn: 'arn:aws:iam::012345678901:user/alice',
};

let aws: LoopbackAws;

before(async () => {
  aws = await startLoopbackAws();
  Object.assign(process.env, aws.environment());
  aws.addAccessKey(ALICE);
});
after(() => aws.close());
afterEach(() => {
  aws.clearFaults();
  aws.requests.length = 0;
  aws.mintedTokens.length = 0;
});

function getToken(waitMs = 10_000): Promise<GetAuthorizationTokenCommandOutput> {
  const client = new ECRClient({ region: 'us-east-1', credentials: ALICE, maxAttempts: 1 });
  return client.send(new GetAuthorizationTokenCommand({}), { abortSignal: AbortSignal.timeout(waitMs) });
}

const failures: readonly { fault: Fault; rejects: assert.AssertPredicate }[] = [
  { fault: { kind: 'connection-reset' }, rejects: { code: 'ECONNRESET' } },
  { fault: { kind: 'hang-before-headers' }, rejects: { name: 'AbortError' } },
  { fault: { kind: 'internal-error' }, rejects: { name: 'ServerException' } },
  { fault: { kind: 'unavailable' }, rejects: { name: 'ServiceUnavailable' } },
  { fault: { kind: 'throttled' }, rejects: { name: 'ThrottlingException' } },
  {
    fault: { kind: 'access-denied' },
    rejects: { name: 'AccessDeniedException', message: /user\/alice is not auth/ },
  },
  { fault: { kind: 'expired-token' }, rejects: { name: 'ExpiredTokenException' } },
  {
    fault: { kind: 'clock-skew' },
    rejects: { name: 'InvalidSignatureException', message: /Signature expired/ },
  },
  { fault: { kind: 'truncated-body' }, rejects: /aborted|terminated|hang up/ },
  { fault: { kind: 'malformed-body' }, rejects: { name: 'SyntaxError' } },
  { fault: { kind: 'html-page' }, rejects: { name: 'SyntaxError' } },
  {
    fault: { kind: 'status', status: 403, code: 'Teapot', message: 'short' },
    rejects: { name: 'Teapot', message: 'short' },
  },
];
for (const { fault, rejects } of failures) {
  test(`${fault.kind} fails the call, once`, async () => {
    aws.fault({ service: 'ecr', times: 1 }, fault);
    await assert.rejects(getToken(300), rejects);
    assert.equal(aws.requests.length, 1);
    assert.equal((await getToken()).authorizationData?.length, 1);
  });
}

const damages: readonly {
  kind: Fault['kind'];
  data: (output: GetAuthorizationTokenCommandOutput) => unknown;
  is: unknown;
}[] = [
  { kind: 'empty-data', data: (output) => output.authorizationData, is: [] },
  { kind: 'expiry-absent', data: (output) => output.authorizationData?.[0]?.expiresAt, is: undefined },
  {
    kind: 'expiry-in-the-past',
    data: (output) => output.authorizationData?.[0]?.expiresAt?.getUTCFullYear(),
    is: 2020,
  },
  {
    kind: 'bad-base64-token',
    data: (output) => output.authorizationData?.[0]?.authorizationToken,
    is: '*** not base64 ***',
  },
  {
    kind: 'token-without-colon',
    data: (output) =>
      Buffer.from(output.authorizationData?.[0]?.authorizationToken ?? '', 'base64').includes(':'),
    is: false,
  },
  { kind: 'wrong-content-type', data: (output) => output.authorizationData?.length, is: 1 },
  { kind: 'huge-body', data: (output) => output.authorizationData?.length, is: 1 },
];
for (const { kind, data, is } of damages) {
  test(`${kind} reaches the caller`, async () => {
    aws.fault({ service: 'ecr' }, { kind } as Fault);
    assert.deepEqual(data(await getToken()), is);
  });
}

test('hang-after-headers sends headers and then nothing', async () => {
  aws.fault({ service: 'unknown' }, { kind: 'hang-after-headers' });
  const response = await fetch(aws.url, { signal: AbortSignal.timeout(300) });
  assert.equal(response.status, 400);
  await assert.rejects(response.text(), { name: 'TimeoutError' });
});

test('slow delays a good answer', async () => {
  aws.fault({ service: 'ecr' }, { kind: 'slow', delayMs: 120 });
  const start = performance.now();
  await getToken();
  assert.ok(performance.now() - start >= 115);
});

test('redirect records a client that follows it', async () => {
  aws.fault({ service: 'ecr' }, { kind: 'redirect' });
  await assert.rejects(getToken());
  assert.deepEqual(
    aws.requests.map(({ operation }) => operation),
    ['GetAuthorizationToken'],
  );
  await fetch(aws.url, {
    method: 'POST',
    headers: { 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken' },
  });
  assert.equal(aws.requests.at(-1)?.operation, 'FollowedRedirect');
});

test('faults speak the XML of STS too', async () => {
  const arn = 'arn:aws:iam::012345678901:role/r';
  aws.addRole({ arn });
  const assume = fromTemporaryCredentials({
    masterCredentials: ALICE,
    params: { RoleArn: arn, RoleSessionName: 's' },
    clientConfig: { region: 'us-east-1', maxAttempts: 1 },
  });
  aws.fault({ service: 'sts', times: 1 }, { kind: 'throttled' });
  await assert.rejects(async () => assume(), { name: 'Throttling', message: 'Rate exceeded' });
  aws.fault({ service: 'sts', times: 1 }, { kind: 'expiry-in-the-past' });
  assert.equal((await assume()).expiration?.getUTCFullYear(), 2020);
  aws.fault({ service: 'sts', times: 1 }, { kind: 'empty-data' });
  await assert.rejects(async () => assume());
});
