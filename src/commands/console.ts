// Owns how a command talks with whoever typed it: results on stdout, words for people on stderr, questions on the terminal.
// Must not be used by the protocol verbs, whose streams belong to the client.
import { createInterface } from 'node:readline/promises';
import { isTerminal, writeFully } from '../runtime.ts';

/** The two streams and the person at them. */
export interface Console {
  /** A result: one or more lines on stdout, a final newline added. */
  print(text: string): void;
  /** Words for a person: one or more lines on stderr, a final newline added. */
  say(text: string): void;
  /** True when a person can be asked: stdin and stderr are terminals. */
  readonly isInteractive: boolean;
  /** True when somebody sees at once what is said: stderr is a terminal. */
  readonly isWatched: boolean;
  /** True when stdout is a terminal, where a secret would be seen. */
  readonly isStdoutTerminal: boolean;
  /** Asks a question on the terminal; true for an answer that begins with y. Only where {@link isInteractive}. */
  confirm(question: string): Promise<boolean>;
}

/** What every command gets beside its own arguments. */
export interface CommandContext {
  readonly env: NodeJS.ProcessEnv;
  readonly console: Console;
}

/** A command's end: what the process exits with. */
export type ExitCode = 0 | 1;

/** The console of this process. */
export function processConsole(): Console {
  const isInteractive = isTerminal(0) && isTerminal(2);
  return {
    print: (text) => writeFully(1, `${text}\n`),
    say: (text) => writeFully(2, `${printable(text)}\n`),
    isInteractive,
    isWatched: isTerminal(2),
    isStdoutTerminal: isTerminal(1),
    async confirm(question) {
      // Its own, because process.stderr is silenced.
      const output = new (process.getBuiltinModule('node:tty').WriteStream)(2);
      const terminal = createInterface({ input: process.stdin, output });
      try {
        return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
      } catch (error) {
        // Ctrl+D and Ctrl+C are a no.
        if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
        writeFully(2, '\n');
        return false;
      } finally {
        terminal.close();
      }
    },
  };
}

/** Text of files, servers and other programs as lines that no terminal obeys: control and format characters become spaces. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    /[\n\t]/.test(character) ? character : ' ',
  );
}
