// Owns the reading of an answer's body up to a limit. Must not interpret it.
import { HelperError } from '../../errors.ts';
import { RESPONSE_LIMIT } from './transport.ts';

/** All bytes of a body; throws `bad-response` past the limit, so that no answer fills the memory. */
export async function readLimited(body: AsyncIterable<Uint8Array> | null): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > RESPONSE_LIMIT)
      throw new HelperError({
        kind: 'bad-response',
        service: 'AWS',
        reason: `it is larger than ${RESPONSE_LIMIT} bytes`,
      });
    chunks.push(chunk);
  }
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
