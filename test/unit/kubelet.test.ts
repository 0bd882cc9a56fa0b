// Specifies the kubelet's protocol: requests of three versions, answers that a strict decoder of the published API types
// takes, durations, keys; and that the documented configuration is one. It must not start a process.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  goDuration,
  keepMs,
  kubeletResponse,
  parseKubeletRequest,
  RequestError,
  registryOfImage,
} from '../../src/kubelet/protocol.ts';
import { parseRegistry } from '../../src/registry.ts';
import { assertStrictResponse } from '../support/kubelet.ts';

const V1 = 'credentialprovider.kubelet.k8s.io/v1';
const HOST = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const HOUR = 3_600_000;

function request(changes: Record<string, unknown> = {}): Uint8Array {
  const message = { kind: 'CredentialProviderRequest', apiVersion: V1, image: `${HOST}/app`, ...changes };
  return new TextEncoder().encode(`${JSON.stringify(message)}\n`);
}

describe('kubelet request', () => {
  for (const version of ['v1', 'v1beta1', 'v1alpha1'])
    test(version, () => {
      const apiVersion = `credentialprovider.kubelet.k8s.io/${version}`;
      assert.deepEqual(parseKubeletRequest(request({ apiVersion })), {
        apiVersion,
        image: `${HOST}/app`,
        serviceAccountAnnotations: {},
      });
    });

  test('unknown fields are left alone', () => {
    assert.equal(
      parseKubeletRequest(request({ pod: { uid: 1 }, imagePullPolicy: null })).image,
      `${HOST}/app`,
    );
  });

  test('a service account, in v1 alone', () => {
    const account = { serviceAccountToken: 'a.b.c', serviceAccountAnnotations: { a: 'b' } };
    assert.equal(parseKubeletRequest(request(account)).serviceAccountToken, 'a.b.c');
    assert.deepEqual(parseKubeletRequest(request(account)).serviceAccountAnnotations, { a: 'b' });
    const old = parseKubeletRequest(request({ ...account, apiVersion: `${V1}beta1` }));
    assert.equal(old.serviceAccountToken, undefined);
    assert.equal('serviceAccountToken' in parseKubeletRequest(request({ serviceAccountToken: '' })), false);
  });

  const refused: readonly (readonly [name: string, bytes: Uint8Array, says: RegExp])[] = [
    ['nothing', new Uint8Array(), /^the request is not JSON$/],
    ['no JSON', new TextEncoder().encode('image=secret'), /^the request is not JSON$/],
    ['no UTF-8', new Uint8Array([0x22, 0xff, 0x22]), /^the request is not JSON$/],
    ['two documents', new TextEncoder().encode('{}{}'), /^the request is not JSON$/],
    ['no object', new TextEncoder().encode('[]'), /^the request is not a JSON object$/],
    ['too much', new Uint8Array(1024 * 1024 + 1), /^the request is larger than 1048576 bytes$/],
    ['another kind', request({ kind: 'CredentialProviderResponse' }), /of kind "CredentialProviderResponse"/],
    ['no kind', request({ kind: undefined }), /of kind unknown, must be/],
    ['another group', request({ apiVersion: 'client.authentication.k8s.io/v1' }), /of apiVersion "client/],
    ['another version', request({ apiVersion: `${V1}beta2` }), /must be one of .*v1, .*v1beta1, .*v1alpha1$/],
    ['a version in upper case', request({ apiVersion: V1.toUpperCase() }), /of apiVersion/],
    ['an empty image', request({ image: '' }), /^image in plugin request was empty$/],
    ['no image', request({ image: undefined }), /^image in plugin request was empty$/],
    ['an image that is a number', request({ image: 1 }), /^image of the request must be a string$/],
    ['an image with a line break', request({ image: `${HOST}\nx` }), /a space or a control character/],
    ['a token that is a number', request({ serviceAccountToken: 1 }), /serviceAccountToken/],
    ['annotations that are a list', request({ serviceAccountAnnotations: [] }), /an object of strings/],
    ['annotations of numbers', request({ serviceAccountAnnotations: { a: 1 } }), /an object of strings/],
  ];
  for (const [name, bytes, says] of refused)
    test(`refused: ${name}`, () => {
      assert.throws(
        () => parseKubeletRequest(bytes),
        (error) => error instanceof RequestError && says.test(error.message),
      );
    });
});

describe('kubelet response', () => {
  const answer = {
    apiVersion: V1,
    registry: `${HOST}:443`,
    username: 'AWS',
    password: 'p"w',
    keepMs: 600_999,
  };

  test('is the line that upstream writes', () => {
    assert.equal(
      kubeletResponse(answer),
      `{"kind":"CredentialProviderResponse","apiVersion":"${V1}","cacheKeyType":"Registry","cacheDuration":"10m0s","auth":{"${HOST}:443":{"username":"AWS","password":"p\\"w"}}}\n`,
    );
  });

  test('is taken by a strict decoder of the published types', () => {
    assertStrictResponse(kubeletResponse(answer), V1);
    const good = kubeletResponse(answer);
    // The decoder of the test must be strict itself.
    const damages: readonly (readonly [from: string, to: string])[] = [
      ['"auth"', '"Auth"'],
      ['"kind"', '"extra":1,"kind"'],
      ['"cacheDuration":"10m0s"', '"cacheDuration":"10m0s","cacheDuration":"10m0s"'],
      ['"10m0s"', '600'],
      ['"Registry"', '"registry"'],
      ['"username"', '"userName"'],
      ['}\n', '}\n{}'],
      [V1, `${V1}beta1`],
    ];
    for (const [from, to] of damages)
      assert.throws(() => assertStrictResponse(good.replace(from, to), V1), `${from} → ${to}`);
  });
});

test('durations are those of Go, in whole seconds rounded down', () => {
  const table: readonly (readonly [ms: number, text: string])[] = [
    [6 * HOUR, '6h0m0s'],
    [6 * HOUR - 1, '5h59m59s'],
    [600_000, '10m0s'],
    [61_999, '1m1s'],
    [59_999, '59s'],
    [1000, '1s'],
    [999, '0s'],
    [0, '0s'],
    [-5, '0s'],
    [100 * HOUR, '100h0m0s'],
  ];
  for (const [ms, text] of table) assert.equal(goDuration(ms), text);
});

test('kept for half of the remaining life, and not without one', () => {
  const now = Date.now();
  assert.equal(keepMs(now + 12 * HOUR, now), 6 * HOUR);
  assert.equal(keepMs(now + 1001, now), 500);
  for (const expiresAt of [undefined, Number.NaN, now, now - 1, 0])
    assert.equal(goDuration(keepMs(expiresAt, now)), '0s');
});

test('the registry of an image is what the kubelet matches with', () => {
  const table: readonly (readonly [image: string, registry: string])[] = [
    [`${HOST}/team/app`, HOST],
    [`${HOST}:443/app`, `${HOST}:443`],
    [`${HOST.toUpperCase()}/app`, HOST.toUpperCase()],
    [HOST, HOST],
    ['public.ecr.aws/nginx/nginx', 'public.ecr.aws'],
    [`https://${HOST}/v2/app`, HOST],
  ];
  for (const [image, registry] of table) assert.equal(registryOfImage(image), registry);
});

describe('the documented configuration', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/kubernetes.md'), 'utf8');
  const blocks = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, block = '']) => block);

  test('has only fields of kubelet.config.k8s.io/v1', () => {
    assert.equal(blocks.length, 2);
    const known =
      /^(\s*- )?\s*(apiVersion|kind|providers|name|matchImages|defaultCacheDuration|args|env|value|tokenAttributes|serviceAccountTokenAudience|cacheType|requireServiceAccount|requiredServiceAccountAnnotationKeys|optionalServiceAccountAnnotationKeys):/;
    for (const line of blocks.flatMap((block) => block.trimEnd().split('\n')))
      assert.ok(known.test(line) || /^\s+- ("[^"]+"|[a-z./-]+)$/.test(line), line);
    for (const block of blocks) {
      assert.match(
        block,
        /^apiVersion: kubelet\.config\.k8s\.io\/v1\nkind: CredentialProviderConfig\nproviders:\n/,
      );
      assert.match(
        block,
        /\n {2}- name: ecr-credential-provider\n {4}apiVersion: credentialprovider\.kubelet/,
      );
      assert.match(block, /\n {4}defaultCacheDuration: "\d+[smh]"/);
    }
  });

  test('matches every kind of registry, and nothing else', () => {
    const patterns = [...(blocks[0] ?? '').matchAll(/- "([^"]+)"/g)].map(([, pattern = '']) => pattern);
    for (const pattern of patterns) {
      const host = pattern.replace(/^\*/, '123456789012').replace('*', region(pattern));
      assert.notEqual(parseRegistry(host), undefined, host);
    }
  });
});

function region(pattern: string): string {
  if (pattern.endsWith('.cn')) return 'cn-north-1';
  return pattern.endsWith('.eu') ? 'eusc-de-east-1' : 'us-east-1';
}
