// Owns the running of a command line that a setting names (`credential_process`, the MFA command): its shell, its limits, its
// end. Must not repeat what it says: stdout may hold keys, and stderr whatever the program thinks fit.
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { closeSync, existsSync } from 'node:fs';
import { homeDirectory } from '../../../runtime.ts';
import { openTerminalDescriptor } from '../terminal.ts';

const OUTPUT_LIMIT = 64 * 1024;
/** How long after the command's end its last bytes are waited for: what it left running may hold the pipe open for ever. */
const DRAIN_MS = 250;

/** How a command ended. */
export interface CommandOutcome {
  readonly output: string;
  /** Undefined when all went well, else what went wrong, in words that hold nothing of the command's own. */
  readonly failure?: string;
}

/** Runs a command line in the user's shell, as the SDKs do; an aborted `signal` kills it and throws the signal's reason. */
export async function runCommandLine(
  command: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<CommandOutcome> {
  // Where a person sits at a terminal the command may ask there (aws-vault and its like do); our own stderr stays silent.
  const terminal = openTerminalDescriptor(env);
  const person = terminal ?? 'ignore';
  try {
    return await run(command, env, [person, 'pipe', person], signal);
  } finally {
    if (terminal !== undefined) closeSync(terminal);
  }
}

function run(
  command: string,
  env: NodeJS.ProcessEnv,
  stdio: StdioOptions,
  signal: AbortSignal,
): Promise<CommandOutcome> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    // A group of its own can be killed as a whole, but has no terminal; so not where a person may be asked.
    const hasGroup = process.platform !== 'win32' && Array.isArray(stdio) && stdio[0] === 'ignore';
    const child = spawn(command, {
      shell: true,
      cwd: workingDirectory(env),
      env,
      windowsHide: true,
      stdio,
      detached: hasGroup,
    });
    const chunks: Buffer[] = [];
    let length = 0;
    let failure: string | undefined;
    let drain: NodeJS.Timeout | undefined;
    const letGo = (): void => {
      clearTimeout(drain);
      signal.removeEventListener('abort', abort);
      child.stdout?.destroy();
      child.unref();
    };
    const finish = (): void => {
      letGo();
      const output = Buffer.concat(chunks).toString('utf8');
      resolve(failure === undefined ? { output } : { output, failure });
    };
    const abort = (): void => {
      kill(child, hasGroup);
      letGo();
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    child.stdout?.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= OUTPUT_LIMIT) chunks.push(chunk);
      else {
        failure = `its output is larger than ${OUTPUT_LIMIT} bytes`;
        kill(child, hasGroup);
      }
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      failure ??= `it cannot be started: ${error.code ?? error.name}`;
      finish();
    });
    child.once('exit', (exit, killedBy) => {
      if (exit !== 0)
        failure ??= exit === null ? `it was ended by ${killedBy}` : `it ended with exit code ${exit}`;
      drain = setTimeout(finish, DRAIN_MS);
    });
    child.once('close', finish);
  });
}

/** Not the current directory: that is whatever repository a person cloned, and cmd.exe looks for programs there first. */
function workingDirectory(env: NodeJS.ProcessEnv): string {
  const home = homeDirectory(env);
  if (home !== undefined && existsSync(home)) return home;
  return process.platform === 'win32' ? env.SystemRoot || 'C:\\' : '/';
}

/** By its path: Windows looks for a bare name in the current directory first. */
const TASKKILL = `${process.env.SystemRoot || 'C:\\Windows'}\\System32\\taskkill.exe`;

/** Ends the command and what it started. */
function kill(child: ChildProcess, hasGroup: boolean): void {
  const { pid } = child;
  if (pid === undefined) return;
  try {
    if (process.platform === 'win32')
      spawn(TASKKILL, ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore', windowsHide: true }).unref();
    else if (hasGroup) process.kill(-pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // It has ended already.
  }
}
