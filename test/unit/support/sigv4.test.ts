// Our Signature Version 4 against signatures that AWS published, so that neither it nor the SDK vouches for itself.
// Owns the vectors; how services answer a wrong signature is in aws.test.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSignedWith, parseAuthorization } from '../../support/aws/sigv4.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

// The example of AWS's signing guide, then rows of the "aws-sig-v4-test-suite".
const vectors = [
  {
    title: 'iam ListUsers',
    service: 'iam',
    url: '/?Action=ListUsers&Version=2010-05-08',
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      host: 'iam.amazonaws.com',
      'x-amz-date': '20150830T123600Z',
    },
    signature: '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  },
  {
    title: 'get-vanilla',
    service: 'service',
    url: '/',
    headers: { host: 'example.amazonaws.com', 'x-amz-date': '20150830T123600Z' },
    signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  },
  {
    title: 'get-vanilla-query-order-key-case',
    service: 'service',
    url: '/?Param2=value2&Param1=value1',
    headers: { host: 'example.amazonaws.com', 'x-amz-date': '20150830T123600Z' },
    signature: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  },
];
for (const { title, service, url, headers, signature } of vectors) {
  test(`${title} has the signature that AWS published`, () => {
    const scope = `AKIDEXAMPLE/20150830/us-east-1/${service}/aws4_request`;
    const signed = `SignedHeaders=${Object.keys(headers).join(';')}, Signature=${signature}`;
    const authorization = parseAuthorization(`AWS4-HMAC-SHA256 Credential=${scope}, ${signed}`);
    assert.ok(authorization);
    const request = { method: 'GET', url, headers, body: Buffer.alloc(0) };
    assert.equal(isSignedWith(request, authorization, SECRET), true);
    assert.equal(isSignedWith({ ...request, method: 'POST' }, authorization, SECRET), false);
    assert.equal(isSignedWith({ ...request, body: Buffer.from('x') }, authorization, SECRET), false);
    assert.equal(isSignedWith(request, authorization, `${SECRET}x`), false);
  });
}

for (const header of [
  undefined,
  '',
  'Bearer x',
  'AWS4-ECDSA-P256-SHA256 Credential=a/20150830/ecr/aws4_request',
]) {
  test(`no authorization in "${header}"`, () => assert.equal(parseAuthorization(header), undefined));
}
