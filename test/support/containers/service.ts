// Owns long-running programs of the end-to-end tests: start one, wait until it is ready, end it by its pid.
// It must not know what the program is for, and never ends anything that it did not start.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { undoAtExit } from './undo.ts';

/** A running program and what it has written. */
export interface Service {
  readonly pid: number;
  log(): string;
  stop(): Promise<void>;
}

/** What to start, and how to see that it is ready. */
export interface ServiceOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly isReady: () => Promise<boolean>;
  readonly readyWithinMs?: number;
}

/** Starts a program and resolves once it is ready; rejects with the end of its log when it never is. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { command, args, environment, logFile, isReady, readyWithinMs = 60_000 } = options;
  // A file, not a pipe: what the program has written is there to read the moment a client's command ends.
  const out = openSync(logFile, 'a', 0o600);
  // The kernel ends the program when the test process is killed and can no longer do it itself.
  const supervised = ['--pdeathsig', 'TERM', '--', command, ...args];
  const child = spawn('setpriv', supervised, { env: { ...environment }, stdio: ['ignore', out, out] });
  closeSync(out);
  await once(child, 'spawn');
  const killed = undoAtExit(() => kill(child));
  const log = () => readFileSync(logFile, 'utf8');

  const deadline = Date.now() + readyWithinMs;
  while (!(await isReady())) {
    const ended = hasEnded(child);
    if (ended || Date.now() > deadline) {
      killed();
      const state = ended ? 'ended before it was ready' : `was not ready within ${readyWithinMs} ms`;
      throw new Error(`${command} ${state}; the end of its log:\n${log().slice(-3000)}`);
    }
    await sleep(50);
  }
  return { pid: child.pid ?? 0, log, stop: () => stop(child, killed) };
}

async function stop(child: ChildProcess, killed: () => void): Promise<void> {
  if (!hasEnded(child)) {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await exited;
    clearTimeout(timer);
  }
  killed();
}

// Without waiting for events, for the end of the test process. Asked to end first: a killed Docker daemon leaves
// mounts behind, and a directory with a mount in it cannot be removed.
function kill(child: ChildProcess): void {
  if (hasEnded(child)) return;
  child.kill('SIGTERM');
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let waits = 0; waits < 100 && isAlive(child.pid); waits++) Atomics.wait(pause, 0, 0, 100);
  child.kill('SIGKILL');
}

// An ended child stays a zombie until Node hears of it, which it cannot while we wait.
function isAlive(pid: number | undefined): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
