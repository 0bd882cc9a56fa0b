// Owns every way to AWS that must not work for want of a connection or an answer: proxies that refuse, answers that are none.
// Each row is one outcome in exact words, the same for all three executables, whose network stacks have words of their own.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Fault } from '../support/aws/server.ts';
import { executables } from '../support/executables.ts';
import { assertOutcome, credentials, explained } from '../support/expect.ts';
import { makeAuthority, NAME } from '../support/network/authority.ts';
import { type ProxyOptions, startProxy } from '../support/network/proxy.ts';
import { HOST, openWorld } from '../support/world.ts';

const authority = makeAuthority();

const HINTS = {
  proxy: "check HTTPS_PROXY and the proxy's user and password, or put the host into NO_PROXY",
  network: 'check the network, the firewall and AWS_ENDPOINT_URL; set HTTPS_PROXY where a proxy is needed',
  time: 'check the network and HTTPS_PROXY; AWS_ECR_TIMEOUT sets the limit in seconds',
  answer: 'check AWS_ENDPOINT_URL and any proxy in between',
};
const refusals: readonly { readonly proxy: Omit<ProxyOptions, 'to'>; readonly reason: string }[] = [
  { proxy: { fail: 407 }, reason: 'it wants a user and a password (status 407)' },
  { proxy: { credentials: 'other:password' }, reason: 'it wants a user and a password (status 407)' },
  { proxy: { fail: 403 }, reason: 'status 403' },
  { proxy: { fail: 502 }, reason: 'status 502' },
];

/** Answers to a token request that hold no token. */
const answers: readonly {
  readonly fault: Fault;
  readonly cause: (url: string) => string;
  readonly tries: number;
}[] = [
  {
    fault: { kind: 'redirect' },
    cause: () =>
      'Amazon ECR in us-east-1 gave an answer that cannot be used: it redirects elsewhere (status 302)',
    tries: 1,
  },
  {
    fault: { kind: 'html-page' },
    cause: (url) =>
      `Amazon ECR in us-east-1 gave an answer that cannot be used (${url}): it is an HTML page, as a proxy or the sign-in page of a network sends it`,
    tries: 1,
  },
  {
    fault: { kind: 'malformed-body' },
    cause: () =>
      'Amazon ECR in us-east-1 gave an answer that cannot be used: it is not of the form that this service answers in',
    tries: 1,
  },
  {
    fault: { kind: 'huge-body' },
    cause: (url) =>
      `Amazon ECR in us-east-1 gave an answer that cannot be used (${url}): it is larger than 1048576 bytes`,
    tries: 1,
  },
  {
    fault: { kind: 'truncated-body' },
    cause: (url) =>
      `Amazon ECR in us-east-1 gave an answer that cannot be used (${url}): the connection ended in the middle of it`,
    tries: 3,
  },
];

