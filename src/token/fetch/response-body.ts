// Owns the reading of an answer's body up to a limit. Must not interpret it.

/** The most that an answer may hold, in bytes: a token is about 4 KiB, an STS answer 2. */
export const RESPONSE_LIMIT = 1024 * 1024;

/** What went wrong with a body; `code` is `BODY_TOO_LARGE`, or `BODY_CUT_OFF` where the connection ended within it. */
export class BodyError extends Error {
  readonly code: 'BODY_TOO_LARGE' | 'BODY_CUT_OFF';

  constructor(code: BodyError['code'], options?: ErrorOptions) {
    super(code, options);
    this.name = 'BodyError';
    this.code = code;
  }
}

/** All bytes of a body; throws {@link BodyError}, so that no answer fills the memory. */
export async function readLimited(body: AsyncIterable<Uint8Array> | null): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of body ?? []) {
      length += chunk.length;
      if (length > RESPONSE_LIMIT) throw new BodyError('BODY_TOO_LARGE');
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof BodyError ? error : new BodyError('BODY_CUT_OFF', { cause: error });
  }
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
