// Owns the fuzzing of what AWS answers: through the real SDK and our own transport, from a loopback server that says anything.
// Invariants: a checked token or a typed error within its time, and no secret of answer or request in any error.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe } from 'node:test';
import fc from 'fast-check';
import { ssoTokenFile } from '../../src/aws/identity.ts';
import type { Source } from '../../src/aws/source.ts';
import { HelperError } from '../../src/errors.ts';
import { fetchAuthorizationToken } from '../../src/token/fetch/fetch.ts';
import { containerCredentials } from '../../src/token/fetch/providers/container.ts';
import { HOST, memoryLog, registryOf, sharedConfig } from './fixtures.ts';
import { countCases, fuzz, onlyTypedAsync, SECRET } from './fuzz.ts';
import { damagedText, objectWith, strange } from './fuzz-arbitraries.ts';

countCases(5_000);

const KEYS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  sessionToken: `${SECRET}/session+token`,
};
const STATIC: Source = { kind: 'environment', keys: KEYS };
const ROLE_ARN = 'arn:aws:iam::123456789012:role/r';
const home = mkdtempSync(join(tmpdir(), 'ecr-login-fuzz-'));

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
let reply: Reply = { status: 200, headers: {}, body: '' };
const server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(reply.status, reply.headers).end(reply.body));
});
let url = '';

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // The SDK's own providers read these from the process.
  process.env.HOME = home;
  process.env.AWS_ENDPOINT_URL_SSO = url;
});
after(() => {
  server.close();
  rmSync(home, { recursive: true });
});

/** A token, or one of our errors. */
async function fetchToken(source: Source): Promise<void> {
  const settings = { env: { AWS_ENDPOINT_URL: url, HOME: home }, shared: sharedConfig(), profile: 'default' };
  const request = {
    registry: registryOf(HOST),
    source,
    settings,
    limitMs: 4000,
    log: memoryLog(),
    interactive: false,
  };
  const token = await onlyTypedAsync(() => fetchAuthorizationToken(request).catch(passOver));
  if (token === undefined) return;
  assert.deepEqual([token.username, /^[\x21-\x7e]+$/.test(token.password)], ['AWS', true]);
  assert.ok(token.requestedAt <= token.refreshAt && token.refreshAt <= token.expiresAt);
}

/** The SDK itself trips over a message that is no text, and cannot be told from a bug of ours: it is called one, typed. */
function passOver(error: unknown): undefined {
  const { problem } = error instanceof HelperError ? error : { problem: undefined };
  if (problem?.kind !== 'internal' || !/error\.message\?\.\w+ is not a function$/.test(problem.detail))
    throw error;
  return undefined;
}

// Not what makes the SDK wait and try again: that is a table of its own.
const status = fc.constantFrom(200, 200, 200, 201, 204, 301, 400, 401, 403, 404, 413);
const headers = fc.oneof(
  fc.constantFrom<Record<string, string>>(
    {},
    { 'content-type': 'application/x-amz-json-1.1' },
    { 'content-type': 'text/xml' },
    { 'x-amzn-errortype': 'AccessDeniedException' },
    { 'x-amzn-errortype': '__proto__:x' },
    { date: 'nonsense' },
    { location: 'http://169.254.169.254/' },
  ),
);
const message = fc.oneof(
  strange,
  fc.constant(`token ${KEYS.sessionToken} is no good`),
  fc.constant(`User: ${ROLE_ARN} is not authorized to perform: ecr:X`),
);
const failure = objectWith({
  __type: fc.constantFrom(
    'AccessDeniedException',
    'com.amazonaws#InvalidSignatureException',
    'constructor',
    '',
  ),
  message,
  Message: message,
  code: strange,
});
const password = fc
  .oneof(fc.constant('AWS:password'), fc.constant('x:y'), fc.constant('AWS:'), strange)
  .map((text) => Buffer.from(text).toString('base64'));
const data = objectWith({
  authorizationToken: fc.oneof(password, strange),
  expiresAt: fc.constantFrom(4e9, 1, -1, 1e300, '2099-01-01T00:00:00Z', 'never'),
  proxyEndpoint: strange,
});
const success = objectWith({ authorizationData: fc.oneof(fc.array(data, { maxLength: 2 }), data) });
const answer = (body: fc.Arbitrary<string>): fc.Arbitrary<Reply> =>
  fc.record({ status, headers, body }, { noNullPrototype: true });