for (const executable of executables) {
  describe(`no way to AWS, ${executable.name}`, { concurrency: 2 }, () => {
    test('http to a port of https', async (t) => {
      const world = await openWorld(t, executable, { aws: { tls: authority.good } });
      const url = world.aws.url.replace('https:', 'http:');
      assertOutcome(
        await world.get(HOST, { AWS_ENDPOINT_URL_ECR: url }),
        explained(`cannot connect to ${url}: connection reset`, HINTS.network),
      );
    });

    for (const scheme of ['http', 'https'] as const) {
      const endpoint = `${scheme}://${NAME}`;
      const variable = `${scheme.toUpperCase()}_PROXY`;
      for (const { proxy: options, reason } of refusals)
        if (scheme === 'https' || reason.includes('407'))
          test(`${scheme}, proxy: ${JSON.stringify(options)}`, async (t) => {
            const world = await openWorld(t, executable);
            const proxy = await startProxy(t, { ...options, to: Number(new URL(world.aws.url).port) });
            world.addSecret('canary-of-a-proxy-password');
            const value = proxy.url.replace('//', '//user:canary-of-a-proxy-password@');
            const result = await world.get(HOST, { AWS_ENDPOINT_URL_ECR: endpoint, [variable]: value });
            assertOutcome(
              result,
              explained(`the proxy ${proxy.url} does not connect to ${endpoint}: ${reason}`, HINTS.proxy),
            );
            assert.deepEqual(world.aws.requests, []);
            assert.equal(proxy.asked.length, 1);
          });

      for (const [value, origin, reason] of [
        ['http://user:canary-of-a-proxy-password@127.0.0.1:1', 'http://127.0.0.1:1', 'connection refused'],
        ['proxy.invalid:3128', 'http://proxy.invalid:3128', 'its name cannot be resolved'],
      ] as const)
        test(`${scheme}, proxy ${reason}`, async (t) => {
          const world = await openWorld(t, executable);
          world.addSecret('canary-of-a-proxy-password');
          const result = await world.get(HOST, { AWS_ENDPOINT_URL_ECR: endpoint, [variable]: value });
          assertOutcome(
            result,
            explained(`the proxy ${origin} does not connect to ${endpoint}: ${reason}`, HINTS.proxy),
          );
        });

      test(`${scheme}, proxy hangs`, async (t) => {
        const world = await openWorld(t, executable);
        const proxy = await startProxy(t, { fail: 'hang' });
        const result = await world.get(HOST, {
          AWS_ENDPOINT_URL_ECR: endpoint,
          [variable]: proxy.url,
          AWS_ECR_TIMEOUT: '1',
        });
        assertOutcome(
          result,
          explained(
            `timed out after 1 s: asking ${endpoint} for an authorization token through the proxy ${proxy.url}`,
            HINTS.time,
          ),
        );
        assert.ok(result.ms < 4000, `${result.ms} ms`);
      });

      test(`${scheme}, proxy ends the connection`, async (t) => {
        const world = await openWorld(t, executable);
        const proxy = await startProxy(t, { fail: 'reset' });
        const result = await world.get(HOST, { AWS_ENDPOINT_URL_ECR: endpoint, [variable]: proxy.url });
        assertOutcome(
          result,
          explained(
            `cannot connect to ${endpoint} through the proxy ${proxy.url}: connection reset`,
            `check the proxy, or put the host into NO_PROXY: curl -v --proxy ${proxy.url} ${endpoint}`,
          ),
        );
        assert.equal(proxy.asked.length, 3);
      });
    }

    for (const value of [
      'socks5://user:canary-of-a-proxy-password@127.0.0.1:1',
      'http://user:canary-of-a-proxy-password@',
      'http://user:canary/of-a-proxy-password@host',
    ])
      test(`HTTPS_PROXY=${value}`, async (t) => {
        const world = await openWorld(t, executable);
        world.addSecret('of-a-proxy-password');
        const result = await world.get(HOST, { AWS_ENDPOINT_URL_ECR: `https://${NAME}`, HTTPS_PROXY: value });
        const shown = `${value.split('//')[0]}//…@${value.slice(value.indexOf('@') + 1)}`;
        assertOutcome(
          result,
          explained(
            `cannot use HTTPS_PROXY "${shown}": must be a URL that begins with http:// or https://, special characters of its password percent-encoded`,
            'correct HTTPS_PROXY',
          ),
        );
      });

    for (const { fault, cause, tries } of answers)
      test(`answer: ${fault.kind}`, async (t) => {
        const world = await openWorld(t, executable);
        world.aws.fault({ service: 'ecr' }, fault);
        assertOutcome(await world.get(HOST), explained(cause(world.aws.url), HINTS.answer));
        assert.equal(world.aws.requests.length, tries);
      });

    test('throttled on every try', async (t) => {
      const world = await openWorld(t, executable);
      world.aws.fault({ service: 'ecr' }, { kind: 'throttled' });
      assert.match(
        (await world.get(HOST)).stderr,
        /: Amazon ECR in us-east-1 throttles this account's requests\n/,
      );
    });

    test('a service that hangs and then answers is asked again', { timeout: 30_000 }, async (t) => {
      const world = await openWorld(t, executable);
      world.aws.fault({ service: 'ecr', times: 1 }, { kind: 'hang-before-headers' });
      const result = await world.get(HOST);
      // The service minted a token for the first request too, and then kept it to itself.
      assertOutcome(result, credentials(HOST, world.aws.mintedTokens[1]?.password ?? ''));
      assert.equal(world.aws.requests.length, 2);
      assert.ok(result.ms > 7900 && result.ms < 14_000, `${result.ms} ms`);
    });
  });
}
