// Owns the exact outcomes that the protocol knows, and the comparison of a run with one of them.
// The protocol's words are written out here and not taken from the program.
import assert from 'node:assert/strict';
import type { RunResult } from './run.ts';
import { HOST, SENTINEL, type World } from './world.ts';

/** All that a client sees of a run. */
export interface Expected {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: 0 | 1;
}

/** Compares every byte; a signal or a writer that met a closed pipe is a difference too. */
export function assertOutcome(result: RunResult, expected: Expected): void {
  const { stdout, stderr, code, signal, writeError } = result;
  assert.deepEqual(
    { stdout, stderr, code, signal, writeError },
    { ...expected, signal: null, writeError: undefined },
  );
}

/** Success with this on stdout, and silence. */
export function success(stdout: string): Expected {
  return { stdout, stderr: '', code: 0 };
}

/** Exit 1 with this on stdout, and silence. */
export function refusal(stdout: string): Expected {
  return { stdout, stderr: '', code: 1 };
}

/** Not ours, or nothing to say: the sentinel, and silence. */
export const NOT_FOUND: Expected = refusal(SENTINEL);

/** A private registry that cannot be served: the sentinel for the client, cause and hint for the person. */
export function explained(cause: string, hint: string, registry = HOST): Expected {
  return {
    stdout: SENTINEL,
    stderr: `docker-credential-ecr-login: ${registry}: ${cause}\nhint: ${hint}\n`,
    code: 1,
  };
}

/** The answer to `get`: exactly three strings in one line. */
export function credentials(serverUrl: string, password: string): Expected {
  return success(`{"ServerURL":${JSON.stringify(serverUrl)},"Username":"AWS","Secret":"${password}"}\n`);
}

/** The password of the only token that the world's AWS has handed out. */
export function onlyPassword({ aws }: World): string {
  const [token, ...more] = aws.mintedTokens;
  assert.ok(token !== undefined && more.length === 0, `${aws.mintedTokens.length} tokens, not one`);
  return token.password;
}

/** Service and operation of each request, in order. */
export function operations({ aws }: World): string[] {
  return aws.requests.map(({ service, operation }) => `${service}:${operation}`);
}
