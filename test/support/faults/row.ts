// Owns the form of a row of the fault table, and the words that many rows share. It must not know any one service.
import type { Fault } from '../aws/server.ts';
import type { targets } from './targets.ts';

/** A fault that needs no more than its name, or one in full, or nobody listening at all. */
export type RowFault = PlainFault | Exclude<Fault, { readonly kind: PlainFault }> | 'connection-refused';
type PlainFault = Exclude<Fault['kind'], 'slow' | 'redirect' | 'status'>;

/** What comes of it: a token, or the cause in these words and the hint. */
export type RowOutcome = 'served' | readonly [cause: string, hint: string];

/** One row: a service with a fault, for all requests or for the first only. */
export interface FaultRow {
  readonly target: keyof typeof targets;
  readonly fault: RowFault;
  readonly isOnce: boolean;
  readonly outcome: RowOutcome;
  /** AWS_ECR_TIMEOUT in seconds. */
  readonly timeout?: string;
}

/** Rows of one service; `URL` stands for the server, `ADDRESS` for its host and port, `TIME` for a time of AWS. */
export function rowsOf(
  target: FaultRow['target'],
  groups: {
    /** The fault hits the first request, and another try is served. */
    readonly servedAgain?: readonly RowFault[];
    /** The fault hits every request and does no harm. */
    readonly served?: readonly RowFault[];
    /** The fault hits every request. */
    readonly failed: readonly (readonly [fault: RowFault, cause: string, hint: string])[];
    /** As `failed`, with a short limit. */
    readonly hung?: readonly (readonly [fault: RowFault, cause: string, hint: string])[];
    readonly timeout?: string;
  },
): FaultRow[] {
  const { servedAgain = [], served = [], failed, hung = [], timeout = '1' } = groups;
  return [
    ...servedAgain.map((fault) => ({ target, fault, isOnce: true, outcome: 'served' as const })),
    ...served.map((fault) => ({ target, fault, isOnce: false, outcome: 'served' as const })),
    ...failed.map(([fault, ...outcome]) => ({ target, fault, isOnce: false, outcome })),
    ...hung.map(([fault, ...outcome]) => ({ target, fault, isOnce: false, outcome, timeout })),
  ];
}

/** Faults that a service recovers from, so that a second try is served. */
export const PASSING: readonly RowFault[] = [
  'connection-reset',
  'internal-error',
  'unavailable',
  'throttled',
  'truncated-body',
];

/** Faults that say nothing about the answer. */
export const HARMLESS: readonly RowFault[] = ['wrong-content-type', { kind: 'slow', delayMs: 300 }];

/** AWS's sentences, as they stand in causes. */
export const FAILED_500 =
  'failed: ServerException (status 500): The request processing has failed because of an unknown error, exception or failure';
export const FAILED_503 =
  'failed: ServiceUnavailable (status 503): The request has failed due to a temporary failure of the server';
export const SKEWED =
  "the clock of this machine differs too much from AWS's: Signature expired: TIME is now earlier than TIME (TIME - 5 min.)";
export const EXPIRED = 'The security token included in the request is expired';

const UNUSABLE = 'gave an answer that cannot be used';
export const CUT_OFF = `${UNUSABLE} (URL): the connection ended in the middle of it`;
export const HTML = `${UNUSABLE} (URL): it is an HTML page, as a proxy or the sign-in page of a network sends it`;
export const TOO_LARGE = `${UNUSABLE} (URL): it is larger than 1048576 bytes`;
export const MALFORMED = `${UNUSABLE}: it is not of the form that this service answers in`;
export const REDIRECTED = `${UNUSABLE}: it redirects elsewhere (status 302)`;
export const WITHOUT_TOKEN = `${UNUSABLE}: it holds no authorization token`;
export const NOT_BASE64 = `${UNUSABLE}: its authorization token is not base64`;
export const WITHOUT_COLON = `${UNUSABLE}: its authorization token is not of the form user:password`;
export const PAST = `${UNUSABLE}: its authorization token has already expired`;
export const WITHOUT_EXPIRY = `${UNUSABLE}: it says no time of expiry`;
export const THROTTLED = "throttles this account's requests";
export const RESET = 'cannot connect to URL: connection reset';
export const REFUSED = 'cannot connect to http://127.0.0.1:1: connection refused';

/** Hints. */
export const CHECK_ENDPOINT = 'check AWS_ENDPOINT_URL and any proxy in between';
export const CHECK_NETWORK =
  'check the network, the firewall and AWS_ENDPOINT_URL; set HTTPS_PROXY where a proxy is needed';
export const CHECK_LIMIT = 'check the network and HTTPS_PROXY; AWS_ECR_TIMEOUT sets the limit in seconds';
export const OUTAGE = 'try again in a minute; https://health.aws.amazon.com/health/status tells of outages';
export const SLOW_DOWN =
  'try again in a minute; keep the cache on (AWS_ECR_DISABLE_CACHE unset) so that parallel jobs share one token';
export const SET_CLOCK = 'set the clock: timedatectl set-ntp true';
export const TEST_SOURCE = 'test the source with "aws sts get-caller-identity"';

/** The hint to renew the credentials of a source. */
export function renew(source: string): string {
  return `renew the credentials from ${source}; test them with "aws sts get-caller-identity"`;
}

/** The cause of a denial by the fault, which speaks of the same action for every service. */
export function denied(service: string): [cause: string, hint: string] {
  const alice = 'arn:aws:iam::123456789012:user/alice';
  const action = `${service}:GetAuthorizationToken`;
  return [
    `access denied: ${alice} may not call ${action} (User: ${alice} is not authorized to perform: ${action} on resource: * with an explicit deny in a service control policy)`,
    `allow ${action} on "*" in a policy of ${alice}; see who you are with "aws sts get-caller-identity"`,
  ];
}
