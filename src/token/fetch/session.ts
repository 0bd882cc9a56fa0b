// Owns the frame of whatever is asked of AWS: a limit in time, one transport, keys of the declared source, and every failure
// told as one of ours. Must not know what is asked.
import type { EndpointSettings } from '../../aws/endpoint.ts';
import { type AwsKeys, type Source, sourceName } from '../../aws/source.ts';
import { HelperError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Registry } from '../../registry.ts';
import { homeDirectory } from '../../runtime.ts';
import type { FetchContext } from './client.ts';
import { resolveKeys } from './credentials.ts';
import { explainFailure } from './failure.ts';
import { startLimit } from './limit.ts';
import { createTransport, type Transport } from './transport.ts';

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
export type Step = { readonly what: string; readonly service: string };

/** What is asked once the keys are there; `report` names the step before it begins. */
export type Ask<T> = (
  keys: AwsKeys,
  context: FetchContext & { readonly transport: Transport },
  report: (step: Step) => void,
) => Promise<T>;

/** The answer of `ask` with the source's keys; throws a {@link HelperError} for every failure, within the limit. */
export async function inSession<T>(request: FetchRequest, ask: Ask<T>): Promise<T> {
  const { registry, source, settings, limitMs } = request;
  if (request.signal?.aborted) throw request.signal.reason;
  const abort = new AbortController();
  const giveUp = (): void => abort.abort(request.signal?.reason);
  request.signal?.addEventListener('abort', giveUp, { once: true });
  let step: Step = { what: `getting AWS credentials from ${sourceName(source)}`, service: 'AWS' };
  const report = (next: Step): void => {
    step = next;
  };
  let transport: Transport | undefined;
  const limit = startLimit(limitMs, () =>
    abort.abort(new HelperError({ kind: 'timed-out', step: step.what, limitMs })),
  );
  const expired = new Promise<never>((_, reject) => {
    abort.signal.addEventListener('abort', () => reject(abort.signal.reason), { once: true });
  });
  const work = async (): Promise<T> => {
    giveSdkHome();
    transport = await createTransport({ settings, signal: abort.signal, limitMs });
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
    return ask(await resolveKeys(source, context, report), context, report);
  };
  try {
    return await Promise.race([work(), expired]);
  } catch (error) {
    if (request.signal?.aborted) throw request.signal.reason;
    const route = transport?.latest();
    throw explainFailure(abort.signal.aborted ? abort.signal.reason : error, {
      step,
      source,
      registry,
      route,
    });
  } finally {
    limit.stop();
    request.signal?.removeEventListener('abort', giveUp);
    abort.abort();
  }
}

/**
 * The SDK looks for files of its own below the home directory, needs none of them, and fails where a user has no such
 * directory: a number without a name and without HOME, as in many containers.
 */
function giveSdkHome(): void {
  if (!process.env.HOME && homeDirectory(process.env) === undefined) process.env.HOME = '/';
}
