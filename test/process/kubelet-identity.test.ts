// Specifies whose credentials the kubelet's credential provider takes: the role of a pod's service account, or the node's.
// The words of Kubernetes are written out here and not taken from the program.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { executables } from '../support/executables.ts';
import { onlyPassword, operations } from '../support/expect.ts';
import { ask, assertAnswer, assertFailure, requestFor } from '../support/kubelet.ts';
import { ALICE, HOST, openWorld, type World } from '../support/world.ts';

const ANNOTATION = 'eks.amazonaws.com/ecr-role-arn';
const POD_ROLE = 'arn:aws:iam::123456789012:role/pod';
const OTHER_ROLE = 'arn:aws:iam::123456789012:role/other';
const SUBJECT = 'system:serviceaccount:apps:web';

for (const executable of executables) {
  describe(`kubelet's identity, ${executable.name}`, { concurrency: 2 }, () => {
    const open = (t: TestContext): Promise<World> => openWorld(t, executable);

    test('a role of the service account, from the annotation before the variable', async (t) => {
      const world = await open(t);
      for (const arn of [POD_ROLE, OTHER_ROLE]) world.aws.addRole({ arn });
      const token = world.aws.signWebIdentityToken({ sub: SUBJECT });
      world.addSecret(token);
      const account = { serviceAccountToken: token, serviceAccountAnnotations: { [ANNOTATION]: POD_ROLE } };
      const image = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/app';
      // The node's own region is not the image's, where STS shall be asked.
      const env = { AWS_ECR_ROLE_ARN: OTHER_ROLE, AWS_REGION: 'us-east-2' };
      const result = await ask(world, requestFor(image, account), env);
      assertAnswer(result, image.split('/')[0] ?? '', onlyPassword(world));
      const [sts] = world.aws.requests;
      const form = new URLSearchParams(sts?.body);
      assert.deepEqual(
        ['Action', 'RoleArn', 'RoleSessionName', 'WebIdentityToken'].map((name) => form.get(name)),
        ['AssumeRoleWithWebIdentity', POD_ROLE, 'ecr-credential-provider', token],
      );
      assert.equal(
        world.aws.mintedTokens[0]?.arn,
        'arn:aws:sts::123456789012:assumed-role/pod/ecr-credential-provider',
      );
      // The next token of the same account is another one, and finds the same entry; the node's identity does not.
      const next = world.aws.signWebIdentityToken({ sub: SUBJECT });
      world.addSecret(next);
      await ask(world, requestFor(image, { ...account, serviceAccountToken: next }), env);
      assert.equal(world.aws.mintedTokens.length, 1);
      await ask(world, requestFor(image), env);
      assert.deepEqual(
        world.aws.mintedTokens.map(({ arn }) => arn),
        ['arn:aws:sts::123456789012:assumed-role/pod/ecr-credential-provider', ALICE.arn],
      );
    });

    const accounts = [
      { name: 'token and variable', token: true, variable: POD_ROLE, arn: /assumed-role\/pod\// },
      { name: 'token and neither', token: true, arn: /user\/alice$/ },
      { name: 'annotation without token', annotation: POD_ROLE, arn: /user\/alice$/ },
      { name: 'variable without token', variable: POD_ROLE, arn: /user\/alice$/ },
      {
        name: 'empty annotation, variable',
        token: true,
        annotation: '',
        variable: POD_ROLE,
        arn: /role\/pod\//,
      },
    ];
    for (const { name, token, annotation, variable, arn } of accounts)
      test(`service account: ${name}`, async (t) => {
        const world = await open(t);
        world.aws.addRole({ arn: POD_ROLE });
        const serviceAccountToken = world.aws.signWebIdentityToken({ sub: SUBJECT });
        world.addSecret(serviceAccountToken);
        const result = await ask(
          world,
          requestFor(`${HOST}/app`, {
            ...(token ? { serviceAccountToken } : {}),
            ...(annotation === undefined ? {} : { serviceAccountAnnotations: { [ANNOTATION]: annotation } }),
          }),
          { AWS_ECR_ROLE_ARN: variable },
        );
        assertAnswer(result, HOST, onlyPassword(world));
        assert.match(world.aws.mintedTokens[0]?.arn ?? '', arn);
      });

    test('a role that does not trust the service account is a failure, not the node', async (t) => {
      const world = await open(t);
      world.aws.addRole({ arn: POD_ROLE, webIdentity: { sub: 'system:serviceaccount:apps:other' } });
      const token = world.aws.signWebIdentityToken({ sub: SUBJECT });
      world.addSecret(token);
      const result = await ask(
        world,
        requestFor(`${HOST}/app`, {
          serviceAccountToken: token,
          serviceAccountAnnotations: { [ANNOTATION]: POD_ROLE },
        }),
      );
      assertFailure(result, /access denied: .*sts:AssumeRole/);
      assert.deepEqual(operations(world), ['sts:AssumeRoleWithWebIdentity']);
    });

    test('an annotation that is no role', async (t) => {
      const world = await open(t);
      const result = await ask(
        world,
        requestFor(`${HOST}/app`, {
          serviceAccountToken: 'a.b.c',
          serviceAccountAnnotations: { [ANNOTATION]: 'pod' },
        }),
      );
      assertFailure(result, /cannot use annotation eks\.amazonaws\.com\/ecr-role-arn "pod": must be the ARN/);
    });
  });
}
