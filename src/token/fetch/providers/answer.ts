// Owns the step from the JSON that credential sources answer to keys that sign. Must not repeat any of it in a message.
import type { AwsKeys } from '../../../aws/source.ts';

/** Where the shapes differ: IMDS and containers say `Token`, a process says `SessionToken`. */
export interface AnswerShape {
  readonly sessionToken: 'Token' | 'SessionToken';
  readonly isSessionTokenRequired: boolean;
}

/** The JSON object in an answer, tolerant of a byte order mark and line ends, or undefined. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, '').trim());
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Keys from an answer, or a reason why there are none. */
export function readKeys(
  answer: Readonly<Record<string, unknown>>,
  { sessionToken, isSessionTokenRequired }: AnswerShape,
  now = Date.now(),
): AwsKeys | string {
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Expiration: expiration } = answer;
  const token = answer[sessionToken] ?? '';
  if (!isText(accessKeyId) || !isText(secretAccessKey))
    return 'its answer lacks AccessKeyId or SecretAccessKey';
  if (token !== '' ? !isText(token) : isSessionTokenRequired) return `its answer lacks ${sessionToken}`;
  if (typeof expiration === 'string' && Date.parse(expiration) <= now)
    return `the credentials that it gave expired at ${new Date(expiration).toISOString()}`;
  return {
    accessKeyId,
    secretAccessKey,
    ...(isText(token) ? { sessionToken: token } : {}),
  };
}

// Anything else could not stand in a header.
function isText(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);
}
