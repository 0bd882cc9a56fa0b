// Owns the step from whatever the SDK, the runtime or the network threw to our own kinds of failure.
// Must not word anything for people, and must not let a secret through: of an AWS error only its code and message are taken.
import { type Source, sourceName } from '../../aws/source.ts';
import { HelperError, type Problem } from '../../errors.ts';
import type { Registry } from '../../registry.ts';
import { type NetworkEvent, networkReport, type Route } from './network-failure.ts';
import { RESPONSE_LIMIT } from './response-body.ts';
import type { Step } from './session.ts';

/** What was being done when it failed. */
export interface FailureContext {
  readonly step: Step;
  readonly source: Source;
  readonly registry: Registry;
  /** Where the latest request went, if one was made. */
  readonly route: Route | undefined;
}

/** The {@link HelperError} for anything thrown during a fetch. */
export function explainFailure(error: unknown, context: FailureContext): HelperError {
  const causes = causeChain(error);
  const known = causes.find((cause) => cause instanceof HelperError);
  if (known !== undefined) return located(known, context.route);
  // The network first: the SDK hangs its `$metadata` on errors of sockets too, so they look like an answer of AWS.
  const problem =
    first(causes, (cause) => networkProblem(cause, context)) ??
    first(causes, (cause) => awsProblem(cause, context)) ??
    providerProblem(causes, context);
  return new HelperError(problem, { cause: error });
}

/** A limit is kept by the fetch, which does not know where the time went; the transport does. */
function located(error: HelperError, route: Route | undefined): HelperError {
  const { problem } = error;
  if (problem.kind !== 'timed-out' || route === undefined) return error;
  const { endpoint, proxy } = route;
  return new HelperError(
    { ...problem, endpoint, ...(proxy === undefined ? {} : { proxy }) },
    { cause: error },
  );
}

