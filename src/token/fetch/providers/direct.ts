// Owns one question to instance metadata or the container endpoint: directly, with a limit, and a reason in words where there
// is no answer; asked again where the other end stumbles. Must not know what is asked.
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
  /** True where the next try may well be answered. */
  readonly isTransient: boolean;

  constructor(reason: string, kind: 'timeout' | 'transient' | 'final', cause: unknown) {
    super(reason, { cause });
    this.name = 'NoAnswer';
    this.reason = reason;
    this.isTimeout = kind === 'timeout';
    this.isTransient = kind === 'transient';
  }
}

/** Agents and metadata services are throttled, and restarted, when many containers start at once. */
const TRIES = 3;
const PAUSE_MS = 100;

/** Asks `url`, for at most `limitMs`; an overloaded or restarting service up to three times. Throws {@link NoAnswer}. */
export async function askDirectly(url: URL, request: DirectRequest, limitMs: number): Promise<DirectAnswer> {
  const signal = AbortSignal.timeout(limitMs);
  for (let tries = 1; ; tries += 1) {
    try {
      const answer = await askOnce(url, request, signal, limitMs);
      const isOverloaded = answer.status === 429 || answer.status >= 500;
      if (tries === TRIES || !isOverloaded || signal.aborted) return answer;
    } catch (error) {
      if (tries === TRIES || !(error instanceof NoAnswer) || !error.isTransient) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * tries));
  }
}

async function askOnce(
  url: URL,
  { method = 'GET', headers }: DirectRequest,
  signal: AbortSignal,
  limitMs: number,
): Promise<DirectAnswer> {
  try {
    const { status, body } = await directFetch({ url: url.href, method, headers }, signal);
    return { status, body: new TextDecoder().decode(body) };
  } catch (error) {
    if (signal.aborted) throw new NoAnswer(`no answer within ${limitMs / 1000} s`, 'timeout', error);
    const event = networkReport(error)?.event ?? 'unknown';
    const kind = event === 'reset' || event === 'cut-off' ? 'transient' : 'final';
    throw new NoAnswer(`${url.host} cannot be asked: ${EVENTS[event] ?? event}`, kind, error);
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
