// Owns the rows of the fault table for ECR and ECR Public. A fault of ECR Public goes to the log alone: anonymous pulls are legal.
import {
  CHECK_ENDPOINT,
  CHECK_LIMIT,
  CHECK_NETWORK,
  CUT_OFF,
  denied,
  EXPIRED,
  FAILED_500,
  FAILED_503,
  HARMLESS,
  HTML,
  MALFORMED,
  NOT_BASE64,
  OUTAGE,
  PASSING,
  PAST,
  REDIRECTED,
  REFUSED,
  RESET,
  renew,
  rowsOf,
  SET_CLOCK,
  SKEWED,
  SLOW_DOWN,
  THROTTLED,
  TOO_LARGE,
  WITHOUT_COLON,
  WITHOUT_EXPIRY,
  WITHOUT_TOKEN,
} from './row.ts';

const ECR = 'Amazon ECR in us-east-1';
const PUBLIC = 'Amazon ECR Public';
const EXPIRED_KEYS = `the AWS credentials from environment keys have expired: ${EXPIRED}`;
const TIMED_OUT = 'timed out after 1 s: asking URL for an authorization token';

export const ecrRows = rowsOf('ecr', {
  servedAgain: [...PASSING, 'clock-skew'],
  served: HARMLESS,
  failed: [
    ['connection-refused', REFUSED, CHECK_NETWORK],
    ['connection-reset', RESET, CHECK_NETWORK],
    ['internal-error', `${ECR} ${FAILED_500}`, OUTAGE],
    ['unavailable', `${ECR} ${FAILED_503}`, OUTAGE],
    ['throttled', `${ECR} ${THROTTLED}`, SLOW_DOWN],
    ['access-denied', ...denied('ecr')],
    ['expired-token', EXPIRED_KEYS, renew('environment keys')],
    ['clock-skew', SKEWED, SET_CLOCK],
    ['truncated-body', `${ECR} ${CUT_OFF}`, CHECK_ENDPOINT],
    ['html-page', `${ECR} ${HTML}`, CHECK_ENDPOINT],
    ['malformed-body', `${ECR} ${MALFORMED}`, CHECK_ENDPOINT],
    ['empty-data', `${ECR} ${WITHOUT_TOKEN}`, CHECK_ENDPOINT],
    ['bad-base64-token', `${ECR} ${NOT_BASE64}`, CHECK_ENDPOINT],
    ['token-without-colon', `${ECR} ${WITHOUT_COLON}`, CHECK_ENDPOINT],
    ['expiry-in-the-past', `${ECR} ${PAST}`, CHECK_ENDPOINT],
    ['expiry-absent', `${ECR} ${WITHOUT_EXPIRY}`, CHECK_ENDPOINT],
    ['huge-body', `${ECR} ${TOO_LARGE}`, CHECK_ENDPOINT],
    [{ kind: 'redirect' }, `${ECR} ${REDIRECTED}`, CHECK_ENDPOINT],
  ],
  hung: [
    ['hang-before-headers', TIMED_OUT, CHECK_LIMIT],
    ['hang-after-headers', TIMED_OUT, CHECK_LIMIT],
    [{ kind: 'slow', delayMs: 30_000 }, TIMED_OUT, CHECK_LIMIT],
  ],
});

export const ecrPublicRows = rowsOf('ecr-public', {
  servedAgain: ['connection-reset', 'unavailable', 'throttled', 'clock-skew'],
  served: ['wrong-content-type'],
  failed: [
    ['connection-refused', REFUSED, ''],
    ['internal-error', `${PUBLIC} ${FAILED_500}`, ''],
    ['throttled', `${PUBLIC} ${THROTTLED}`, ''],
    ['access-denied', denied('ecr-public')[0], ''],
    ['expired-token', EXPIRED_KEYS, ''],
    ['clock-skew', SKEWED, ''],
    ['truncated-body', `${PUBLIC} ${CUT_OFF}`, ''],
    ['malformed-body', `${PUBLIC} ${MALFORMED}`, ''],
    ['empty-data', `${PUBLIC} ${WITHOUT_TOKEN}`, ''],
    ['bad-base64-token', `${PUBLIC} ${NOT_BASE64}`, ''],
    ['expiry-in-the-past', `${PUBLIC} ${PAST}`, ''],
    ['expiry-absent', `${PUBLIC} ${WITHOUT_EXPIRY}`, ''],
    ['huge-body', `${PUBLIC} ${TOO_LARGE}`, ''],
    [{ kind: 'redirect' }, `${PUBLIC} ${REDIRECTED}`, ''],
  ],
  hung: [
    ['hang-before-headers', TIMED_OUT, ''],
    ['hang-after-headers', TIMED_OUT, ''],
  ],
});
