// Owns the words of failures on the way to AWS: names, connections, certificates, proxies, time. Every executable has a
// network stack of its own with words of its own, and all must say the same.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { makeCertificate } from '../support/certificate.ts';
import { executables } from '../support/executables.ts';
import { assertOutcome, credentials, explained, NOT_FOUND, onlyPassword } from '../support/expect.ts';
import { startProxy } from '../support/proxy.ts';
import { HOST, openWorld, PUBLIC_HOST } from '../support/world.ts';

const certificate = makeCertificate();
const CHECK_NETWORK =
  'check the network, the firewall and AWS_ENDPOINT_URL; set HTTPS_PROXY where a proxy is needed';
const CHECK_PROXY = "check HTTPS_PROXY and the proxy's user and password, or put the host into NO_PROXY";
const CHECK_TIME = 'check the network and HTTPS_PROXY; AWS_ECR_TIMEOUT sets the limit in seconds';
const ENDPOINT = 'api.ecr.us-east-1.amazonaws.com';

for (const executable of executables) {
  describe(`network, ${executable.name}`, { concurrency: 2 }, () => {
    test('a region that does not exist', async (t) => {
      const world = await openWorld(t, executable, { env: { AWS_ENDPOINT_URL_ECR: undefined } });
      const registry = HOST.replace('us-east-1', 'us-nowhere-7');
      assertOutcome(
        await world.get(registry),
        explained(
          'cannot resolve api.ecr.us-nowhere-7.amazonaws.com: no such host; either region "us-nowhere-7" does not exist or DNS is not working',
          "check the region in the registry's name, then the network: getent hosts api.ecr.us-nowhere-7.amazonaws.com",
          registry,
        ),
      );
    });

    test('an endpoint whose name does not resolve', async (t) => {
      const world = await openWorld(t, executable, { env: { AWS_ENDPOINT_URL_ECR: 'https://ecr.invalid' } });
      const result = await world.get(HOST);
      assertOutcome(
        result,
        explained(
          'cannot resolve ecr.invalid: no such host',
          "check the region in the registry's name, then the network: getent hosts ecr.invalid",
        ),
      );
    });

    test('nobody listens', async (t) => {
      const world = await openWorld(t, executable, { env: { AWS_ENDPOINT_URL_ECR: 'http://127.0.0.1:1' } });
      assertOutcome(
        await world.get(HOST),
        explained('cannot connect to http://127.0.0.1:1: connection refused', CHECK_NETWORK),
      );
    });

    test('a connection that breaks, three times', async (t) => {
      const world = await openWorld(t, executable);
      world.aws.fault({ service: 'ecr' }, { kind: 'connection-reset' });
      assertOutcome(
        await world.get(HOST),
        explained(`cannot connect to ${world.aws.url}: connection reset`, CHECK_NETWORK),
      );
      assert.equal(world.aws.requests.length, 3);
    });

    test('an answer that breaks off', async (t) => {
      const world = await openWorld(t, executable);
      world.aws.fault({ service: 'ecr' }, { kind: 'truncated-body' });
      assertOutcome(
        await world.get(HOST),
        explained(
          `Amazon ECR in us-east-1 gave an answer that cannot be used (${world.aws.url}): the connection ended in the middle of it`,
          'check AWS_ENDPOINT_URL and any proxy in between',
        ),
      );
    });

    test('a certificate that nobody vouches for', async (t) => {
      const world = await openWorld(t, executable, { aws: { tls: certificate } });
      assertOutcome(
        await world.get(HOST),
        explained(
          `cannot verify the TLS certificate of ${world.aws.url}: it is from an authority that is not trusted here (trusted: the public authorities, the system store)`,
          'set AWS_CA_BUNDLE to the PEM file of the authority that your network uses',
        ),
      );
      assert.deepEqual(world.aws.requests, []);
    });

    test('AWS_CA_BUNDLE vouches for it', async (t) => {
      const world = await openWorld(t, executable, {
        aws: { tls: certificate },
        files: { 'ca.pem': certificate.cert },
      });
      const result = await world.get(HOST, { AWS_CA_BUNDLE: `${world.home.directory}/ca.pem` });
      assertOutcome(result, credentials(HOST, onlyPassword(world)));
    });

    for (const name of ['HTTPS_PROXY', 'https_proxy']) {
      test(`${name} to a port where nobody listens`, async (t) => {
        const proxy = 'http://user:canary-of-a-proxy-password@127.0.0.1:1';
        const world = await openWorld(t, executable, {
          env: { AWS_ENDPOINT_URL_ECR: undefined, [name]: proxy },
        });
        world.addSecret('canary-of-a-proxy-password');
        const result = await world.get(HOST);
        assertOutcome(
          result,
          explained(
            `the proxy http://127.0.0.1:1 does not connect to https://${ENDPOINT}: connection refused`,
            CHECK_PROXY,
          ),
        );
      });

      test(`${name} to a proxy that answers 407`, async (t) => {
        const { port, asked } = await startProxy(t, { status: 407 });
        const proxy = `http://user:canary-of-a-proxy-password@127.0.0.1:${port}`;
        const world = await openWorld(t, executable, {
          env: { AWS_ENDPOINT_URL_ECR: undefined, [name]: proxy },
        });
        world.addSecret('canary-of-a-proxy-password');
        assertOutcome(
          await world.get(HOST),
          explained(
            `the proxy http://127.0.0.1:${port} does not connect to https://${ENDPOINT}: it wants a user and a password (status 407)`,
            CHECK_PROXY,
          ),
        );
        assert.equal(asked[0]?.target, `${ENDPOINT}:443`);
        const authorization = Buffer.from('user:canary-of-a-proxy-password').toString('base64');
        assert.equal(asked[0]?.authorization, `Basic ${authorization}`);
      });
    }

    test('NO_PROXY goes past the proxy', async (t) => {
      const { port, asked } = await startProxy(t, { status: 407 });
      const world = await openWorld(t, executable, {
        env: { AWS_ENDPOINT_URL_ECR: 'https://ecr.invalid', HTTPS_PROXY: `http://127.0.0.1:${port}` },
      });
      const direct = await world.get(HOST, { NO_PROXY: 'example.com,.invalid' });
      assert.match(direct.stderr, /: cannot resolve ecr\.invalid: /);
      assert.equal(asked.length, 0);
      await world.get(HOST, { NO_PROXY: 'example.com' });
      assert.equal(asked[0]?.target, 'ecr.invalid:443');
    });

    test('a proxy on the way to AWS is used', async (t) => {
      const tls = makeCertificate('DNS:ecr.invalid');
      const world = await openWorld(t, executable, { aws: { tls }, files: { 'ca.pem': tls.cert } });
      const { port, asked } = await startProxy(t, { port: Number(new URL(world.aws.url).port) });
      const result = await world.get(HOST, {
        AWS_ENDPOINT_URL_ECR: 'https://ecr.invalid',
        AWS_CA_BUNDLE: `${world.home.directory}/ca.pem`,
        HTTPS_PROXY: `http://127.0.0.1:${port}`,
      });
      assertOutcome(result, credentials(HOST, onlyPassword(world)));
      assert.deepEqual(
        asked.map(({ target }) => target),
        ['ecr.invalid:443'],
      );
    });

    for (const kind of ['hang-before-headers', 'hang-after-headers'] as const)
      test(`AWS_ECR_TIMEOUT=1, ${kind}`, async (t) => {
        const world = await openWorld(t, executable, { env: { AWS_ECR_TIMEOUT: '1' } });
        world.aws.fault({ service: 'ecr' }, { kind });
        const result = await world.get(HOST);
        assertOutcome(
          result,
          explained(`timed out after 1 s: asking ${world.aws.url} for an authorization token`, CHECK_TIME),
        );
        assert.ok(result.ms >= 1000 && result.ms < 4000, `${result.ms} ms`);
      });

    test('ECR Public with its network down: the sentinel and silence', async (t) => {
      const world = await openWorld(t, executable, { env: { AWS_ECR_TIMEOUT: '1' } });
      for (const url of [
        'http://127.0.0.1:1',
        'https://ecr.invalid',
        world.aws.url.replace('http:', 'https:'),
      ])
        assertOutcome(await world.get(PUBLIC_HOST, { AWS_ENDPOINT_URL_ECR_PUBLIC: url }), NOT_FOUND);
      world.aws.fault({ service: 'ecr-public' }, { kind: 'hang-before-headers' });
      assertOutcome(await world.get(PUBLIC_HOST), NOT_FOUND);
      assert.equal(world.aws.requests.length, 1);
    });
  });
}
