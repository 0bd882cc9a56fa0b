// Owns the controlling terminal: whether a person can be asked there, the question, and the line that is typed.
// Must not touch stdin or stdout, which belong to the protocol, and must not know what is asked for.
import { closeSync, constants, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { isOn } from '../../config/settings.ts';
import { errorCode } from '../../runtime.ts';

/** A terminal with a person at it, until it is closed. */
export interface Terminal {
  say(text: string): void;
  /** The next line without its end, or undefined when the person ends the input or `limitMs` passes. */
  readLine(limitMs: number): Promise<string | undefined>;
  close(): void;
}

const POLL_MS = 40;
const LINE_LIMIT = 1024;

/** Opens the controlling terminal, or says why nobody can be asked. */
export function openTerminal(env: NodeJS.ProcessEnv): Terminal | string {
  const refusal = refusalToAsk(env);
  if (refusal !== undefined) return refusal;
  try {
    return process.platform === 'win32' ? openConsole() : openDevice();
  } catch {
    return NO_TERMINAL;
  }
}

/** A descriptor of the controlling terminal for another program to ask on, or undefined when nobody can be asked. */
export function openTerminalDescriptor(env: NodeJS.ProcessEnv): number | undefined {
  if (process.platform === 'win32' || refusalToAsk(env) !== undefined) return undefined;
  try {
    return openSync('/dev/tty', constants.O_RDWR);
  } catch {
    return undefined;
  }
}

const NO_TERMINAL = 'there is no terminal to ask on';

function refusalToAsk(env: NodeJS.ProcessEnv): string | undefined {
  if (isOn(env.CI)) return 'CI is set, so nobody is asked';
  return process.platform !== 'win32' && isInBackground()
    ? 'it runs in the background, where nobody can be asked'
    : undefined;
}

/** A background job that reads its terminal is stopped by the kernel (SIGTTIN), and whoever waits for it waits for ever. */
function isInBackground(): boolean {
  try {
    const [group, foreground] = processGroups();
    // 0 and -1 say that there is no controlling terminal; opening it says so too.
    return foreground !== undefined && foreground > 0 && group !== foreground;
  } catch {
    return false;
  }
}

/** This process's group, and the group that its terminal listens to. */
function processGroups(): (number | undefined)[] {
  if (process.platform === 'linux') {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    // proc(5): after the name in brackets come state, ppid, pgrp, session, tty_nr, tpgid.
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return [Number(group), Number(foreground)];
  }
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { stdout } = spawnSync('/bin/ps', ['-o', 'pgid=,tpgid=', '-p', String(process.pid)], {
    encoding: 'utf8',
    timeout: 2000,
  });
  return stdout.trim().split(/\s+/).map(Number);
}

function openDevice(): Terminal {
  // Read without blocking and looked at again and again: a blocked read would outlive its limit, and neither kqueue nor every
  // epoll watches /dev/tty.
  const descriptor = openSync('/dev/tty', constants.O_RDWR | constants.O_NONBLOCK);
  return {
    say: (text) => void writeSync(descriptor, text),
    async readLine(limitMs) {
      const endsAt = Date.now() + limitMs;
      const buffer = new Uint8Array(LINE_LIMIT);
      let line = '';
      while (Date.now() < endsAt && line.length < LINE_LIMIT) {
        const length = readAvailable(descriptor, buffer);
        if (length === 0) return undefined;
        line += new TextDecoder().decode(buffer.subarray(0, Math.max(0, length)));
        const end = line.search(/[\r\n]/);
        if (end !== -1) return line.slice(0, end);
        await pause(POLL_MS);
      }
      return undefined;
    },
    close: () => closeSync(descriptor),
  };
}

/** Bytes read; 0 at the end of the input, -1 when nothing has been typed yet. */
function readAvailable(descriptor: number, buffer: Uint8Array): number {
  try {
    return readSync(descriptor, buffer, 0, buffer.length, null);
  } catch (error) {
    if (['EAGAIN', 'EWOULDBLOCK', 'EINTR'].includes(errorCode(error))) return -1;
    return 0;
  }
}

/** Windows names the console's two sides apart, and libuv reads it in a thread of its own. */
function openConsole(): Terminal {
  const input = openSync('\\\\.\\CONIN$', 'r+');
  const output = openSync('\\\\.\\CONOUT$', 'r+');
  const { ReadStream } = process.getBuiltinModule('node:tty');
  const stream = new ReadStream(input);
  stream.pause();
  return {
    say: (text) => void writeSync(output, text),
    readLine: (limitMs) =>
      new Promise((resolve) => {
        let line = '';
        const finish = (value: string | undefined): void => {
          clearTimeout(timer);
          stream.pause();
          stream.removeAllListeners('data');
          resolve(value);
        };
        const timer = setTimeout(finish, limitMs, undefined);
        stream.on('data', (chunk) => {
          line += chunk.toString();
          const end = line.search(/[\r\n]/);
          if (end !== -1) finish(line.slice(0, end));
        });
        stream.once('end', () => finish(undefined));
        stream.resume();
      }),
    close() {
      stream.destroy();
      closeSync(output);
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
