// Owns the rows of the fault table for the services that give credentials: STS, SSO and its OIDC, instance metadata, the
// container endpoint. Where a service has words of its own for a refusal, the rows use those.
import { ROLE, SSO_ACCOUNT } from '../sources.ts';
import {
  CHECK_ENDPOINT,
  CHECK_LIMIT,
  CHECK_NETWORK,
  CUT_OFF,
  denied,
  EXPIRED,
  FAILED_503,
  HARMLESS,
  HTML,
  MALFORMED,
  OUTAGE,
  PASSING,
  REDIRECTED,
  REFUSED,
  RESET,
  type RowFault,
  renew,
  rowsOf,
  SET_CLOCK,
  SKEWED,
  SLOW_DOWN,
  TEST_SOURCE,
  THROTTLED,
  TOO_LARGE,
} from './row.ts';

const STS = 'AWS STS in us-east-1';
const STS_SOURCE = `profile "dev" (role ${ROLE} from profile "alice")`;
const STS_HUNG = `timed out after 1 s: assuming role ${ROLE} (URL)`;

export const stsRows = rowsOf('sts', {
  servedAgain: PASSING,
  // The times in keys are for those who keep them; a fetch uses them at once, and ECR would say that they have expired.
  served: [...HARMLESS, 'expiry-in-the-past', 'expiry-absent'],
  failed: [
    ['connection-refused', REFUSED, CHECK_NETWORK],
    ['connection-reset', RESET, CHECK_NETWORK],
    ['unavailable', `${STS} ${FAILED_503}`, OUTAGE],
    ['throttled', `${STS} ${THROTTLED}`, SLOW_DOWN],
    ['access-denied', ...denied('sts')],
    ['expired-token', `the AWS credentials from ${STS_SOURCE} have expired: ${EXPIRED}`, renew(STS_SOURCE)],
    ['clock-skew', SKEWED, SET_CLOCK],
    ['truncated-body', `${STS} ${CUT_OFF}`, CHECK_ENDPOINT],
    ['html-page', `${STS} ${HTML}`, CHECK_ENDPOINT],
    ['malformed-body', `${STS} ${MALFORMED}`, CHECK_ENDPOINT],
    [
      'empty-data',
      `cannot get AWS credentials from ${STS_SOURCE}: Invalid response from STS.assumeRole call with role ${ROLE}`,
      TEST_SOURCE,
    ],
    ['huge-body', `${STS} ${TOO_LARGE}`, CHECK_ENDPOINT],
    [{ kind: 'redirect' }, `${STS} ${REDIRECTED}`, CHECK_ENDPOINT],
  ],
  hung: [
    ['hang-before-headers', STS_HUNG, CHECK_LIMIT],
    ['hang-after-headers', STS_HUNG, CHECK_LIMIT],
  ],
});

const SIGN_IN: [cause: string, hint: string] = [
  'the AWS SSO sign-in of profile "dev" is missing or has expired',
  'aws sso login --sso-session work',
];
const NO_ROLE = `cannot get AWS credentials from profile "dev": AWS SSO does not give you role "Pull" in account ${SSO_ACCOUNT}`;
const SSO_HUNG = 'timed out after 1 s: asking AWS SSO in us-east-1 for role Pull (URL)';
const SSO_FAILED = (status: number): string => `AWS SSO failed: status ${status}: no reason given`;
const answer = (status: number, code: string): RowFault => ({ kind: 'status', status, code });

/** What SSO and its OIDC have in common. */
const SSO_FAILURES: readonly (readonly [fault: RowFault, cause: string, hint: string])[] = [
  ['connection-refused', REFUSED, CHECK_NETWORK],
  ['connection-reset', RESET, CHECK_NETWORK],
  ['internal-error', SSO_FAILED(500), OUTAGE],
  ['unavailable', SSO_FAILED(503), OUTAGE],
  ['truncated-body', `AWS SSO ${CUT_OFF}`, CHECK_ENDPOINT],
  ['html-page', `AWS SSO ${HTML}`, CHECK_ENDPOINT],
  ['malformed-body', `AWS SSO ${MALFORMED}`, CHECK_ENDPOINT],
  ['empty-data', `AWS SSO ${MALFORMED}`, CHECK_ENDPOINT],
  ['expiry-absent', `AWS SSO ${MALFORMED}`, CHECK_ENDPOINT],
  ['huge-body', `AWS SSO ${TOO_LARGE}`, CHECK_ENDPOINT],
  [{ kind: 'redirect' }, `AWS SSO ${REDIRECTED}`, CHECK_ENDPOINT],
];
const SSO_HANGS: readonly (readonly [fault: RowFault, cause: string, hint: string])[] = [
  ['hang-before-headers', SSO_HUNG, CHECK_LIMIT],
  ['hang-after-headers', SSO_HUNG, CHECK_LIMIT],
];

