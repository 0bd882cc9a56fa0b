// Owns what can go wrong between here and a service, told alike whatever the runtime: Node's and Bun's codes are brought to
// one list of events. Must not word anything for people, and carries no user info, query or header.
import { errorCode } from '../../runtime.ts';

/** What happened to a request. */
export type NetworkEvent =
  | 'name-not-resolved'
  | 'refused'
  | 'unreachable'
  | 'reset'
  | 'no-answer'
  | 'untrusted'
  | 'expired'
  | 'not-yet-valid'
  | 'other-host'
  | 'no-handshake'
  | 'bad-certificate'
  | 'proxy-refused'
  | 'cut-off'
  | 'too-large'
  | 'web-page'
  | 'unknown';

/** Where a request was on its way to. */
export interface Route {
  /** Scheme, host and port of the service. */
  readonly endpoint: string;
  readonly host: string;
  /** Scheme, host and port of the proxy in force. */
  readonly proxy?: string;
  /** The authorities that were trusted; set for TLS alone. */
  readonly trusted?: string;
}

/** What is known of a failure on the way. */
export interface NetworkReport extends Route {
  readonly event: NetworkEvent;
  /** Status of an answer, of the proxy or of the service. */
  readonly status?: number;
  readonly code: string;
}

/**
 * A failure on the way. The cause stays, since the SDK looks at its code to decide whether to try again; the report is a
 * plain own property, which survives the copies that the SDK's credential providers make of errors.
 */
export class NetworkFailure extends Error {
  readonly network: NetworkReport;

  constructor(network: NetworkReport, cause: unknown) {
    super(network.event, { cause });
    this.name = 'NetworkFailure';
    this.network = network;
  }
}

/** The report that an error carries, or undefined. */
export function networkReport(error: unknown): NetworkReport | undefined {
  if (!(error instanceof Error) || error.name !== 'NetworkFailure' || !('network' in error)) return undefined;
  return error.network as NetworkReport;
}

/** Codes as met in experiments with Node 24 and Bun 1.4; the two agree in most. */
const EVENTS: readonly (readonly [event: NetworkEvent, code: RegExp])[] = [
  ['name-not-resolved', /^(ENOTFOUND|EAI_\w+|ENODATA|ESERVFAIL|DNS_\w+)$/],
  ['refused', /^(ECONNREFUSED|ConnectionRefused)$/],
  ['unreachable', /^(ENETUNREACH|EHOSTUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|EACCES|EPERM)$/],
  ['reset', /^(ECONNRESET|ECONNABORTED|EPIPE|ConnectionClosed|ERR_STREAM_PREMATURE_CLOSE)$/],
  ['no-answer', /^(ETIMEDOUT|ConnectionTimeout)$/],
  ['proxy-refused', /^ERR_PROXY_TUNNEL$/],
  ['expired', /^CERT_HAS_EXPIRED$/],
  ['not-yet-valid', /^CERT_NOT_YET_VALID$/],
  ['other-host', /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/],
  [
    'untrusted',
    /^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|CERT_UNTRUSTED)$/,
  ],
  ['no-handshake', /^(EPROTO|ERR_SSL_\w+)$/],
  ['too-large', /^BODY_TOO_LARGE$/],
  ['cut-off', /^BODY_CUT_OFF$/],
  ['bad-certificate', /^(CERT_\w+|INVALID_\w+|UNABLE_TO_\w+|PATH_LENGTH_EXCEEDED|ERR_TLS_\w+)$/],
];

/** The event behind a runtime's error. */
export function networkEvent(error: unknown): NetworkEvent {
  const code = deepCode(error);
  return EVENTS.find(([, pattern]) => pattern.test(code))?.[0] ?? 'unknown';
}

/** An error of a runtime as a failure on a route. */
export function networkFailure(error: unknown, route: Route): NetworkFailure {
  if (error instanceof NetworkFailure) return error;
  const event = networkEvent(error);
  // Bun gives the proxy's status in words only; our own error for Node is made after its model.
  const status =
    event === 'proxy-refused' && error instanceof Error ? /\b(\d{3})\b/.exec(error.message)?.[1] : undefined;
  return new NetworkFailure(
    {
      ...route,
      event,
      code: deepCode(error) || nameOf(error),
      ...(status === undefined ? {} : { status: Number(status) }),
    },
    error,
  );
}

/** Own code, else the code of a member (both address families failed), else of the cause. */
function deepCode(error: unknown): string {
  const own = errorCode(error);
  if (own !== '' || !(error instanceof Error)) return own;
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error.cause;
  return inner === undefined ? '' : deepCode(inner);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown error';
}
