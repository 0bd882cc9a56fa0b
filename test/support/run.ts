// Owns one run of an executable: a real process with nothing in its environment but what the test lists, and all that it
// leaves behind. It must not judge the outcome.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import type { Executable } from './executables.ts';

/** What a process left behind. */
export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Wall time from start to end. */
  readonly ms: number;
  /** What the writer of stdin met, such as `EPIPE`; undefined when every byte was taken. */
  readonly writeError: string | undefined;
}

/**
 * What stdin is: written and ended (`end`), written and never ended (`hold`), no open descriptor at all (`closed`), or
 * the null device (`null`).
 */
export type StdinKind = 'end' | 'hold' | 'closed' | 'null';

/** How to run an executable. */
export interface RunOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly stdin?: string | Uint8Array;
  readonly stdinKind?: StdinKind;
  /** The process is killed after this; 15 s when left out. */
  readonly timeoutMs?: number;
  /** Called when the process has started. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** A PATH with the system's own programs, for a shell and what it runs. */
export const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

/** Runs an executable to its end. A process that takes too long is killed, which the result shows as its signal. */
export async function run(
  executable: Executable,
  argv: readonly string[],
  options: RunOptions,
): Promise<RunResult> {
  const command = [executable.command, ...executable.prefix, ...argv];
  return runCommand(options.stdinKind === 'closed' ? withClosedStdin(command) : command, options);
}

/** Runs any command line the same way. */
export async function runCommand(
  [command = '', ...args]: readonly string[],
  { env, cwd, stdin = '', stdinKind = 'end', timeoutMs = 15_000, onStart }: RunOptions,
): Promise<RunResult> {
  const startedAt = performance.now();
  const child = spawn(command, args, {
    cwd,
    env: { ...env },
    stdio: [stdinKind === 'null' || stdinKind === 'closed' ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    // A group of its own, so that what it started ends with it, and no terminal to ask a person on.
    detached: true,
  });
  const timer = setTimeout(() => kill(child), timeoutMs);
  let writeError: string | undefined;
  child.stdin?.on('error', (error: NodeJS.ErrnoException) => {
    // Nothing was written, so nothing was lost when the reader was gone already.
    if (stdin.length > 0) writeError = error.code ?? error.message;
  });
  if (stdinKind === 'end') child.stdin?.end(stdin);
  else child.stdin?.write(stdin);
  onStart?.(child);
  try {
    const [stdout, stderr] = await Promise.all([
      child.stdout === null ? '' : text(child.stdout),
      child.stderr === null ? '' : text(child.stderr),
      once(child, 'close'),
    ]);
    const ms = performance.now() - startedAt;
    return { stdout, stderr, code: child.exitCode, signal: child.signalCode, ms, writeError };
  } finally {
    clearTimeout(timer);
    child.stdin?.destroy();
  }
}

/** One word of a shell command line, quoted. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function withClosedStdin(command: readonly string[]): string[] {
  return ['/bin/sh', '-c', `exec ${command.map(quote).join(' ')} <&-`];
}

// Bytes that are no UTF-8 must show as a difference, not vanish; a reader that the test closed has seen nothing.
async function text(stream: NodeJS.ReadableStream): Promise<string> {
  try {
    return (await buffer(stream)).toString('utf8');
  } catch {
    return '';
  }
}

function kill({ pid, exitCode, signalCode }: ChildProcess): void {
  // Only while it runs is its number surely the number of its group.
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
}
