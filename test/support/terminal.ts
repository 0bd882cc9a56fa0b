// Owns runs at a terminal: a pty as stdin, made by `script` of util-linux, nobody typing. Streams are caught in files,
// so that the terminal mixes nothing. It must not judge the outcome.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { quote, type RunResult, runCommand } from './run.ts';
import type { World } from './world.ts';

/** Runs the executable with a terminal for stdin; a process that waits for somebody to type is killed after the limit. */
export async function runInTerminal(
  world: World,
  argv: readonly string[],
  timeoutMs = 5000,
): Promise<RunResult> {
  const { executable, home } = world;
  const files = { stdout: 'terminal.stdout', stderr: 'terminal.stderr' };
  for (const file of Object.values(files)) world.write(file, '');
  const command = [executable.command, ...executable.prefix, ...argv].map(quote).join(' ');
  const line = `exec ${command} >${files.stdout} 2>${files.stderr}`;
  const result = await runCommand(['script', '--quiet', '--return', '--command', line, '/dev/null'], {
    env: { ...world.env(), SHELL: '/bin/sh' },
    cwd: home.directory,
    stdinKind: 'hold',
    timeoutMs,
  });
  const [stdout, stderr] = [files.stdout, files.stderr].map((file) =>
    readFileSync(join(home.directory, file), 'utf8'),
  );
  return { ...result, stdout: stdout ?? '', stderr: stderr ?? '' };
}

/** What a person saw, and what went past the terminal. */
export interface Watched {
  readonly shown: string;
  readonly stdout: string;
  readonly code: number | null;
}

/** Runs the executable with a terminal for stderr and a file for stdout; `answer` is typed when a colon and a space end the screen. */
export async function runWatched(
  world: World,
  argv: readonly string[],
  { redirect = '', answer }: { readonly redirect?: string; readonly answer?: string } = {},
): Promise<Watched> {
  const { executable, home } = world;
  const file = 'watched.stdout';
  world.write(file, '');
  const command = [executable.command, ...executable.prefix, ...argv].map(quote).join(' ');
  const line = `exec ${command} >${file} ${redirect}`;
  let shown = '';
  let isAnswered = false;
  const { code } = await runCommand(['script', '--quiet', '--return', '--command', line, '/dev/null'], {
    env: { ...world.env(), SHELL: '/bin/sh' },
    cwd: home.directory,
    stdinKind: 'hold',
    onStart(child) {
      child.stdout?.on('data', (chunk: Buffer) => {
        shown += chunk;
        if (answer === undefined || isAnswered || !shown.endsWith(': ')) return;
        isAnswered = true;
        // Late enough for whatever would be said meanwhile.
        setTimeout(() => child.stdin?.write(answer), 1500);
      });
    },
  });
  return { shown: shown.replaceAll('\r', ''), stdout: home.read(file), code };
}
