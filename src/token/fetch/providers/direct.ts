// Owns one question to instance metadata or the container endpoint: directly, with a limit, and a reason in words where there
// is no answer. Must not ask again, and must not know what is asked.
import { directFetch } from '../network.ts';
import { networkReport } from '../network-failure.ts';

/** A request to an address of this machine or its link. */
export interface DirectRequest {
  readonly method?: 'GET' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
}

/** What came back, whatever its status. */
export interface DirectAnswer {
  readonly status: number;
  readonly body: string;
}

/** No answer, and why, in words that follow the name of what was asked. */
export class NoAnswer extends Error {
  readonly reason: string;
  readonly isTimeout: boolean;

  constructor(reason: string, isTimeout: boolean, cause: unknown) {
    super(reason, { cause });
    this.name = 'NoAnswer';
    this.reason = reason;
    this.isTimeout = isTimeout;
  }
}

/** Asks `url`, for at most `limitMs`; throws {@link NoAnswer}. */
export async function askDirectly(
  url: URL,
  { method = 'GET', headers }: DirectRequest,
  limitMs: number,
): Promise<DirectAnswer> {
  const signal = AbortSignal.timeout(limitMs);
  try {
    const { status, body } = await directFetch({ url: url.href, method, headers }, signal);
    return { status, body: new TextDecoder().decode(body) };
  } catch (error) {
    if (signal.aborted) throw new NoAnswer(`no answer within ${limitMs / 1000} s`, true, error);
    const event = networkReport(error)?.event ?? 'unknown';
    throw new NoAnswer(`${url.host} cannot be asked: ${EVENTS[event] ?? event}`, false, error);
  }
}

const EVENTS: Readonly<Record<string, string>> = {
  refused: 'connection refused',
  unreachable: 'network unreachable',
  reset: 'connection reset',
  'no-answer': 'no answer',
  'name-not-resolved': 'no such host',
  'cut-off': 'its answer is cut off',
  'too-large': 'its answer is too large',
  unknown: 'the connection failed',
};
