// Owns the search for secrets where none may be: streams, log, file names, foreign files, command lines.
// It must not know which action may answer with a password; that is told.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { Home } from './home.ts';
import type { RunResult } from './run.ts';

/** Every secret that a run could have met. */
export interface Secrets {
  /** Secret keys and session tokens of AWS: nowhere at all. */
  readonly aws: readonly string[];
  /** Passwords for a registry: on stdout of `get`, and in the token cache. */
  readonly passwords: readonly string[];
}

/** Where to look. */
export interface Traces {
  readonly result: RunResult;
  readonly home: Home;
  /** Paths below the home that the test wrote itself. */
  readonly written: ReadonlySet<string>;
  /** True for `get` alone. */
  readonly mayAnswer: boolean;
}

const TOKEN_FILE = /(^|\/)tokens-v1\/[^/]+\.json$/;

/** Fails when a secret stands where it must not. */
export function assertNoSecret({ aws, passwords }: Secrets, traces: Traces): void {
  const { result, home, written, mayAnswer } = traces;
  const all = [...aws, ...passwords];
  assertAbsent(all, result.stderr, 'stderr');
  assertAbsent(mayAnswer ? aws : all, result.stdout, 'stdout');
  for (const { path, text } of home.list()) {
    assertAbsent(all, path, 'a file name');
    if (!written.has(path)) assertAbsent(TOKEN_FILE.test(path) ? aws : all, text, path);
  }
}

/** Fails when a secret stands in the command line or the environment of the children of a process, or in its own command line. */
export function assertNoSecretInProcesses({ aws, passwords }: Secrets, pid: number): void {
  const all = [...aws, ...passwords];
  for (const each of [pid, ...descendants(pid)])
    assertAbsent(all, readFileSync(`/proc/${each}/cmdline`, 'utf8'), `the command line of ${each}`);
}

/** Fails when the text holds one of the secrets, whole, in part, or as base64. */
export function assertAbsent(secrets: readonly string[], text: string, place: string): void {
  // The message must not repeat the secret either: it goes into a build log.
  for (const [index, secret] of secrets.entries())
    for (const needle of needles(secret))
      assert.ok(!text.includes(needle), `secret number ${index} stands in ${place}`);
}

/** A piece from the middle finds a secret that was cut; its beginning is often the same for all. */
function needles(secret: string): string[] {
  const piece = secret.length > 64 ? secret.slice(32, 64) : secret;
  assert.ok(piece.length >= 16, 'a canary must be long enough to be found only where it was put');
  // In base64 the letters depend on where in a group of three the text begins.
  const encoded = [0, 1, 2].map((shift) =>
    Buffer.from('x'.repeat(shift) + piece)
      .toString('base64')
      .slice(4, -4),
  );
  return [piece, ...encoded, encodeURIComponent(piece)];
}

function descendants(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' '))
    .filter((text) => text !== '')
    .map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}
