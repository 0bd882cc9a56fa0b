// Owns what became of a provider's requests: the SDK's SSO and sign-in providers throw one sentence for every failure, and a
// network that is down must not be told as a sign-in that is over. Must not change a request or an answer.
import type { Problem } from '../../../errors.ts';
import type { HttpHandler } from '../transport.ts';

/** How the last request ended: with a status, or with what the network threw. */
export type LastRequest =
  | { readonly path: string; readonly status: number }
  | { readonly path: string; readonly error: unknown };

/** A handler that remembers the end of its last request. */
export interface Recorder {
  readonly handler: HttpHandler;
  last(): LastRequest | undefined;
}

/** Wraps a handler. */
export function record(handler: HttpHandler): Recorder {
  let last: LastRequest | undefined;
  return {
    last: () => last,
    handler: {
      async handle(request, options) {
        try {
          const answer = await handler.handle(request, options);
          last = { path: request.path, status: answer.response.statusCode };
          return answer;
        } catch (error) {
          last = { path: request.path, error };
          throw error;
        }
      },
      destroy: () => handler.destroy?.(),
      updateHttpClientConfig: (key, value) => handler.updateHttpClientConfig(key, value),
      httpHandlerConfigs: () => handler.httpHandlerConfigs(),
    },
  };
}

/** A failure of the service itself, whoever asked it; undefined where the status speaks of the request. */
export function outage(status: number, service: string): Problem | undefined {
  if (status === 429) return { kind: 'throttled', service };
  if (status >= 500)
    return { kind: 'service-failed', service, code: `status ${status}`, detail: 'no reason given' };
  if (status >= 300 && status < 400)
    return { kind: 'bad-response', service, reason: `it redirects elsewhere (status ${status})` };
  if (status < 300)
    return {
      kind: 'bad-response',
      service,
      reason: 'it is not of the form that this service answers in',
    };
  return undefined;
}
