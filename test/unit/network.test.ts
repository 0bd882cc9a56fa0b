// One exchange over Node's sockets: its limit in time, what is retried with a wider trust, what no service answers, and that both
// runtimes' codes mean the same events.
import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { openNetwork, type Passage, type Send } from '../../src/token/fetch/network.ts';
import { networkEvent, networkFailure, networkReport } from '../../src/token/fetch/network-failure.ts';
import { RESPONSE_LIMIT } from '../../src/token/fetch/response-body.ts';
import { send } from '../../src/token/fetch/transport-node.ts';

const never = new AbortController().signal;

function network(attemptMs = 5000, env: NodeJS.ProcessEnv = {}, sender: Send = send) {
  const shared = { profiles: new Map(), ssoSessions: new Map(), services: new Map(), files: [] };
  return openNetwork(sender, { env, shared, profile: 'default' }, attemptMs);
}

async function listen(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function eventOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return networkReport(error)?.event ?? String(error);
  }
}

describe('limits', () => {
  for (const [name, listener] of [
    ['before the headers', () => {}],
    ['within the body', (_, response) => void response.writeHead(200, { 'content-length': 9 }).write('half')],
  ] as const satisfies readonly (readonly [string, RequestListener])[])
    test(`a hang ${name} ends as "no answer"`, async (t) => {
      const url = await listen(t, listener);
      const startedAt = performance.now();
      assert.equal(
        await eventOf(network(200).exchange({ url, method: 'GET', headers: {} }, never)),
        'no-answer',
      );
      assert.ok(performance.now() - startedAt < 2000);
    });

  test('a connection that is never answered, not even in TLS', async (t) => {
    const sockets: Socket[] = [];
    const server = createTcpServer((socket) => void sockets.push(socket.on('error', () => {})));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    assert.equal(
      await eventOf(network(200).exchange({ url, method: 'GET', headers: {} }, never)),
      'no-answer',
    );
  });

  test('the limit from outside wins, with its own reason', async (t) => {
    const url = await listen(t, () => {});
    const abort = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => abort.abort(reason), 50);
    await assert.rejects(network().exchange({ url, method: 'GET', headers: {} }, abort.signal), reason);
  });

  for (const [bytes, event] of [
    [RESPONSE_LIMIT, undefined],
    [RESPONSE_LIMIT + 1, 'too-large'],
  ] as const)
    test(`${bytes} bytes`, async (t) => {
      const url = await listen(t, (_, response) => response.end(Buffer.alloc(bytes)));
      assert.equal(await eventOf(network().exchange({ url, method: 'GET', headers: {} }, never)), event);
    });
});

describe('answers that no service gives', () => {
  for (const [status, body, event] of [
    [200, '<!DOCTYPE html><title>Sign in</title>', 'web-page'],
    [403, '\n <HTML>', 'web-page'],
    [503, '<html>busy</html>', undefined],
    [200, '<?xml version="1.0"?>', undefined],
    [200, '<htmlish/>', undefined],
    [302, '<html>', undefined],
    [407, '', undefined],
  ] as const)
    test(`${status} ${JSON.stringify(body)}`, async (t) => {
      const url = await listen(t, (_, response) => response.writeHead(status).end(body));
      assert.equal(await eventOf(network().exchange({ url, method: 'GET', headers: {} }, never)), event);
    });

  test('a redirect comes back as it is', async (t) => {
    let requests = 0;
    const url = await listen(t, (_, response) => {
      requests += 1;
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    const { status } = await network().exchange({ url, method: 'POST', headers: {}, body: 'x' }, never);
    assert.deepEqual({ status, requests }, { status: 307, requests: 1 });
  });
});

describe('trust is widened once, and only for an unknown authority', () => {
  const cases = [
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 2],
    ['SELF_SIGNED_CERT_IN_CHAIN', 2],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 2],
    ['CERT_HAS_EXPIRED', 1],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 1],
    ['ECONNRESET', 1],
  ] as const;
  for (const [code, tries] of cases)
    test(code, async () => {
      const passages: Passage[] = [];
      const failing: Send = async (_, passage) => {
        passages.push(passage);
        throw Object.assign(new Error(code), { code });
      };
      const one = network(5000, {}, failing);
      const request = { url: 'https://user:secret@ecr.test:8443/path?query', method: 'GET', headers: {} };
      const error: unknown = await one.exchange(request, never).catch((thrown: unknown) => thrown);
      assert.equal(networkReport(error)?.event, networkEvent({ code }));
      assert.equal(networkReport(error)?.endpoint, 'https://ecr.test:8443');
      assert.deepEqual(
        passages.map(({ authorities }) => authorities !== undefined),
        [false, true].slice(0, tries),
      );
    });
});

describe('codes', () => {
  const rows: readonly (readonly [event: string, ...codes: string[]])[] = [
    ['name-not-resolved', 'ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL'],
    ['refused', 'ECONNREFUSED', 'ConnectionRefused'],
    ['unreachable', 'ENETUNREACH', 'EHOSTUNREACH'],
    ['reset', 'ECONNRESET', 'EPIPE', 'ConnectionClosed'],
    ['no-answer', 'ETIMEDOUT'],
    ['proxy-refused', 'ERR_PROXY_TUNNEL'],
    ['no-handshake', 'EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER'],
    ['bad-certificate', 'CERT_REVOKED', 'INVALID_PURPOSE', 'CERT_SIGNATURE_FAILURE'],
    ['cut-off', 'BODY_CUT_OFF'],
    ['unknown', 'ESOMETHING', ''],
  ];
  for (const [event, ...codes] of rows)
    for (const code of codes)
      test(`${code} is ${event}`, () => {
        assert.equal(networkEvent({ code }), event);
        assert.equal(
          networkEvent(new Error('outer', { cause: Object.assign(new Error(), { code }) })),
          event,
        );
        assert.equal(networkEvent(new AggregateError([Object.assign(new Error(), { code })])), event);
      });

  test('the report outlives the copy that a credential provider makes of an error', () => {
    const failure = networkFailure(Object.assign(new Error(), { code: 'ECONNRESET' }), {
      endpoint: 'e',
      host: 'h',
    });
    const copy = Object.assign(new Error('copy'), failure);
    assert.equal(networkReport(copy)?.event, 'reset');
  });
});
