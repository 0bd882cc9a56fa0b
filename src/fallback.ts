// Owns the talk with another credential helper, for the hosts that are not ECR's: which program, how long, and that it is not
// this one. Requests and answers pass as bytes. Must not use a shell, nor run a program of the working directory.
import { spawn } from 'node:child_process';
import { findHelpers, isOurselves } from './docker/search-path.ts';
import type { Problem } from './errors.ts';
import type { Log } from './log.ts';
import { type Action, CREDENTIALS_NOT_FOUND, type Neighbour, type Outcome } from './protocol/messages.ts';
import { PROGRAM } from './version.ts';

/** Which helper, and what it needs from us. */
export interface FallbackParts {
  readonly env: NodeJS.ProcessEnv;
  /** `pass` for `docker-credential-pass`. */
  readonly name: string;
  readonly timeoutMs: number;
  readonly log: Log;
  /** True for a server URL that is the fallback's. */
  readonly owns: (serverUrl: string) => boolean;
  readonly explain: (
    registry: string,
    problem: Problem,
  ) => Promise<{ lines: readonly string[]; stdout: string }>;
}

/** What a helper that ran left behind. */
interface Answer {
  readonly stdout: Uint8Array;
  readonly stderr: string;
  readonly exitCode: 0 | 1;
}

/** A list of credentials is small; a helper that never stops talking is not to fill the memory. */
const STDOUT_LIMIT = 4 * 1024 * 1024;
/** Some clients wait until stderr is read, and read it last (jib): far below the 64 KiB of a pipe. */
const STDERR_LIMIT = 16 * 1024;
/** Whatever a helper leaves running may keep its pipes open; what it said itself is there at once. */
const GRACE_MS = 250;

/** The fallback helper as a neighbour. */
export function createFallback(parts: FallbackParts): Omit<Neighbour, 'owns'> {
  const { name, log, owns, explain } = parts;
  const helper = `docker-credential-${name}`;

  return {
    async pass(action, request) {
      const answer = await ask(action, request, parts);
      if (!('kind' in answer)) {
        // Silent on success, as ours is: Spring Boot reads both streams as one.
        const isSuccess = answer.exitCode === 0;
        if (isSuccess && answer.stderr !== '') log.debug('the fallback wrote on stderr', { helper, action });
        return { ...answer, stderr: isSuccess ? '' : answer.stderr };
      }
      const { lines, stdout } = await explain(helper, answer);
      log.error(stdout);
      return unanswered(action, lines, stdout);
    },

    async list(request) {
      const answer = await ask('list', request, parts);
      if ('kind' in answer) {
        log.error((await explain(helper, answer)).stdout);
        return {};
      }
      const listed = answer.exitCode === 0 ? parseList(answer.stdout) : undefined;
      if (listed === undefined) {
        log.error('the fallback gave no list', { helper });
        return {};
      }
      // A `get` for our own hosts never reaches the fallback, and one listed name that fails makes clients drop all.
      return Object.fromEntries(Object.entries(listed).filter(([serverUrl]) => owns(serverUrl)));
    },
  };
}

/** A fallback that cannot be asked: nothing is found, nothing stored, and erasing is no failure, as without one. */
function unanswered(action: Action, lines: readonly string[], cause: string): Outcome {
  const stderr = lines.map((line) => `${line}\n`).join('');
  if (action === 'get') return { stdout: `${CREDENTIALS_NOT_FOUND}\n`, stderr, exitCode: 1 };
  if (action === 'store') return { stdout: `${cause}\n`, stderr: '', exitCode: 1 };
  return { stdout: '', stderr: '', exitCode: 0 };
}

/** Finds the helper and asks it, or says why that cannot be. */
async function ask(
  action: Action,
  request: Uint8Array,
  { env, name, timeoutMs }: FallbackParts,
): Promise<Answer | Problem> {
  const helper = `docker-credential-${name}`;
  const fail = (reason: string, hint: string): Problem => ({ kind: 'fallback-failed', helper, reason, hint });
  // Without regard to case, as two of three file systems see it.
  const isOurName = PROGRAM === helper.toLowerCase();
  const [path] = isOurName ? [] : findHelpers(name, env);
  if (isOurName || (path !== undefined && isOurselves(path)))
    return fail(
      'it is this program',
      'name another helper in AWS_ECR_FALLBACK or as "fallback" in the config file',
    );
  if (path === undefined)
    return fail(
      'it is not on PATH',
      `install ${helper}, or correct AWS_ECR_FALLBACK or "fallback" in the config file`,
    );
  const answer = await run(path, action, request, { ...env, AWS_ECR_FALLBACK_ACTIVE: '1' }, timeoutMs);
  if (typeof answer !== 'string') return answer;
  return fail(answer, `run it by hand: echo registry.example.com | ${helper} get`);
}

/** One run of a helper; a reason in words where it could not be run to its end. */
function run(
  path: string,
  action: Action,
  request: Uint8Array,
  env: NodeJS.ProcessEnv,
  timeoutMs: number,
): Promise<Answer | string> {
  return new Promise((resolve) => {
    // Not detached: a helper may ask for a passphrase on the terminal.
    const child = spawn(path, [action], { env, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
    const stdout = collect(child.stdout, STDOUT_LIMIT);
    const stderr = collect(child.stderr, STDERR_LIMIT);
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      resolve(`it gave no answer in ${Math.round(timeoutMs / 100) / 10} s`);
    }, timeoutMs);
    child.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      resolve(`it cannot be run: ${error.code ?? error.name}`);
    });
    child.once('exit', async (code) => {
      await Promise.race([
        Promise.all([stdout.ended, stderr.ended]),
        new Promise((end) => setTimeout(end, GRACE_MS)),
      ]);
      clearTimeout(timer);
      resolve({
        stdout: stdout.bytes(),
        stderr: new TextDecoder().decode(stderr.bytes()),
        // Clients know no other codes, and Testcontainers takes all but 1 for success.
        exitCode: code === 0 ? 0 : 1,
      });
    });
    // A helper that leaves without reading is judged by its answer.
    child.stdin.on('error', () => {});
    child.stdin.end(request);
  });
}

/** What a stream says, up to a limit; the rest is read and dropped, so that nobody waits. */
function collect(
  stream: NodeJS.ReadableStream,
  limit: number,
): { readonly ended: Promise<void>; bytes(): Uint8Array } {
  const chunks: Uint8Array[] = [];
  let length = 0;
  stream.on('data', (chunk: Uint8Array) => {
    if (length < limit) chunks.push(chunk.subarray(0, limit - length));
    length += chunk.length;
  });
  return {
    ended: new Promise((resolve) => {
      stream.once('close', () => resolve());
      stream.once('error', () => resolve());
    }),
    bytes: () => new Uint8Array(Buffer.concat(chunks)),
  };
}

/** A helper's list, or undefined for what is no object of strings. */
function parseList(stdout: Uint8Array): Record<string, string> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(stdout));
  } catch {
    return undefined;
  }
  // `null` is what Go prints for an empty map that was never made.
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  return entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')
    ? Object.fromEntries(entries)
    : undefined;
}
