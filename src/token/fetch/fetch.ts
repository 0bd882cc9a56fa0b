// Owns the cold path: from a registry and a declared credential source to a checked authorization token, through the AWS SDK.
// Must not be imported statically from outside this folder, and must not read or write the cache.
import { type EndpointSettings, safeUrl, tokenEndpoint } from '../../aws/endpoint.ts';
import { type Source, sourceName } from '../../aws/source.ts';
import { HelperError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Registry } from '../../registry.ts';
import { type AuthorizationToken, decodeAuthorizationToken } from '../authorization-token.ts';
import { type ClientSettings, clientSettings } from './client.ts';
import { resolveKeys } from './credentials.ts';
import { explainFailure } from './failure.ts';
import { startLimit } from './limit.ts';
import type { Route } from './network-failure.ts';
import { createTransport } from './transport.ts';

/** What a token is fetched for, and with whose credentials. */
export interface FetchRequest {
  readonly registry: Registry;
  readonly source: Source;
  /** Environment, shared config and the profile in force, for endpoints and for the SDK's providers. */
  readonly settings: EndpointSettings;
  /** The limit of the whole fetch, in ms. */
  readonly limitMs: number;
  readonly log: Log;
  /** Whether a person may be asked for an MFA code; their time does not count against the limit. */
  readonly interactive: boolean;
  /** A command line that prints the MFA code, run instead of asking a person. */
  readonly mfaCommand?: string;
  /** Ends the fetch from outside, for a program that uses this one as a library. */
  readonly signal?: AbortSignal;
}

/** The steps of a fetch, as named when one of them is too slow. */
export type Step = { readonly what: string; readonly service: string; readonly endpoint?: string };

/** A fresh, validated token; throws a {@link HelperError} for every failure, within the limit. */
export async function fetchAuthorizationToken(request: FetchRequest): Promise<AuthorizationToken> {
  const { registry, source, settings, limitMs } = request;
  const abort = new AbortController();
  const giveUp = (): void => abort.abort(request.signal?.reason);
  if (request.signal?.aborted) throw request.signal.reason;
  request.signal?.addEventListener('abort', giveUp, { once: true });
  let step: Step = { what: `getting AWS credentials from ${sourceName(source)}`, service: 'AWS' };
  let route = (): Route | undefined => undefined;
  const limit = startLimit(limitMs, () =>
    abort.abort(new HelperError({ kind: 'timed-out', step: step.what, limitMs })),
  );
  const expired = new Promise<never>((_, reject) => {
    abort.signal.addEventListener('abort', () => reject(abort.signal.reason), { once: true });
  });
  const work = async (): Promise<AuthorizationToken> => {
    const transport = await createTransport({ settings, signal: abort.signal, limitMs });
    route = transport.latest;
    try {
      const context = {
        settings,
        registry,
        transport,
        log: request.log,
        signal: abort.signal,
        interactive: request.interactive,
        aside: limit.aside,
        ...(request.mfaCommand === undefined ? {} : { mfaCommand: request.mfaCommand }),
      };
      const keys = await resolveKeys(source, context, (next) => {
        step = next;
      });
      const endpoint = tokenEndpoint(registry, settings);
      step = {
        what: `asking ${endpoint.url === undefined ? serviceName(registry) : safeUrl(endpoint.url)} for an authorization token`,
        service: serviceName(registry),
        ...(endpoint.url === undefined ? {} : { endpoint: endpoint.url }),
      };
      const client = clientSettings({ ...context, keys, endpoint });
      const requestedAt = Date.now();
      const answer = await getAuthorizationToken(registry, client);
      return decodeAuthorizationToken(answer, { requestedAt, service: serviceName(registry) });
    } finally {
      transport.destroy?.();
    }
  };
  try {
    return await Promise.race([work(), expired]);
  } catch (error) {
    if (request.signal?.aborted) throw request.signal.reason;
    throw explainFailure(abort.signal.aborted ? abort.signal.reason : error, {
      step,
      source,
      registry,
      route: route(),
    });
  } finally {
    limit.stop();
    request.signal?.removeEventListener('abort', giveUp);
    abort.abort();
  }
}

/** The service's name in messages. */
function serviceName(registry: Registry): string {
  return registry.service === 'ecr' ? `Amazon ECR in ${registry.region}` : 'Amazon ECR Public';
}

/** The two APIs differ in the shape of their answer alone. */
async function getAuthorizationToken(
  registry: Registry,
  settings: ClientSettings,
): Promise<{ authorizationToken?: unknown; expiresAt?: unknown }> {
  if (registry.service === 'ecr') {
    const { requestToken } = await import('./ecr.ts');
    return requestToken(settings);
  }
  const { requestToken } = await import('./ecr-public.ts');
  return requestToken(settings);
}
