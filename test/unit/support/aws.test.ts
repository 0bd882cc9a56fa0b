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