export const ssoRows = rowsOf('sso', {
  servedAgain: ['connection-reset', 'unavailable', 'throttled', answer(429, 'TooManyRequestsException')],
  served: [...HARMLESS, 'expiry-in-the-past'],
  failed: [
    ...SSO_FAILURES,
    [answer(429, 'TooManyRequestsException'), `AWS SSO ${THROTTLED}`, SLOW_DOWN],
    [answer(401, 'UnauthorizedException'), ...SIGN_IN],
    [
      answer(403, 'ForbiddenException'),
      `${NO_ROLE} (status 403)`,
      'choose an account and a role that you have: aws configure sso --profile dev',
    ],
  ],
  hung: SSO_HANGS,
});

export const oidcRows = rowsOf('oidc', {
  servedAgain: ['connection-reset', 'unavailable', 'truncated-body'],
  served: ['wrong-content-type'],
  failed: [
    ...SSO_FAILURES,
    ['expiry-in-the-past', `AWS SSO ${MALFORMED}`, CHECK_ENDPOINT],
    [answer(400, 'ExpiredTokenException'), ...SIGN_IN],
    [answer(400, 'InvalidGrantException'), ...SIGN_IN],
    [answer(429, 'SlowDownException'), `AWS SSO ${THROTTLED}`, SLOW_DOWN],
  ],
  hung: SSO_HANGS,
});

const metadata = (reason: string, hint = SIGN_IN_SOMEHOW): [cause: string, hint: string] => [
  `no AWS credentials found: tried environment keys, AWS_WEB_IDENTITY_TOKEN_FILE, profile "default" (not in HOME/.aws/config or HOME/.aws/credentials), container endpoint, instance metadata (${reason})`,
  hint,
];
const SIGN_IN_SOMEHOW =
  'run "aws configure" or "aws sso login", or set AWS_PROFILE to a profile that has credentials';
const HOP_LIMIT: [cause: string, hint: string] = metadata(
  'it takes connections but its answers do not arrive within 1 s, as in a container whose instance has a hop limit of 1',
  'aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 2 --http-endpoint enabled --instance-id <id>',
);

export const imdsRows = rowsOf('imds', {
  servedAgain: ['connection-reset', 'internal-error', 'unavailable', 'truncated-body', answer(429, '')],
  served: [...HARMLESS, 'expiry-absent'],
  failed: [
    ['connection-refused', ...metadata('127.0.0.1:1 cannot be asked: connection refused')],
    ['connection-reset', ...metadata('ADDRESS cannot be asked: connection reset')],
    ['internal-error', ...metadata('it gave no session token (status 500)')],
    ['unavailable', ...metadata('it gave no session token (status 503)')],
    [
      answer(403, ''),
      ...metadata(
        'it is disabled for this instance (status 403)',
        'aws ec2 modify-instance-metadata-options --http-endpoint enabled --instance-id <id>',
      ),
    ],
    ['truncated-body', ...metadata('ADDRESS cannot be asked: its answer is cut off')],
    ['html-page', ...metadata('it gave no session token (status 200)')],
    ['malformed-body', ...metadata('it answered with status 401')],
    ['empty-data', ...metadata('it gave no session token (status 200)')],
    ['huge-body', ...metadata('ADDRESS cannot be asked: its answer is too large')],
    [{ kind: 'redirect' }, ...metadata('it gave no session token (status 302)')],
    ['hang-before-headers', ...HOP_LIMIT],
    ['hang-after-headers', ...HOP_LIMIT],
    [
      'expiry-in-the-past',
      'cannot get AWS credentials from instance metadata: the credentials that it gave expired at 2020-01-01T00:00:00.000Z',
      TEST_SOURCE,
    ],
  ],
});

const container = (reason: string): [cause: string, hint: string] => [
  `cannot get AWS credentials from the container endpoint: ${reason}`,
  TEST_SOURCE,
];

export const containerRows = rowsOf('container', {
  servedAgain: [
    'connection-reset',
    'internal-error',
    'unavailable',
    'truncated-body',
    answer(429, 'Throttled'),
  ],
  served: [...HARMLESS, 'expiry-absent'],
  timeout: '3',
  failed: [
    ['connection-refused', ...container('127.0.0.1:1 cannot be asked: connection refused')],
    ['connection-reset', ...container('ADDRESS cannot be asked: connection reset')],
    ['internal-error', ...container('it answered with status 500: ServerException')],
    ['unavailable', ...container('it answered with status 503: ServiceUnavailable')],
    [answer(429, 'Throttled'), ...container('it answered with status 429: Throttled')],
    ['access-denied', ...container('it answered with status 400: AccessDeniedException')],
    ['truncated-body', ...container('ADDRESS cannot be asked: its answer is cut off')],
    ['html-page', ...container('its answer is not JSON')],
    ['malformed-body', ...container('its answer is not JSON')],
    ['empty-data', ...container('its answer lacks AccessKeyId or SecretAccessKey')],
    ['expiry-in-the-past', ...container('the credentials that it gave expired at 2020-01-01T00:00:00.000Z')],
    ['huge-body', ...container('ADDRESS cannot be asked: its answer is too large')],
    [{ kind: 'redirect' }, ...container('it answered with status 302')],
  ],
  hung: [
    ['hang-before-headers', ...container('no answer within 2 s')],
    ['hang-after-headers', ...container('no answer within 2 s')],
  ],
});
