// Owns the step from bytes on stdin to a typed request: size, encoding, control characters, the store message.
// Must not know AWS: what a host means is decided elsewhere.
import { type Credentials, NO_SERVER_URL, NO_USERNAME, Refusal } from './messages.ts';

/** The most that a request may hold, in bytes: a store message with an ECR token is about 4 KiB. */
export const REQUEST_LIMIT = 64 * 1024;

/** The request as text; throws a {@link Refusal} for too many bytes or bytes that are not UTF-8. A leading BOM is dropped. */
export function decodeRequest(bytes: Uint8Array): string {
  if (bytes.length > REQUEST_LIMIT)
    throw new Refusal(`request is too large: more than ${REQUEST_LIMIT} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Refusal('request is not valid UTF-8');
  }
}

/** The server URL of a `get` or `erase` request, trimmed and otherwise as sent; empty input and control characters are refused. */
export function readServerUrl(text: string): string {
  const serverUrl = text.trim();
  if (serverUrl === '') throw new Refusal(NO_SERVER_URL);
  // U+FEFF and friends inside, NUL, a second line: no client sends them, and none may reach a message or a log.
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(serverUrl))
    throw new Refusal('server URL holds a control character');
  return serverUrl;
}

/** The credentials of a `store` request (one JSON object, with or without a newline); refused with the protocol's sentences. */
export function readCredentials(text: string): Credentials {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    // The parser's own words may quote the input, and the input holds a secret.
    throw new Refusal(text.trim() === '' ? NO_SERVER_URL : 'store message is not valid JSON');
  }
  if (typeof message !== 'object' || message === null || Array.isArray(message))
    throw new Refusal('store message must be a JSON object');
  const serverUrl = field(message, 'ServerURL');
  const username = field(message, 'Username');
  if (serverUrl.trim() === '') throw new Refusal(NO_SERVER_URL);
  if (username.trim() === '') throw new Refusal(NO_USERNAME);
  return { ServerURL: readServerUrl(serverUrl), Username: username, Secret: field(message, 'Secret') };
}

/** Go decodes keys without regard to case, so does this; a value that is no string is refused. */
function field(message: object, name: string): string {
  const entry =
    Object.entries(message).find(([key]) => key === name) ??
    Object.entries(message).find(([key]) => key.toLowerCase() === name.toLowerCase());
  const value: unknown = entry?.[1] ?? '';
  if (typeof value !== 'string') throw new Refusal(`store message has a ${name} that is not a string`);
  return value;
}
