// The loopback AWS: one HTTP server on 127.0.0.1 that the real SDKs take for ECR, ECR Public, STS and the rest.
// Owns listening, recording and the order authenticate → fault → answer; what each service says is in its own file.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerCredentials } from './container.ts';
import { AwsError, errorReply } from './errors.ts';
import { damaged, faultList, replyInstead } from './faults.ts';
import { authenticate, type Iam } from './iam.ts';
import type { Instance } from './imds.ts';
import type { AccessKey, Fault, FaultMatch, MintedToken, RecordedRequest, Role } from './model.ts';
import { routeOf } from './route.ts';
import { loopbackServices } from './services.ts';
import type { LoginSession, LoginTokenFile } from './signin.ts';
import { parseAuthorization } from './sigv4.ts';
import type { SsoSession, SsoTokenFile } from './sso.ts';
import type { WebIdentityRequest } from './webIdentity.ts';
import { readRequest, sendReply } from './wire.ts';

export type { AccessKey, Fault, FaultMatch, MintedToken, RecordedRequest, Role, Service } from './model.ts';

const TOKEN_LIFE_MS = 12 * 3_600_000;

/** Settings of a loopback; times in ms, `port` 0 for any free one, `tls` with PEM texts to speak HTTPS. */
export interface LoopbackOptions {
  readonly now?: () => number;
  readonly tokenLifeMs?: number;
  readonly latencyMs?: number;
  readonly port?: number;
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** A running loopback AWS. */
export interface LoopbackAws {
  /** `http://127.0.0.1:PORT`, or `https://` with `tls`. */
  readonly url: string;
  readonly requests: RecordedRequest[];
  readonly mintedTokens: MintedToken[];
  /** Variables that point an SDK here; those of instance metadata only when asked for. */
  environment(also?: { readonly imds?: boolean }): Record<string, string>;
  addAccessKey(key: AccessKey): void;
  addRole(role: Role): void;
  /** A JWT for AssumeRoleWithWebIdentity. */
  signWebIdentityToken(request: WebIdentityRequest): string;
  /** Starts an SSO session and returns its token file for `~/.aws/sso/cache`. */
  addSsoSession(session: SsoSession): SsoTokenFile;
  /** Starts an `aws login` session and returns its token file for `~/.aws/login/cache`. */
  addLogin(session: LoginSession): LoginTokenFile;
  /** Sets the instance that the metadata service speaks for; there is none, so no role, before. */
  setInstance(instance: Instance): void;
  /** Adds credentials to the container endpoint and returns their URI, for AWS_CONTAINER_CREDENTIALS_FULL_URI. */
  addContainerCredentials(credentials: ContainerCredentials): string;
  fault(match: FaultMatch, fault: Fault): void;
  clearFaults(): void;
  /** Stops listening and destroys every socket, also those that a fault left hanging. */
  close(): Promise<void>;
}

/** Starts a loopback AWS on 127.0.0.1. */
export async function startLoopbackAws(options: LoopbackOptions = {}): Promise<LoopbackAws> {
  const now = options.now ?? Date.now;
  const iam: Iam = { now, keys: new Map(), roles: new Map() };
  const mint = { now, tokenLifeMs: options.tokenLifeMs ?? TOKEN_LIFE_MS, mintedTokens: [] as MintedToken[] };
  const services = loopbackServices(iam, mint);
  const faults = faultList();
  const requests: RecordedRequest[] = [];
  const connections = new Map<Socket, number>();

  function attempt<T>(work: () => T): T | AwsError {
    try {
      return work();
    } catch (error) {
      if (error instanceof AwsError) return error;
      throw error;
    }
  }

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = now();
    const request = await readRequest(incoming);
    const route = routeOf(request);
    const { service, operation } = route;
    const caller = route.signed ? attempt(() => authenticate(iam, request, service)) : undefined;
    const callerArn = caller instanceof AwsError ? undefined : caller?.arn;
    const index = requests.length;
    const authorization = parseAuthorization(request.headers.authorization);
    const record: RecordedRequest = {
      service,
      operation,
      region: authorization?.region,
      accessKeyId: authorization?.accessKeyId,
      identity: callerArn,
      method: request.method,
      path: request.url,
      userAgent: request.headers['user-agent'] ?? '',
      headers: request.headers,
      body: request.body.toString(),
      at,
      connection: connections.get(incoming.socket) ?? 0,
    };
    requests.push(record);
    let fault = faults.take(service, operation);
    let reply = replyInstead(fault, service, callerArn ?? 'anonymous', now());
    if (!reply) {
      const answered =
        caller instanceof AwsError ? caller : attempt(() => services.answer(route, request, caller, url));
      if (answered instanceof AwsError) reply = errorReply(service, answered);
      else {
        reply = damaged(answered.reply, fault, service);
        if (answered.lost) fault = { kind: 'hang-before-headers' };
        if (answered.arn) requests[index] = { ...record, identity: answered.arn };
      }
    }
    if (options.latencyMs) await delay(options.latencyMs);
    await sendReply(response, reply, fault, now());
  }

  const listener = (incoming: IncomingMessage, response: ServerResponse): void => {
    // A client that goes away, or a bug here: either way the other side must see a broken connection, not a hang.
    handle(incoming, response).catch((error: unknown) => {
      if (!incoming.destroyed) console.error(error);
      response.destroy();
    });
  };
  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  server.on(options.tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    connections.set(socket, connections.size + 1);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const url = `${options.tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    requests,
    mintedTokens: mint.mintedTokens,
    environment: (also = {}) => environmentOf(url, also.imds === true),
    addAccessKey: (key) => void iam.keys.set(key.accessKeyId, key),
    addRole: (role) => void iam.roles.set(role.arn, role),
    signWebIdentityToken: (request) => services.issuer.sign(request),
    addSsoSession: (session) => services.sso.addSession(session),
    addLogin: (session) => services.signin.addSession(session),
    setInstance: (instance) => services.imds.setInstance(instance),
    addContainerCredentials: (credentials) => url + services.container.add(credentials),
    fault: faults.add,
    clearFaults: faults.clear,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of connections.keys()) socket.destroy();
      }),
  };
}

// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
function environmentOf(url: string, imds: boolean): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_ECR: url,
    AWS_ENDPOINT_URL_ECR_PUBLIC: url,
    AWS_ENDPOINT_URL_STS: url,
    AWS_ENDPOINT_URL_SSO: url,
    AWS_ENDPOINT_URL_SSO_OIDC: url,
    AWS_ENDPOINT_URL_SIGNIN: url,
    ...(imds ? { AWS_EC2_METADATA_SERVICE_ENDPOINT: url } : {}),
  };
}
