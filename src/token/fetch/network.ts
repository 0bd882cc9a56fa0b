// Owns one exchange with a service: through which proxy, trusting whom, within which time, up to which size. The runtimes put
// the bytes on the wire. Must not import the AWS SDK, must not repeat a request and must not know what is asked.
import type { EndpointSettings } from '../../aws/endpoint.ts';
import {
  NetworkFailure,
  type NetworkReport,
  networkEvent,
  networkFailure,
  type Route,
} from './network-failure.ts';
import { type HttpProxy, proxyFor } from './network-proxy.ts';
import { readTrust, type Trust } from './network-trust.ts';

/** A request as both runtimes understand it. */
export interface NetworkRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** How a request travels. */
export interface Passage {
  /** Undefined is a direct connection, whatever the environment says. */
  readonly proxy: HttpProxy | undefined;
  /** PEM; undefined is the runtime's own trust. */
  readonly authorities: string | undefined;
  readonly signal: AbortSignal;
}

/** One runtime's way of sending: follows no redirect, keeps no connection, verifies every certificate. */
export type Send = (request: NetworkRequest, passage: Passage) => Promise<Answer>;

/** Exchanges of one fetch. */
export interface Network {
  /** The answer, whatever its status; throws {@link NetworkFailure}, or the reason of an abort. */
  exchange(request: NetworkRequest, signal: AbortSignal): Promise<Answer>;
  /** Where the latest request went. */
  readonly latest: () => Route | undefined;
}

/** The sender for the runtime at hand. */
export async function runtimeSend(): Promise<Send> {
  const { send } =
    typeof Bun === 'undefined' ? await import('./transport-node.ts') : await import('./transport-bun.ts');
  return send;
}

/** A network as the environment and the profile in force describe it; `attemptMs` is the limit of each single exchange. */
export function openNetwork(send: Send, settings: EndpointSettings, attemptMs: number): Network {
  let trust: Trust | undefined;
  let latest: Route | undefined;
  return {
    latest: () => latest,
    async exchange(request, signal) {
      const { protocol, host, hostname } = new URL(request.url);
      const proxy = proxyFor(request.url, settings.env);
      const isSecure = protocol === 'https:' || proxy?.isSecure === true;
      if (isSecure) trust ??= readTrust(settings);
      const route = (): Route => ({
        endpoint: `${protocol}//${host}`,
        host: hostname,
        ...(proxy === undefined ? {} : { proxy: proxy.origin }),
        ...(trust === undefined || !isSecure ? {} : { trusted: trust.name }),
      });
      latest = route();
      const attempt = new AbortController();
      const timer = setTimeout(() => attempt.abort(), attemptMs);
      const passage = {
        proxy,
        authorities: trust?.authorities,
        signal: AbortSignal.any([signal, attempt.signal]),
      };
      try {
        const answer = await send(request, passage).catch((error: unknown) => {
          if (trust?.widen === undefined || networkEvent(error) !== 'untrusted') throw error;
          trust = trust.widen();
          return send(request, { ...passage, authorities: trust.authorities });
        });
        const flaw = flawOf(answer, proxy, protocol);
        if (flaw !== undefined)
          throw new NetworkFailure({ ...route(), event: flaw, status: answer.status, code: '' }, undefined);
        return answer;
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        if (attempt.signal.aborted) throw networkFailure(noAnswer(), route());
        throw networkFailure(error, route());
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** An answer that no AWS service gives: a proxy asks for a password, or shows a page for people. */
function flawOf(
  answer: Answer,
  proxy: HttpProxy | undefined,
  protocol: string,
): NetworkReport['event'] | undefined {
  if (answer.status === 407 && proxy !== undefined && protocol === 'http:') return 'proxy-refused';
  // Load balancers of AWS send pages with 5xx, and those the SDK may try again. The content type says nothing reliable.
  if (answer.status < 300 || (answer.status >= 400 && answer.status < 500)) {
    const start = new TextDecoder('latin1').decode(answer.body.subarray(0, 64)).trimStart();
    if (/^<(!doctype html|html)\b/i.test(start)) return 'web-page';
  }
  return undefined;
}

/** The code makes the SDK try again. */
function noAnswer(): Error {
  return Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' });
}

/**
 * A request to this machine or its link (instance metadata, container endpoints): never through a proxy, no redirect, the
 * same limits. Throws {@link NetworkFailure}, or the signal's reason.
 */
export async function directFetch(request: NetworkRequest, signal: AbortSignal): Promise<Answer> {
  const { protocol, host, hostname } = new URL(request.url);
  const send = await runtimeSend();
  try {
    return await send(request, { proxy: undefined, authorities: undefined, signal });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw networkFailure(error, { endpoint: `${protocol}//${host}`, host: hostname });
  }
}
