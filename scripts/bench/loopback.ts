// Owns the process that plays AWS while the benchmark waits for helpers: one loopback that answers at once and one that
// answers late, each with a proxy that ends TLS before it, so that programs without endpoint settings reach it too.
// Must not be imported: the measuring process blocks while a helper runs, so this one is started by it and told by messages.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { type LoopbackAws, startLoopbackAws } from '../../test/support/aws/server.ts';
import { KEYS, type LoopbackReply, ROLE_ARN, SSO, USER_ARN } from './aws.ts';

const [, , certificate = '', key = '', lateMs = '50'] = process.argv;
const secureContext = createSecureContext({ cert: readFileSync(certificate), key: readFileSync(key) });

const loopbacks = {
  prompt: await startLoopback(0),
  late: await startLoopback(Number(lateMs)),
};

process.on('message', (which) => {
  const { aws } = which === 'late' ? loopbacks.late : loopbacks.prompt;
  reply({ kind: 'requests', services: aws.requests.map(({ service }) => service) });
  aws.requests.length = 0;
});
process.on('disconnect', () => process.exit(0));
reply({ kind: 'ready', prompt: loopbacks.prompt.place, late: loopbacks.late.place });

async function startLoopback(latencyMs: number) {
  const aws = await startLoopbackAws({ latencyMs });
  aws.addAccessKey({ ...KEYS, arn: USER_ARN });
  aws.addRole({ arn: ROLE_ARN });
  aws.setInstance({ roleArn: ROLE_ARN });
  const ssoTokenFile = JSON.stringify(
    aws.addSsoSession({
      startUrl: SSO.startUrl,
      assignments: [{ accountId: SSO.accountId, roleName: SSO.roleName }],
    }),
  );
  return { aws, place: { url: aws.url, proxy: await startProxy(aws, secureContext), ssoTokenFile } };
}

/** A CONNECT proxy for which every host is this loopback: it ends TLS itself and passes the bytes on, the Host header as signed. */
async function startProxy(aws: LoopbackAws, context: SecureContext): Promise<string> {
  const port = Number(new URL(aws.url).port);
  const proxy = createServer();
  proxy.on('connect', (_request, socket) => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    const client = new TLSSocket(socket, { isServer: true, secureContext: context });
    const server = connect({ port, host: '127.0.0.1', noDelay: true });
    client.pipe(server).pipe(client);
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const side of [socket, client, server]) side.on('error', end).on('close', end);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

function reply(message: LoopbackReply): void {
  process.send?.(message);
}