/** An echo of a secret that was sent in the request is cleaned; what the answer itself brings must not get into an error. */
const jsonAnswer = answer(
  fc.oneof(damagedText(success), damagedText(failure), fc.constant('<!DOCTYPE html><html></html>')),
);

const element = (name: string, content: string): string => `<${name}>${content}</${name}>`;
const xml = fc
  .tuple(
    fc.constantFrom('AssumeRoleResponse', 'ErrorResponse', '__proto__', 'a'),
    fc.array(
      fc.tuple(
        fc.constantFrom('AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration', 'Code', 'Message'),
        fc.oneof(
          strange,
          fc.constantFrom('2099-01-01T00:00:00Z', 'ASIA', '&#x0;', '&lol;', '<![CDATA[x]]>', '<b>'),
        ),
      ),
      { maxLength: 5 },
    ),
    fc.constantFrom(
      '',
      '<!DOCTYPE x [<!ENTITY lol "lol"><!ENTITY l2 "&lol;&lol;">]>',
      '<?xml version="1.0"?>',
    ),
  )
  .map(
    ([root, members, prologue]) =>
      prologue +
      element(
        root,
        element(
          'AssumeRoleResult',
          element('Credentials', members.map(([name, text]) => element(name, text)).join('')),
        ) + element('Error', members.map(([name, text]) => element(name, text)).join('')),
      ),
  );

describe('through the SDK', () => {
  fuzz(
    'ECR: a checked token or a typed error',
    jsonAnswer,
    async (given) => {
      reply = given;
      await fetchToken(STATIC);
    },
    0.25,
  );
  fuzz(
    'STS: keys or a typed error',
    answer(fc.oneof({ weight: 4, arbitrary: xml }, strange)),
    async (given) => {
      reply = given;
      await fetchToken({ kind: 'role', profile: 'dev', roleArn: ROLE_ARN, base: STATIC });
    },
    0.25,
  );
  const roleCredentials = objectWith({
    accessKeyId: strange,
    secretAccessKey: fc.constant(SECRET),
    sessionToken: strange,
    expiration: fc.constantFrom(4e12, 0, -1, 'never'),
  });
  fuzz(
    'SSO: keys or a typed error',
    answer(fc.oneof(damagedText(objectWith({ roleCredentials })), damagedText(failure))),
    async (given) => {
      reply = given;
      await fetchToken(signedIn({ accessToken: SECRET, expiresAt: '2099-01-01T00:00:00Z' }));
    },
    0.1,
  );
  const tokenFile = objectWith({
    accessToken: fc.constant(SECRET),
    expiresAt: fc.constantFrom('2099-01-01T00:00:00Z', '2001-01-01T00:00:00UTC', 'never'),
    refreshToken: strange,
    region: strange,
  });
  fuzz(
    'a token file of SSO: used or told',
    damagedText(tokenFile),
    async (text) => {
      reply = { status: 401, headers: {}, body: '{}' };
      await fetchToken(signedIn(text));
    },
    0.1,
  );
  const keys = objectWith({
    AccessKeyId: fc.constant('ASIA'),
    SecretAccessKey: fc.constant(SECRET),
    Token: fc.constantFrom('token', SECRET),
    Expiration: fc.constantFrom('2099-01-01T00:00:00Z', '2001-01-01T00:00:00Z', 'never'),
    code: message,
  });
  fuzz(
    'a container endpoint: keys or a typed error',
    answer(damagedText(keys)),
    async (given) => {
      reply = given;
      const found = await onlyTypedAsync(() =>
        containerCredentials({ kind: 'container', uri: `${url}/`, token: SECRET }),
      );
      if (found !== undefined)
        assert.ok(
          [found.accessKeyId, found.secretAccessKey, found.sessionToken].every((each) =>
            /^[\x21-\x7e]+$/.test(each ?? ''),
          ),
        );
    },
    0.25,
  );
});

function signedIn(token: unknown): Extract<Source, { kind: 'sso' }> {
  const source = {
    kind: 'sso',
    profile: 'dev',
    startUrl: 'https://x.awsapps.com/start',
    ssoRegion: 'us-east-1',
    accountId: '123456789012',
    roleName: 'Pull',
  } as const;
  const file = ssoTokenFile(source, { HOME: home }) ?? assert.fail('there is a file');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof token === 'string' ? token : JSON.stringify(token));
  return source;
}
