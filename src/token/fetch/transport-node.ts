// Owns how the npm and pkg executables send a request: over node:http and node:https, with an own CONNECT for proxies, since
// Node brings one only from 22.21 on. Must not be used on Bun.
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import type { NetworkRequest, Passage, Send } from './network.ts';
import type { HttpProxy } from './network-proxy.ts';
import { readLimited } from './response-body.ts';

/** See `Send`. */
export const send: Send = async (request, passage) => {
  const response = await open(request, passage);
  const { signal } = passage;
  const abort = (): void => void response.destroy(signal.reason instanceof Error ? signal.reason : undefined);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return {
      status: response.statusCode ?? 0,
      statusText: response.statusMessage ?? '',
      headers: Object.fromEntries(
        Object.entries(response.headers).map(([name, value]) => [
          name,
          Array.isArray(value) ? value.join(', ') : (value ?? ''),
        ]),
      ),
      body: await readLimited(response),
    };
  } finally {
    signal.removeEventListener('abort', abort);
    response.destroy();
  }
};

async function open(
  { url, method, headers, body }: NetworkRequest,
  passage: Passage,
): Promise<IncomingMessage> {
  const { proxy, signal } = passage;
  const { protocol, hostname, port, pathname, search, host } = new URL(url);
  const path = `${pathname}${search}`;
  const target = { method, signal, host: hostname.replace(/^\[(.*)\]$/, '$1') };
  if (protocol === 'https:') {
    const socket =
      proxy === undefined ? undefined : await tunnel(proxy, `${hostname}:${port || 443}`, passage);
    const options = {
      ...target,
      ...tlsOptions(passage),
      port: port || 443,
      path,
      headers,
      agent: httpsAgent(),
    };
    return answerOf(httpsRequest(socket === undefined ? options : overSocket(options, socket)), body);
  }
  if (proxy === undefined)
    return answerOf(httpRequest({ ...target, port: port || 80, path, headers, agent: httpAgent() }), body);
  const hop = { method, signal, path: url, headers: { ...headers, host, ...authorization(proxy) } };
  return answerOf(requestToProxy(proxy, hop, passage), body);
}

/** `socket` is an option of tls.connect, which gets all of these; the types do not know that. */
function overSocket<T extends object>(options: T, socket: Duplex): T {
  return Object.assign(options, { socket });
}

/** A connection to `authority` made by the proxy. */
async function tunnel(proxy: HttpProxy, authority: string, passage: Passage): Promise<Duplex> {
  const headers = { host: authority, ...authorization(proxy) };
  const hop = { method: 'CONNECT', path: authority, headers, signal: passage.signal };
  const request = requestToProxy(proxy, hop, passage);
  return new Promise((resolve, reject) => {
    request.once('error', reject);
    request.once('connect', (response, socket) => {
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      // In the words of Bun, so that one reader serves both.
      reject(
        Object.assign(new Error(`Proxy refused to open a tunnel: ${response.statusCode}`), {
          code: 'ERR_PROXY_TUNNEL',
        }),
      );
    });
    request.end();
  });
}

function requestToProxy(
  { isSecure, host, port }: HttpProxy,
  hop: { method: string; path: string; headers: Record<string, string>; signal: AbortSignal },
  passage: Passage,
): ClientRequest {
  return isSecure
    ? httpsRequest({ ...hop, ...tlsOptions(passage), host, port, agent: httpsAgent() })
    : httpRequest({ ...hop, host, port, agent: httpAgent() });
}

function answerOf(request: ClientRequest, body: NetworkRequest['body']): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('error', reject);
    request.once('response', resolve);
    request.end(body);
  });
}

function authorization({ authorization: value }: HttpProxy): Record<string, string> {
  return value === undefined ? {} : { 'proxy-authorization': value };
}

/** Both are Node's defaults, but NODE_TLS_REJECT_UNAUTHORIZED and NODE_OPTIONS could take them away. */
function tlsOptions({ authorities }: Passage): {
  rejectUnauthorized: true;
  minVersion: 'TLSv1.2';
  ca?: string;
} {
  return {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(authorities === undefined ? {} : { ca: authorities }),
  };
}

/** Own agents, since NODE_USE_ENV_PROXY makes the global ones go through a proxy; nothing is kept open when all is done. */
function httpAgent(): HttpAgent {
  return new HttpAgent({ keepAlive: false });
}

function httpsAgent(): HttpsAgent {
  return new HttpsAgent({ keepAlive: false });
}
