// Owns as much of a Kubernetes API server as `kubectl apply` of a Secret needs: discovery, no Secret yet, and what is sent.
// Must not judge the Secret, and knows no other resource.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

/** The running server. */
export interface KubernetesApi {
  /** For `kubectl --server`. */
  readonly url: string;
  /** Every object that was to be created, as it came. */
  readonly created: readonly { readonly path: string; readonly object: unknown }[];
  close(): Promise<void>;
}

const SECRETS = {
  name: 'secrets',
  singularName: 'secret',
  namespaced: true,
  kind: 'Secret',
  verbs: ['create', 'get', 'list', 'patch', 'update'],
};

const DISCOVERY: Readonly<Record<string, object>> = {
  '/api': { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] },
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [] },
  '/api/v1': { kind: 'APIResourceList', groupVersion: 'v1', resources: [SECRETS] },
};

const NOT_FOUND = {
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  reason: 'NotFound',
  message: 'not found',
  code: 404,
};

/** Listens on the loopback interface. */
export async function startKubernetesApi(): Promise<KubernetesApi> {
  const created: { path: string; object: unknown }[] = [];
  const server = createServer((request, response) => void answer(request, response, created));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('Cannot listen on a port of 127.0.0.1');
  return {
    url: `http://127.0.0.1:${address.port}`,
    created,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  created: { path: string; object: unknown }[],
): Promise<void> {
  const body = await text(request);
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const reply = (status: number, object: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(object));
  };
  const known = DISCOVERY[path];
  if (request.method === 'POST') {
    const object: unknown = JSON.parse(body);
    created.push({ path, object });
    reply(201, object);
  } else if (known !== undefined) reply(200, known);
  else reply(404, NOT_FOUND);
}
