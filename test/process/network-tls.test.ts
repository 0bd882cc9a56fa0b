// Owns every server that must not be trusted: flawed certificates, weakened verification, bundles that cannot be used, old TLS.
// Each row is one outcome in exact words, the same for all three executables, whose network stacks have words of their own.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { executables } from '../support/executables.ts';
import { assertOutcome, credentials, explained, onlyPassword } from '../support/expect.ts';
import { type Certificate, makeAuthority, NAME } from '../support/network/authority.ts';
import { startProxy } from '../support/network/proxy.ts';
import { type Env, HOST, openWorld } from '../support/world.ts';

const authority = makeAuthority();
const stranger = makeAuthority();

const HINTS = {
  authority: 'set AWS_CA_BUNDLE to the PEM file of the authority that your network uses',
  otherHost: 'check AWS_ENDPOINT_URL, DNS and any proxy in between',
  clock: 'check the clock of this machine',
  expired: 'check the clock of this machine, then renew the certificate of the server or proxy',
  handshake: 'check AWS_ENDPOINT_URL: its scheme and port must fit together',
};
const UNTRUSTED = 'it is from an authority that is not trusted here';

/** A server's certificate that must not be accepted, though its authority may be trusted. */
const flaws: readonly {
  readonly name: string;
  readonly server: Certificate;
  /** Whose certificate AWS_CA_BUNDLE holds; undefined: it is not set. */
  readonly trusted: string | undefined;
  readonly reason: string;
  readonly hint: string;
}[] = [
  {
    name: 'no authority',
    server: authority.good,
    trusted: undefined,
    reason: UNTRUSTED,
    hint: HINTS.authority,
  },
  {
    name: 'another authority',
    server: authority.good,
    trusted: stranger.ca,
    reason: UNTRUSTED,
    hint: HINTS.authority,
  },
  {
    name: 'signed by itself',
    server: authority.selfSigned,
    trusted: authority.ca,
    reason: UNTRUSTED,
    hint: HINTS.authority,
  },
  {
    name: 'another host',
    server: authority.otherHost,
    trusted: authority.ca,
    reason: 'it is for another host name',
    hint: HINTS.otherHost,
  },
  {
    name: 'expired',
    server: authority.expired,
    trusted: authority.ca,
    reason: 'it has expired',
    hint: HINTS.expired,
  },
  {
    name: 'not yet valid',
    server: authority.notYetValid,
    trusted: authority.ca,
    reason: 'it is not yet valid',
    hint: HINTS.clock,
  },
];

/** The environment alone must not switch verification off, nor make a runtime say that it did. */
const weakened: readonly Env[] = [{}, { NODE_TLS_REJECT_UNAUTHORIZED: '0' }];

