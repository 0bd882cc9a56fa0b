// Owns an HTTP proxy on loopback: CONNECT, and requests with a whole URL. Whatever is asked for, it connects to one port of this
// machine, so that names need not resolve; or it fails in one of the ways that proxies fail. It records what it is asked.
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TestContext } from 'node:test';
import type { Certificate } from './authority.ts';

/** How a proxy behaves. */
export interface ProxyOptions {
  /** Port of 127.0.0.1 that everything is passed on to. */
  readonly to?: number;
  /** Answer to everything: a status, silence, or an end of the connection. */
  readonly fail?: number | 'hang' | 'reset';
  /** `user:password` that must come; 407 without. */
  readonly credentials?: string;
  /** Speaks TLS itself. */
  readonly tls?: Certificate;
}

/** A running proxy. */
export interface TestProxy {
  readonly port: number;
  /** Without credentials. */
  readonly url: string;
  /** `ecr.test:443` of CONNECT, a whole URL of others. */
  readonly asked: {
    readonly method: string;
    readonly target: string;
    readonly authorization: string | undefined;
  }[];
}

/** Starts a proxy that ends with the test. */
export async function startProxy(t: TestContext, options: ProxyOptions): Promise<TestProxy> {
  const asked: TestProxy['asked'] = [];
  const sockets = new Set<Duplex>();
  const wanted =
    options.credentials === undefined
      ? undefined
      : `Basic ${Buffer.from(options.credentials).toString('base64')}`;

  /** What it answers instead of doing its work. */
  function failure(request: IncomingMessage): ProxyOptions['fail'] {
    const authorization = request.headers['proxy-authorization'];
    asked.push({ method: request.method ?? '', target: request.url ?? '', authorization });
    return wanted !== undefined && authorization !== wanted ? 407 : options.fail;
  }

  function pass(request: IncomingMessage, response: ServerResponse): void {
    const fail = failure(request);
    if (fail === 'hang') return;
    if (fail === 'reset') return void request.socket.destroy();
    if (fail !== undefined) return void response.writeHead(fail, { 'content-length': 0 }).end();
    const { pathname, search } = new URL(request.url ?? '');
    const { 'proxy-authorization': _, ...headers } = request.headers;
    const onward = {
      host: '127.0.0.1',
      port: options.to,
      path: pathname + search,
      method: request.method,
      headers,
    };
    const upstream = httpRequest(onward, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    upstream.on('error', () => response.destroy());
    request.pipe(upstream);
  }

  const server = options.tls ? createTlsServer(options.tls, pass) : createServer(pass);
  server.on('connection', (socket: Socket) => void sockets.add(socket));
  server.on('clientError', (_, socket) => void socket.destroy());
  server.on('connect', (request: IncomingMessage, client: Duplex) => {
    client.on('error', () => client.destroy());
    const fail = failure(request);
    if (fail === 'hang') return;
    if (fail === 'reset') return void client.destroy();
    if (fail !== undefined) return void client.end(`HTTP/1.1 ${fail} Refused\r\nContent-Length: 0\r\n\r\n`);
    const upstream = connect(options.to ?? 0, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    // A pipe carries an end onward, but not a reset.
    upstream.on('error', () => client.destroy()).on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
    sockets.add(upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`, asked };
}

/** The Basic credentials that a proxy got, decoded. */
export function credentialsOf(authorization: string | undefined): string {
  return Buffer.from((authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
}
