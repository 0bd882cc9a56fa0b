// Owns how bytes reach AWS: one HTTP handler for every SDK client of this process, over Bun's fetch or Node's http.
// Must not retry and must not know what is asked; the SDK does the one, the callers the other.
import type { HttpHandler, HttpRequest, HttpResponse } from '@smithy/core/protocols';

/** Makes the handler for the runtime at hand; every request ends when `signal` is aborted. */
export async function createTransport(signal: AbortSignal): Promise<HttpHandler> {
  const { createRuntimeTransport } =
    typeof Bun === 'undefined' ? await import('./transport-node.ts') : await import('./transport-bun.ts');
  return createRuntimeTransport(signal);
}

export type { HttpHandler, HttpRequest, HttpResponse };

/** The most that an answer may hold, in bytes: a token is about 4 KiB, an STS answer 2. */
export const RESPONSE_LIMIT = 1024 * 1024;