for (const executable of executables) {
  describe(`servers not to trust, ${executable.name}`, { concurrency: 2 }, () => {
    for (const { name, server, trusted, reason, hint } of flaws)
      for (const weak of weakened)
        test(`certificate: ${name}, ${JSON.stringify(weak)}`, async (t) => {
          const files = trusted === undefined ? {} : { 'ca.pem': trusted };
          const world = await openWorld(t, executable, { aws: { tls: server }, files });
          const bundle = `${world.home.directory}/ca.pem`;
          const result = await world.get(HOST, {
            ...weak,
            AWS_CA_BUNDLE: trusted === undefined ? undefined : bundle,
          });
          const names =
            trusted === undefined
              ? 'the public authorities, the system store'
              : `AWS_CA_BUNDLE, ${bundle}, alone`;
          const authorities = reason === UNTRUSTED ? ` (trusted: ${names})` : '';
          assertOutcome(
            result,
            explained(`cannot verify the TLS certificate of ${world.aws.url}: ${reason}${authorities}`, hint),
          );
          assert.deepEqual(world.aws.requests, []);
        });

    test('AWS_CA_BUNDLE is all that is trusted', async (t) => {
      const files = { 'ca.pem': authority.ca, 'other.pem': stranger.ca };
      const world = await openWorld(t, executable, { aws: { tls: authority.good }, files });
      const { directory } = world.home;
      const others = { SSL_CERT_FILE: `${directory}/ca.pem`, NODE_EXTRA_CA_CERTS: `${directory}/ca.pem` };
      const result = await world.get(HOST, { ...others, AWS_CA_BUNDLE: `${directory}/other.pem` });
      assert.match(result.stderr, /not trusted here \(trusted: AWS_CA_BUNDLE, .*other\.pem, alone\)/);
    });

    test('NODE_TLS_REJECT_UNAUTHORIZED=0 with a good certificate: silence', async (t) => {
      const world = await openWorld(t, executable, {
        aws: { tls: authority.good },
        files: { 'ca.pem': authority.ca },
      });
      const env = { AWS_CA_BUNDLE: `${world.home.directory}/ca.pem`, NODE_TLS_REJECT_UNAUTHORIZED: '0' };
      assertOutcome(await world.get(HOST, env), credentials(HOST, onlyPassword(world)));
    });

    for (const name of ['AWS_CA_BUNDLE', 'SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'])
      for (const [file, text, reason] of [
        ['absent.pem', undefined, 'cannot read it: ENOENT'],
        ['not.pem', 'not a certificate\n', 'it holds no certificate in PEM form'],
        ['key.pem', authority.good.key, 'it holds no certificate in PEM form'],
      ] as const)
        test(`${name}: ${file}`, async (t) => {
          const files = text === undefined ? {} : { [file]: text };
          const world = await openWorld(t, executable, { aws: { tls: authority.good }, files });
          const path = `${world.home.directory}/${file}`;
          const result = await world.get(HOST, { [name]: path });
          const hint = `correct ${name}: it must name a readable file of certificates in PEM form`;
          const { stderr } = explained(`cannot use ${path}, named by ${name}: ${reason}`, hint);
          // The runtime may say that it cannot load NODE_EXTRA_CA_CERTS, from a thread of its own: before our lines or after.
          const ours = result.stderr.replace(/^Warning: Ignoring extra certs from .*\n/m, '');
          assert.equal(ours, stderr);
          assert.deepEqual(world.aws.requests, []);
        });

    test('ca_bundle of the profile: absent', async (t) => {
      const files = { '.aws/config': '[default]\nca_bundle = /nonexistent/ca.pem\n' };
      const world = await openWorld(t, executable, { aws: { tls: authority.good }, files });
      assertOutcome(
        await world.get(HOST),
        explained(
          'cannot use /nonexistent/ca.pem, named by ca_bundle of profile "default": cannot read it: ENOENT',
          'correct ca_bundle of profile "default": it must name a readable file of certificates in PEM form',
        ),
      );
    });

    test('TLS 1.1 is refused, also where an option allows it', async (t) => {
      const url = await startOldTls(t);
      const world = await openWorld(t, executable, { files: { 'ca.pem': authority.ca } });
      const env = { AWS_ENDPOINT_URL_ECR: url, AWS_CA_BUNDLE: `${world.home.directory}/ca.pem` };
      const expected = explained(
        `cannot verify the TLS certificate of ${url}: no TLS of version 1.2 or later is spoken there`,
        HINTS.handshake,
      );
      assertOutcome(await world.get(HOST, env), expected);
      assertOutcome(
        await world.get(HOST, {
          ...env,
          NODE_OPTIONS: '--tls-min-v1.0 --tls-cipher-list=DEFAULT@SECLEVEL=0',
        }),
        expected,
      );
    });

    test('https to a port of http', async (t) => {
      const world = await openWorld(t, executable);
      const url = world.aws.url.replace('http:', 'https:');
      assertOutcome(
        await world.get(HOST, { AWS_ENDPOINT_URL_ECR: url }),
        explained(
          `cannot verify the TLS certificate of ${url}: no TLS of version 1.2 or later is spoken there`,
          HINTS.handshake,
        ),
      );
    });

    test('a certificate that a proxy shows in place of the service', async (t) => {
      const world = await openWorld(t, executable, { aws: { tls: authority.good } });
      const proxy = await startProxy(t, { to: Number(new URL(world.aws.url).port) });
      const result = await world.get(HOST, {
        AWS_ENDPOINT_URL_ECR: `https://${NAME}`,
        HTTPS_PROXY: proxy.url,
      });
      const place = `https://${NAME} through the proxy ${proxy.url}`;
      assertOutcome(
        result,
        explained(
          `cannot verify the TLS certificate of ${place}: ${UNTRUSTED} (trusted: the public authorities, the system store)`,
          HINTS.authority,
        ),
      );
      assert.deepEqual(world.aws.requests, []);
    });
  });
}

/** A server with a good certificate that speaks nothing newer than TLS 1.1. */
async function startOldTls(t: TestContext): Promise<string> {
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  const server: Server = createServer({ ...authority.good, ...old }, (_, response) => response.end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
