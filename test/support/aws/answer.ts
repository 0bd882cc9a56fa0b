// What a service hands back to the server, and the JSON that several services read and write.
// Owns these shapes only; it must not know any service.

import { randomUUID } from 'node:crypto';
import { AwsError } from './errors.ts';
import type { Reply } from './model.ts';

/** A service's answer: the reply, the ARN that the request proved if it was not signed, or silence. */
export interface Answer {
  readonly reply: Reply;
  readonly arn?: string;
  /** True when the packet is lost: no reply ever comes. */
  readonly lost?: boolean;
}

/** A successful reply of a REST JSON service. */
export function restJson(value: unknown): Reply {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'x-amzn-requestid': randomUUID() },
    body: JSON.stringify(value),
  };
}

/** The JSON object in a request body, an empty body being an empty object; throws what AWS answers to anything else. */
export function jsonObject(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString() || '{}');
    if (value && typeof value === 'object' && !Array.isArray(value)) return { ...value };
  } catch {
    // Not JSON: the same answer as JSON that is no object.
  }
  throw new AwsError('SerializationException', 400, 'The request body is not a JSON object');
}
