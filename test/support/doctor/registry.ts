// Owns a small registry that speaks TLS on loopback: `/v2/` and manifests behind a password, and every way in which Amazon's
// refuses, in its own words. It must not know which passwords are good: any that was minted is.
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { Certificate } from '../network/authority.ts';

/** What the registry says to `/v2/`, or in place of everything. */
export type Mood =
  | 'good'
  | 'unauthorized'
  | 'other-region'
  | 'expired'
  | 'portal'
  | 'redirect'
  | 'not-a-registry'
  | 'down'
  | 'bearer';

/** A running registry. */
export interface TestRegistry {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Paths that were asked for, in order. */
  readonly asked: string[];
}

/** What a repository's name brings about; every other one does not exist. */
type Manifests = Readonly<Record<string, readonly [status: number, code?: string, message?: string]>>;

const CALLER = 'arn:aws:sts::123456789012:assumed-role/puller/session';
const denied = (repository: string, why: string): string =>
  `User: ${CALLER} is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:us-east-1:123456789012:repository/${repository} ${why}`;

const MANIFESTS: Manifests = {
  'team/app': [200],
  private: [
    403,
    'DENIED',
    denied('private', 'because no identity-based policy allows the ecr:BatchGetImage action'),
  ],
  theirs: [
    403,
    'DENIED',
    denied('theirs', 'because no resource-based policy allows the ecr:BatchGetImage action'),
  ],
  forbidden: [403, 'DENIED', denied('forbidden', 'with an explicit deny in a service control policy')],
  quiet: [403, 'DENIED', 'requested access to the resource is denied'],
  stale: [403, 'DENIED', 'Your authorization token has expired. Reauthenticate and try again.'],
  broken: [500, 'UNKNOWN', 'internal error'],
  busy: [429, 'TOOMANYREQUESTS', 'Rate exceeded'],
};

/** Starts a registry that ends with the test; `mayPull` says whose Basic credentials are taken. */
export async function startRegistry(
  t: TestContext,
  certificate: Certificate,
  mood: Mood = 'good',
): Promise<TestRegistry> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  let host = '';
  const server = createServer(certificate, (request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    asked.push(path);
    const answer = (status: number, code?: string, message?: string): void => {
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
      response.end(code === undefined ? '{}' : JSON.stringify({ errors: [{ code, message }] }));
    };
    const authorization = request.headers.authorization ?? '';
    const [user, password = ''] = Buffer.from(authorization.replace(/^Basic /, ''), 'base64')
      .toString()
      .split(':');
    const isKnown = authorization.startsWith('Basic ') && user === 'AWS' && password.length > 1000;
    if (mood === 'portal') {
      response.writeHead(200, { 'content-type': 'text/html' });
      return void response.end('<!DOCTYPE html>\n<html><body>Sign in to the network</body></html>\n');
    }
    if (mood === 'redirect') return void response.writeHead(302, { location: 'https://portal.test/' }).end();
    if (mood === 'not-a-registry') return void response.writeHead(404).end('Not Found\n');
    if (mood === 'down') return answer(503, 'UNAVAILABLE', 'Service Unavailable');
    // What it was sent, as a careless proxy says it back: none of it may be shown.
    if (mood === 'unauthorized')
      return answer(401, 'UNAUTHORIZED', `Not Authorized: ${authorization} ${password}`);
    if (mood === 'other-region') return answer(400, 'DENIED', 'Your Authorization Token is invalid.');
    if (mood === 'expired')
      return answer(403, 'DENIED', 'Your authorization token has expired. Reauthenticate and try again.');
    if (mood === 'bearer') {
      if (path === '/token/' && isKnown)
        return void response.end('{"token":"canary-bearer-token-of-the-registry"}');
      if (authorization !== 'Bearer canary-bearer-token-of-the-registry') {
        const challenge = `Bearer realm="https://${host}/token/",service="public.ecr.aws",scope="aws"`;
        return void response.writeHead(401, { 'www-authenticate': challenge }).end();
      }
    } else if (!isKnown) {
      return void response
        .writeHead(401, { 'www-authenticate': 'Basic realm="ecr"' })
        .end('Not Authorized\n');
    }
    if (path === '/v2/') return answer(200);
    const [, repository = '', reference = ''] = /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(path) ?? [];
    const known = MANIFESTS[repository];
    if (known === undefined)
      return answer(
        404,
        'NAME_UNKNOWN',
        `The repository with name '${repository}' does not exist in the registry with id '123456789012'`,
      );
    if (known[0] === 200 && reference !== '1.0' && !reference.startsWith('sha256:'))
      return answer(404, 'MANIFEST_UNKNOWN', 'Requested image not found');
    answer(...known);
  });
  server.on('secureConnection', (socket: Socket) => void sockets.add(socket));
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { host, asked };
}
