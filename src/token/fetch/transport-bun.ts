// Owns the HTTP handler of the native executable, over Bun's own fetch: it trusts the system's certificate store and is
// already loaded, where node:https would cost ten milliseconds. Must not be used on Node.
import { type HttpHandler, type HttpRequest, HttpResponse } from '@smithy/core/protocols';
import { readLimited } from './response-body.ts';

/** See `createTransport`. */
export function createRuntimeTransport(signal: AbortSignal): HttpHandler {
  return {
    async handle(request: HttpRequest, options?: { abortSignal?: unknown }) {
      const response = await fetch(requestUrl(request), {
        method: request.method,
        headers: request.headers,
        body: request.method === 'GET' ? undefined : request.body,
        // A redirect would carry a signed request, or a bearer token, to a host that nobody named.
        redirect: 'manual',
        signal:
          options?.abortSignal instanceof AbortSignal
            ? AbortSignal.any([signal, options.abortSignal])
            : signal,
      });
      return {
        response: new HttpResponse({
          statusCode: response.status,
          reason: response.statusText,
          headers: Object.fromEntries(response.headers.entries()),
          body: await readLimited(response.body),
        }),
      };
    },
    destroy() {},
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
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
