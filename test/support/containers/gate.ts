// Owns the moment between AWS minting a token and the credential helper reading it: the registry learns the token then.
// It passes requests and replies through unchanged, and must not answer anything itself.

import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** The loopback address that stands in front of AWS. */
export interface Gate {
  readonly url: string;
  close(): Promise<void>;
}

/** Listens in front of `upstream`; `beforeReply` runs before each reply goes back. */
export async function startGate(upstream: string, beforeReply: () => void): Promise<Gate> {
  const server = createServer((incoming, outgoing) => {
    forward(upstream, incoming, outgoing, beforeReply).catch((error: unknown) => {
      outgoing.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('Cannot listen on a port of 127.0.0.1');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function forward(
  upstream: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  beforeReply: () => void,
): Promise<void> {
  const { method, url = '/', headers } = incoming;
  const body = await buffer(incoming);
  // The Host header stays as the client signed it.
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    request(new URL(url, upstream), { method, headers }, resolve).once('error', reject).end(body);
  });
  const replyBody = await buffer(reply);
  beforeReply();
  outgoing.writeHead(reply.statusCode ?? 502, reply.headers).end(replyBody);
}
