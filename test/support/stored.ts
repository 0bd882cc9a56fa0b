// Owns passwords and store messages as clients hand them over: those of ECR's form and those that only look like it.
// It must not know what the helper makes of them.
import { HOST } from './world.ts';

const HOUR_S = 3600;

/** A password of ECR's form that the program did not issue; `expiresInS` may be negative. */
export function foreignPassword({ expiresInS = HOUR_S } = {}): string {
  return base64({ ...BODY, expiration: Math.floor(Date.now() / 1000) + expiresInS });
}

const BODY = {
  payload: 'canary-of-a-foreign-token'.repeat(20),
  datakey: 'key',
  version: '2',
  type: 'DATA_KEY',
};

/** Passwords that are no usable token of ECR. */
export function unusablePasswords(): Record<string, string> {
  return {
    expired: foreignPassword({ expiresInS: -1 }),
    'from a far future': foreignPassword({ expiresInS: 100 * 24 * HOUR_S }),
    'not base64': 'canary password with spaces, and no base64',
    'base64 of no JSON': Buffer.from('canary: no JSON at all').toString('base64'),
    'without a time of expiry': base64(BODY),
    'with a time of expiry that is a text': base64({ ...BODY, expiration: '4000000000' }),
    empty: '',
  };
}

/** The message of `docker login`. */
export function storeMessage(secret: string, { serverUrl = HOST, username = 'AWS' } = {}): string {
  return `${JSON.stringify({ ServerURL: serverUrl, Username: username, Secret: secret })}\n`;
}

function base64(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64');
}
