// Owns runs before a person: commands in one shell on a pty made by `script` of util-linux, and somebody who types when asked.
// stdin, stdout and stderr of each command are files, as a client's pipes are none of the terminal's. It must not judge.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { quote, runCommand } from './run.ts';
import type { Env, World } from './world.ts';

/** What a person does: answers each question with the next line, `delayMs` after it shows; with `\u0004` input ends. */
export interface Person {
  readonly question: RegExp;
  readonly answers: readonly string[];
  readonly delayMs?: number;
}

/** What came of it: all that the terminal showed, and each command's own streams and exit code. */
export interface Scene {
  readonly shown: string;
  readonly results: readonly { readonly stdout: string; readonly stderr: string; readonly code: number }[];
  readonly ms: number;
}

/** Runs `get` for all server URLs at the same time. */
export async function getBeforePerson(
  world: World,
  serverUrls: readonly string[],
  person: Person,
  env: Env = {},
): Promise<Scene> {
  const { executable, home } = world;
  const command = [executable.command, ...executable.prefix, 'get'].map(quote).join(' ');
  for (const [index, url] of serverUrls.entries()) {
    world.write(`person.${index}.in`, url);
    // The answer holds a password and is no leak.
    world.write(`person.${index}.out`, '');
  }
  const jobs = serverUrls.map(
    (_, n) => `(${command} <person.${n}.in >person.${n}.out 2>person.${n}.err; echo $? >person.${n}.code) &`,
  );
  const line = `${jobs.join('\n')}\nwait`;
  let shown = '';
  let answered = 0;
  const { ms } = await runCommand(['script', '--quiet', '--return', '--command', line, '/dev/null'], {
    env: { ...world.env(env), SHELL: '/bin/sh' },
    cwd: home.directory,
    stdinKind: 'hold',
    timeoutMs: 30_000,
    onStart(child) {
      child.stdout?.on('data', (chunk: Buffer) => {
        shown += chunk.toString();
        const asked = [...shown.matchAll(new RegExp(person.question, 'g'))].length;
        for (; answered < asked; answered += 1) {
          const answer = person.answers[answered];
          if (answer !== undefined) setTimeout(() => child.stdin?.write(answer), person.delayMs ?? 100);
        }
      });
    },
  });
  const read = (name: string): string => {
    try {
      return readFileSync(join(home.directory, name), 'utf8');
    } catch {
      return '';
    }
  };
  const results = serverUrls.map((_, n) => ({
    stdout: read(`person.${n}.out`),
    stderr: read(`person.${n}.err`),
    code: Number(read(`person.${n}.code`)),
  }));
  return { shown, results, ms };
}

/** Runs `get` as a background job of a shell with job control. */
export async function getInBackground(world: World): Promise<{ stdout: string; stderr: string }> {
  const { executable, home } = world;
  const command = [executable.command, ...executable.prefix, 'get'].map(quote).join(' ');
  const line = `set -m\n${command} <request >out 2>err &\nwait`;
  await runCommand(['script', '--quiet', '--return', '--command', line, '/dev/null'], {
    env: { ...world.env(), SHELL: '/bin/sh' },
    cwd: home.directory,
    stdinKind: 'hold',
    timeoutMs: 20_000,
  });
  return { stdout: home.read('out'), stderr: home.read('err') };
}
