// Owns the HTTP handler of the npm and pkg executables, over the SDK's own for Node. Must not be used on Bun.
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Readable } from 'node:stream';
import { type HttpHandler, HttpResponse } from '@smithy/core/protocols';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { readLimited } from './response-body.ts';

/** See `createTransport`. */
export function createRuntimeTransport(signal: AbortSignal): HttpHandler {
  const handler = new NodeHttpHandler({
    httpAgent: new HttpAgent({ keepAlive: false }),
    httpsAgent: new HttpsAgent({ keepAlive: false }),
  });
  return {
    async handle(request, options) {
      const abortSignal =
        options?.abortSignal instanceof AbortSignal ? AbortSignal.any([signal, options.abortSignal]) : signal;
      const { response } = await handler.handle(request, { ...options, abortSignal });
      const body: unknown = response.body;
      // The body comes in after the handler has let go of the request, so the limit in time must be set here again.
      if (body instanceof Readable)
        signal.addEventListener('abort', () => body.destroy(signal.reason), { once: true });
      return {
        response: new HttpResponse({
          statusCode: response.statusCode,
          ...(response.reason === undefined ? {} : { reason: response.reason }),
          headers: response.headers,
          body: await readLimited(body instanceof Readable ? body : null),
        }),
      };
    },
    destroy: () => handler.destroy(),
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}
