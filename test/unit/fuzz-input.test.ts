// Owns the fuzzing of what clients, kubelets and variables send. Invariants: only typed errors, no secret in them, and every
// answer is one that the protocol knows.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import fc from 'fast-check';
import {
  kubeletResponse,
  parseKubeletRequest,
  RequestError,
  registryOfImage,
} from '../../src/kubelet/protocol.ts';
import { Refusal } from '../../src/protocol/messages.ts';
import { decodeRequest, readCredentials, readServerUrl } from '../../src/protocol/request.ts';
import { serve } from '../../src/protocol/serve.ts';
import { proxyFor } from '../../src/token/fetch/network-proxy.ts';
import { countCases, fuzz, onlyTyped, SECRET } from './fuzz.ts';
import { damagedText, nasty, objectWith, realHost, strange } from './fuzz-arbitraries.ts';

countCases(40_000);

describe('requests', () => {
  fuzz(
    'bytes become a server URL or a refusal',
    fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      nasty.map((text) => new TextEncoder().encode(text)),
    ),
    (bytes) => {
      const url = onlyTyped(() => readServerUrl(decodeRequest(bytes)), Refusal);
      if (url !== undefined)
        assert.ok(url !== '' && url === url.trim() && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(url));
    },
  );
  const message = objectWith({
    ServerURL: fc.oneof(realHost, nasty),
    Username: fc.oneof(fc.constantFrom('AWS', '<token>', ''), nasty),
    Secret: fc.constant(SECRET),
  });
  fuzz('a store message is read or refused, and no refusal repeats it', damagedText(message), (text) => {
    const credentials = onlyTyped(() => readCredentials(text), Refusal);
    if (credentials === undefined) return;
    assert.deepEqual(Object.keys(credentials), ['ServerURL', 'Username', 'Secret']);
    assert.ok(Object.values(credentials).every((value) => typeof value === 'string'));
    assert.ok(credentials.ServerURL.trim() !== '' && credentials.Username.trim() !== '');
  });
  const wellFormed = fc.record(
    { ServerURL: realHost, Username: fc.constant('AWS'), Secret: fc.string() },
    { noNullPrototype: true },
  );
  fuzz('read(write(credentials)) are the credentials', wellFormed, (credentials) => {
    assert.deepEqual(readCredentials(`${JSON.stringify(credentials)}\n`), credentials);
  });
  fuzz(
    'every answer is one of the protocol, whatever is sent',
    fc.tuple(fc.constantFrom('get', 'store', 'erase', 'list'), damagedText(message)),
    async ([action, text]) => {
      const { stdout, stderr, exitCode } = await serve(action, new TextEncoder().encode(text), {
        get: async (ServerURL) => ({ ServerURL, Username: 'AWS', Secret: 'password' }),
        store: async () => {},
        erase: async () => {},
        list: async () => ({}),
      });
      assert.ok(exitCode === 0 || exitCode === 1);
      assert.equal(stderr, '');
      if (action !== 'get') assert.ok(!stdout.includes(SECRET));
      if (action === 'get' && exitCode === 0)
        assert.deepEqual(Object.keys(JSON.parse(stdout)), ['ServerURL', 'Username', 'Secret']);
      assert.equal(stdout.split('\n').length, stdout === '' ? 1 : 2);
    },
  );
});

describe('kubelets', () => {
  const request = objectWith({
    kind: fc.constant('CredentialProviderRequest'),
    apiVersion: fc
      .constantFrom('v1', 'v1beta1', 'v1alpha1', 'v2')
      .map((version) => `credentialprovider.kubelet.k8s.io/${version}`),
    image: fc.oneof(
      realHost.map((host) => `${host}/app`),
      strange,
    ),
    serviceAccountToken: fc.constantFrom('', SECRET),
    serviceAccountAnnotations: fc.dictionary(nasty, nasty),
  });
  fuzz('a request is read or refused', damagedText(request), (text) => {
    const read = onlyTyped(() => parseKubeletRequest(new TextEncoder().encode(text)), RequestError);
    if (read === undefined) return;
    assert.ok(read.image !== '' && typeof read.serviceAccountAnnotations === 'object');
    assert.ok(!registryOfImage(read.image).includes('/'));
  });
  fuzz(
    'parse(write(response)) is the response',
    fc.tuple(realHost, fc.string(), fc.integer({ min: -1e9, max: 1e9 })),
    ([registry, password, keepMs]) => {
      const text = kubeletResponse({ apiVersion: 'v1', registry, username: 'AWS', password, keepMs });
      assert.match(text, /^[^\n]+\n$/);
      const { auth, cacheDuration } = JSON.parse(text);
      assert.deepEqual(auth, { [registry]: { username: 'AWS', password } });
      assert.match(cacheDuration, /^(\d+h)?(\d+m)?\d+s$/);
    },
  );
});

describe('proxies', () => {
  const proxy = fc.oneof(
    strange,
    fc
      .tuple(
        fc.constantFrom('', 'http://', 'https://', 'socks5://'),
        fc.constantFrom('', `u:${SECRET}@`, `u:a/${SECRET}@`, `u:${SECRET}#@`),
        fc.constantFrom('proxy:3128', '[::1]:1', 'host', '', ':x'),
      )
      .map((parts) => parts.join('')),
  );
  fuzz(
    'a variable is a proxy, none, or a mistake that is told without the password',
    fc.tuple(proxy, proxy, nasty),
    ([https, all, exceptions]) => {
      const env = { HTTPS_PROXY: https, ALL_PROXY: all, NO_PROXY: exceptions };
      const found = onlyTyped(() => proxyFor('https://api.ecr.us-east-1.amazonaws.com/', env));
      if (found === undefined) return;
      assert.ok(!found.origin.includes(SECRET) && Number.isInteger(found.port));
      assert.ok(/^https?:\/\/[^/@]+:\d+$/.test(found.origin), found.origin);
    },
  );
  fuzz('instance metadata never goes through one', proxy, (value) => {
    for (const url of ['http://169.254.169.254/', 'http://[fd00:ec2::254]/', 'http://127.0.0.1:1/'])
      assert.equal(proxyFor(url, { HTTP_PROXY: value, ALL_PROXY: value }), undefined);
  });
});
