// Owns running one client command to its end with a scrubbed environment and capturing what it says.
// It must not inherit anything from the environment of the test process.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

import { undoAtExit } from './undo.ts';

/** How a client command ended and what it wrote. */
export interface Outcome {
  readonly command: string;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Standard input and environment of a client command. */
export interface RunOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly stdin?: string;
  readonly withinMs?: number;
}

/** Runs a command to its end; a command that takes too long is killed and reported as an error. */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<Outcome> {
  const { environment, cwd, stdin = '', withinMs = 120_000 } = options;
  // A group of its own, so that the credential helper ends with its client; and no terminal to ask a person on.
  const child = spawn(command, [...args], { cwd, env: { ...environment }, stdio: 'pipe', detached: true });
  const kill = undoAtExit(() => killGroup(child));
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    killGroup(child);
  }, withinMs);
  // A client that never reads its standard input closes it first.
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  try {
    const [stdout, stderr] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    const line = [command, ...args].join(' ');
    if (late) throw new Error(`${line} did not end within ${withinMs} ms\n${stdout}\n${stderr}`);
    return { command: line, code: child.exitCode, stdout, stderr };
  } finally {
    clearTimeout(timer);
    kill();
  }
}

// Only while the client runs is its number surely the number of its group.
function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
}

/** The outcome as one text, for assertion messages. */
export function describeOutcome({ command, code, stdout, stderr }: Outcome): string {
  return `$ ${command}\nexit ${code}\n--- stdout\n${stdout}\n--- stderr\n${stderr}`;
}
