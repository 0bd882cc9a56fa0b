// Owns a small HTTP proxy on loopback: it refuses CONNECT with a status, or connects to one place whatever was asked for.
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A running proxy. */
export interface Proxy {
  readonly port: number;
  /** `host:port` of each CONNECT, and its Proxy-Authorization. */
  readonly asked: { readonly target: string; readonly authorization: string | undefined }[];
}

/** Starts a proxy that ends with the test; `answer` is a status to refuse with or a port of 127.0.0.1 to connect to. */
export async function startProxy(
  t: TestContext,
  answer: { readonly status: number } | { readonly port: number },
): Promise<Proxy> {
  const asked: Proxy['asked'] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_, response) => response.writeHead(501).end());
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('connect', (request, client: Socket) => {
    asked.push({ target: request.url ?? '', authorization: request.headers['proxy-authorization'] });
    client.on('error', () => client.destroy());
    if ('status' in answer) {
      client.end(`HTTP/1.1 ${answer.status} Refused\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const upstream = connect(answer.port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    upstream.on('error', () => client.destroy());
    sockets.add(upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { port: (server.address() as AddressInfo).port, asked };
}