function first<T>(causes: readonly unknown[], find: (cause: unknown) => T | undefined): T | undefined {
  for (const cause of causes) {
    const found = find(cause);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The error, its causes, and the members of an AggregateError (both address families refused), outermost first. */
function causeChain(error: unknown, depth = 0): unknown[] {
  if (depth > 6 || error === undefined || error === null) return [];
  const inner = error instanceof AggregateError ? error.errors : [];
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return [error, ...[...inner, cause].flatMap((each) => causeChain(each, depth + 1))];
}

/** Codes by meaning, over all services: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html and its like. */
const CODES: readonly (readonly [
  meaning: 'denied' | 'rejected' | 'expired' | 'skew' | 'throttled',
  code: RegExp,
])[] = [
  ['denied', /^AccessDenied/],
  ['expired', /^(ExpiredToken|ExpiredTokenException|RequestExpired|TokenRefreshRequired)$/],
  ['skew', /^(RequestTimeTooSkewed|InvalidSignatureException\+time)$/],
  [
    'rejected',
    /^(UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|IncompleteSignature|InvalidIdentityToken|MissingAuthenticationToken|InvalidAccessKeyId|AuthFailure|UnauthorizedException|ForbiddenException)/,
  ],
  [
    'throttled',
    /^(Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|PriorRequestNotComplete|LimitExceeded)/,
  ],
];

function awsProblem(error: unknown, { step, source, registry }: FailureContext): Problem | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const status = (error.$metadata as { httpStatusCode?: unknown } | undefined)?.httpStatusCode;
  const code = plainText(error.name);
  const message = plainText(error.message);
  const detail = sentence(message);
  const isSkew = /signature (expired|not yet current)|request timestamp|is earlier than|is now earlier/i.test(
    message,
  );
  const meaning = isSkew ? 'skew' : CODES.find(([, pattern]) => pattern.test(code))?.[0];
  switch (meaning) {
    case 'denied': {
      const caller =
        /(arn:[\w-]+:(?:iam|sts)::\d{12}:[\w+=,.@/-]+) is not authorized to perform: ([\w-]+:\w+)/.exec(
          message,
        );
      const action =
        caller?.[2] ?? (step.service.startsWith('AWS STS') ? 'sts:AssumeRole' : tokenAction(registry));
      return {
        kind: 'access-denied',
        action,
        detail,
        ...(caller?.[1] === undefined ? {} : { caller: caller[1] }),
      };
    }
    case 'expired':
      return { kind: 'credentials-expired', source: sourceName(source), detail };
    case 'skew':
      return { kind: 'clock-skew', detail };
    case 'rejected':
      if (step.service === 'AWS SSO' && source.kind === 'sso') return ssoExpired(source);
      return { kind: 'credentials-rejected', source: sourceName(source), service: step.service, detail };
    case 'throttled':
      return { kind: 'throttled', service: step.service };
  }
  // An error in a good answer is one of reading it: the SDK puts the parser's words there.
  const isGood = typeof status === 'number' && status >= 200 && status < 300;
  if (error instanceof SyntaxError || code === 'SyntaxError' || isGood)
    return {
      kind: 'bad-response',
      service: step.service,
      reason: 'it is not of the form that this service answers in',
    };
  if (typeof status === 'number' && status >= 300 && status < 400)
    return {
      kind: 'bad-response',
      service: step.service,
      reason: `it redirects elsewhere (status ${status})`,
    };
  return {
    kind: 'service-failed',
    service: step.service,
    code: typeof status === 'number' ? `${code} (status ${status})` : code,
    detail: detail || 'no reason given',
  };
}

function tokenAction(registry: Registry): string {
  return `${registry.service}:GetAuthorizationToken`;
}

/** Certificates that are no good, as opposed to connections. */
const TLS_EVENTS: readonly NetworkEvent[] = [
  'untrusted',
  'expired',
  'not-yet-valid',
  'other-host',
  'no-handshake',
  'bad-certificate',
];

function networkProblem(error: unknown, { step, registry }: FailureContext): Problem | undefined {
  const report = networkReport(error);
  if (report === undefined) return undefined;
  const { event, endpoint, host, proxy, status, code } = report;
  const way = { endpoint, ...(proxy === undefined ? {} : { proxy }) };
  if (TLS_EVENTS.includes(event))
    return { kind: 'tls-failed', ...way, flaw: event, code, authorities: report.trusted ?? 'none' };
  if (proxy !== undefined && OF_THE_PROXY[event] !== undefined) {
    const refused = status === 407 ? 'it wants a user and a password (status 407)' : `status ${status}`;
    const reason = event === 'proxy-refused' ? refused : OF_THE_PROXY[event];
    return { kind: 'proxy-failed', proxy, endpoint, reason };
  }
  switch (event) {
    case 'name-not-resolved':
      return {
        kind: 'name-not-resolved',
        host,
        ...(host.includes(registry.region) ? { region: registry.region } : {}),
        ...(code === 'ENOTFOUND' ? {} : { code }),
      };
    case 'too-large':
    case 'cut-off':
    case 'web-page':
      return { kind: 'bad-response', service: step.service, ...way, reason: BAD_ANSWERS[event] };
    default:
      return { kind: 'connection-failed', ...way, reason: BROKEN[event] ?? code };
  }
}

/** What, with a proxy in force, is the proxy's doing: nobody else is connected to, and no other name is looked up here. */
const OF_THE_PROXY: Readonly<Partial<Record<NetworkEvent, string>>> = {
  'proxy-refused': '',
  'name-not-resolved': 'its name cannot be resolved',
  refused: 'connection refused',
  unreachable: 'network unreachable',
};

const BROKEN: Readonly<Partial<Record<NetworkEvent, string>>> = {
  refused: 'connection refused',
  unreachable: 'network unreachable',
  reset: 'connection reset',
  'no-answer': 'connection timed out',
};

const BAD_ANSWERS = {
  'too-large': `it is larger than ${RESPONSE_LIMIT} bytes`,
  'cut-off': 'the connection ended in the middle of it',
  'web-page': 'it is an HTML page, as a proxy or the sign-in page of a network sends it',
} as const;

/** The SDK's credential providers throw plain sentences; a bug of ours stands here too, with its name. */
function providerProblem(causes: readonly unknown[], { step, source }: FailureContext): Problem {
  const error = causes[0];
  const message = error instanceof Error ? sentence(plainText(error.message)) : String(typeof error);
  const isProvider = causes.some(
    (cause) =>
      cause instanceof Error && /^(CredentialsProvider|TokenProvider|Provider)Error$/.test(cause.name),
  );
  if (isProvider && source.kind === 'sso' && /expired|invalid|not found|sso login/i.test(message))
    return ssoExpired(source);
  if (isProvider && source.kind === 'login') return { kind: 'login-expired', profile: source.profile };
  if (isProvider || step.what.startsWith('getting'))
    return { kind: 'source-failed', source: sourceName(source), reason: message };
  if (error instanceof SyntaxError)
    return {
      kind: 'bad-response',
      service: step.service,
      reason: 'it is not of the form that this service answers in',
    };
  const name = error instanceof Error ? plainText(error.name) : 'unknown error';
  return { kind: 'internal', detail: `${name} while ${step.what}: ${message}` };
}

function ssoExpired(source: Extract<Source, { kind: 'sso' }>): Problem {
  return {
    kind: 'sso-expired',
    profile: source.profile,
    ...(source.session === undefined ? {} : { session: source.session }),
  };
}

/** An answer that says its message or code twice, or as an object, makes the SDK's error hold a list or an object there. */
function plainText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** One short sentence without a final stop, request ids and other endings that differ from call to call cut off. */
function sentence(message: string): string {
  const line = message.split('\n')[0]?.trim() ?? '';
  return (line.length > 300 ? `${line.slice(0, 299)}…` : line).replace(/\.$/, '');
}
