// Reading requests from sockets and putting replies on them, whole or as a fault wants them.
// Owns bytes and sockets; it must not know what a request means.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Fault, Reply, WireRequest } from './model.ts';

/** Reads a whole request; rejects when the client goes away first. */
export async function readRequest(incoming: IncomingMessage): Promise<WireRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return { method: incoming.method ?? '', url: incoming.url ?? '/', headers, body: Buffer.concat(chunks) };
}

/** Sends a reply, dated `now` (ms), the way the fault allows; a hang leaves the socket open until the server closes. */
export async function sendReply(
  response: ServerResponse,
  reply: Reply,
  fault: Fault | undefined,
  now: number,
) {
  const body = Buffer.from(reply.body);
  // The SDK corrects its clock from this header, so it must show the server's clock and not the machine's.
  const headers = { ...reply.headers, date: new Date(now).toUTCString(), 'content-length': body.length };
  switch (fault?.kind) {
    case 'connection-reset':
      response.socket?.resetAndDestroy();
      return;
    case 'hang-before-headers':
      return;
    case 'hang-after-headers':
      response.writeHead(reply.status, headers);
      response.flushHeaders();
      return;
    case 'truncated-body':
      response.writeHead(reply.status, headers);
      response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.socket?.destroy());
      return;
    case 'slow':
      await delay(fault.delayMs);
      break;
    default:
  }
  response.writeHead(reply.status, headers);
  response.end(body);
}
