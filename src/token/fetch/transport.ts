// Owns the HTTP handler that every SDK client of this process uses: one exchange of our network for each request of the SDK.
// Must not retry and must not know what is asked; the SDK does the one, the callers the other.
import { type HttpHandler, type HttpRequest, HttpResponse } from '@smithy/core/protocols';
import type { EndpointSettings } from '../../aws/endpoint.ts';
import { openNetwork, runtimeSend } from './network.ts';
import type { Route } from './network-failure.ts';
import { withoutEcho } from './response-echo.ts';

/** The handler, and where its latest request went. */
export interface Transport extends HttpHandler {
  readonly latest: () => Route | undefined;
}

/**
 * One exchange may take two fifths of the whole fetch, but never less than this: a hung connection leaves time for another
 * try, and however often the SDK tries, it is the limit of the whole that ends a fetch without an answer.
 */
const ATTEMPT_AT_LEAST_MS = 8000;

/** Makes the handler for the runtime at hand; every request ends when `signal` is aborted. */
export async function createTransport(request: {
  readonly settings: EndpointSettings;
  readonly signal: AbortSignal;
  readonly limitMs: number;
}): Promise<Transport> {
  const { settings, signal, limitMs } = request;
  const network = openNetwork(await runtimeSend(), settings, Math.max(ATTEMPT_AT_LEAST_MS, limitMs * 0.4));
  return {
    latest: network.latest,
    async handle(request: HttpRequest, options?: { abortSignal?: unknown }) {
      const abort: unknown = options?.abortSignal;
      const { status, statusText, headers, body } = await network.exchange(
        {
          url: requestUrl(request),
          method: request.method,
          headers: withUserAgent(request.headers),
          ...(request.method === 'GET' || request.body === undefined ? {} : { body: request.body }),
        },
        abort instanceof AbortSignal ? AbortSignal.any([signal, abort]) : signal,
      );
      return {
        response: new HttpResponse({
          statusCode: status,
          reason: statusText,
          headers: { ...headers },
          body: status < 300 ? body : withoutEcho(body, request),
        }),
      };
    },
    destroy() {},
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

/** The SDK's clients for browsers, which the native executable has, leave the user agent in another header. */
function withUserAgent(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { 'user-agent': agent = headers['x-amz-user-agent'] } = headers;
  return agent === undefined ? headers : { ...headers, 'user-agent': agent };
}

function requestUrl(request: HttpRequest): string {
  const query = Object.entries(request.query)
    .flatMap(([key, value]) =>
      (Array.isArray(value) ? value : [value]).map((each) => [key, each ?? ''] as const),
    )
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .join('&');
  const port = request.port === undefined ? '' : `:${request.port}`;
  return `${request.protocol}//${request.hostname}${port}${request.path}${query === '' ? '' : `?${query}`}`;
}

export type { HttpHandler };
