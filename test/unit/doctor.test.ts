// The pure parts of `doctor`: how images are named, what mends a refusal by AWS, and that a finding is one harmless line.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ok } from '../../src/doctor/finding.ts';
import { type ImageReference, parseImage } from '../../src/doctor/image.ts';
import { brokenBy, pullRemedy } from '../../src/doctor/remedy.ts';
import { parseRegistry, type Registry } from '../../src/registry.ts';

const HOST = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const DIGEST = `sha256:${'0'.repeat(64)}`;

describe('names of images', () => {
  const rows: readonly (readonly [text: string, expected: ImageReference])[] = [
    [HOST, { registry: HOST, reference: 'latest' }],
    [`https://${HOST}/v2/`, { registry: HOST, reference: 'latest' }],
    [`${HOST}/app`, { registry: HOST, repository: 'app', reference: 'latest' }],
    [`${HOST}/team/app:1.0`, { registry: HOST, repository: 'team/app', reference: '1.0' }],
    [`${HOST}/app@${DIGEST}`, { registry: HOST, repository: 'app', reference: DIGEST }],
    [`${HOST}/app:1.0@${DIGEST}`, { registry: HOST, repository: 'app', reference: DIGEST }],
    [`localhost:5000/app`, { registry: 'localhost:5000', repository: 'app', reference: 'latest' }],
    ['ubuntu:24.04', { registry: 'ubuntu:24.04', reference: 'latest' }],
  ];
  for (const [text, expected] of rows) test(text, () => assert.deepEqual(parseImage(text), expected));
});

describe('what mends a refusal', () => {
  const registry = parseRegistry(HOST) as Registry;
  const denied = (caller: string, why: string): string =>
    `User: ${caller} is not authorized to perform: ecr:BatchGetImage on resource: x ${why}`;
  const user = 'arn:aws:iam::123456789012:user/alice';
  const other = 'arn:aws:iam::210987654321:user/bob';

  const rows: readonly (readonly [sentence: string, remedy: RegExp])[] = [
    [denied(user, 'because no identity-based policy allows it'), /^add to a policy of \S+alice: \{[^;]*\}$/],
    [
      denied(other, 'because no resource-based policy allows it'),
      /^add to the repository's policy [^;]*"AWS":"\S+bob"/,
    ],
    [
      denied(user, 'because no permissions boundary allows it'),
      /^allow ecr:BatchGetImage in the permissions boundary too$/,
    ],
    [denied(user, 'because no session policy allows it'), /in the session policy too$/],
    [denied(user, 'with an explicit deny in a VPC endpoint policy'), /out of the VPC endpoint policy;/],
    [denied(user, ''), /^add to a policy of \S+alice: \{[^;]*\}$/],
    [denied(other, ''), /; for an identity of another account also add to the repository's policy/],
    ['denied', /^add to a policy of the identity: .* also /],
  ];
  for (const [sentence, remedy] of rows)
    test(sentence, () => assert.match(pullRemedy(sentence, registry, 'app'), remedy));

  test('ECR Public needs two rights, whichever of them AWS names', () => {
    for (const action of ['ecr-public:GetAuthorizationToken', 'sts:GetServiceBearerToken'])
      assert.match(
        brokenBy({ kind: 'access-denied', action }).fix ?? '',
        /"Action":\["ecr-public:GetAuthorizationToken","sts:GetServiceBearerToken"\]/,
      );
  });
});

test('a finding is one line without what a terminal obeys', () => {
  const { text } = ok('a\n\x1b[2Jb\u202e\u2028c');
  assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Zl}]/u);
  assert.ok(ok('x'.repeat(5000)).text.length <= 2000);
});
