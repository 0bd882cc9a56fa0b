// Owns the commands that people type and the help that they read; each command is a file of its own, loaded when chosen.
// Must not be loaded for a protocol verb that a client sends.
import { Command, CommanderError } from 'commander';
import { problemOf } from '../errors.ts';
import { explain } from '../explain.ts';
import type { Action, Outcome } from '../protocol/messages.ts';
import { isTerminal } from '../runtime.ts';
import { PROGRAM, VERSION } from '../version.ts';
import { type CommandContext, type ExitCode, processConsole } from './console.ts';

const EXAMPLE = '123456789012.dkr.ecr.us-east-1.amazonaws.com';

/** Runs what was typed; `drain` reads stdin to its end, for a client that sent an unknown verb. */
export async function runCommand(argv: readonly string[], drain: () => unknown): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  let exitCode: ExitCode = 0;
  const program = createProgram({ env: process.env, console: processConsole() }, (code) => {
    exitCode = code;
  });
  // Collected, because usage after a mistake goes to stdout; each command has settings of its own.
  for (const command of [program, ...program.commands]) {
    command.configureOutput({
      writeOut: (text) => {
        stdout += text;
      },
      writeErr: (text) => {
        stderr += text;
      },
    });
  }
  if (argv.length === 0) return refuse(program, drain, 'no command given');
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) return failure(argv[0] ?? '', error);
    if (error.exitCode !== 0) return refuse(program, drain, stderr.trim().replace(/^error: /, ''));
  }
  return { stdout, stderr: '', exitCode };
}

/** What a person gets who typed a protocol verb into a terminal, where nothing would ever arrive on stdin. */
export function refuseTerminal(verb: Action): Outcome {
  const usage =
    verb === 'get'
      ? `${PROGRAM} get ${EXAMPLE}`
      : verb === 'erase'
        ? `echo ${EXAMPLE} | ${PROGRAM} erase`
        : `docker login ${EXAMPLE}`;
  return {
    stdout: '',
    stderr: `${PROGRAM}: ${verb} reads from standard input, and that is a terminal\nhint: ${usage}\n`,
    exitCode: 1,
  };
}

/** Unknown words: usage on stdout and exit 1, as docker-credential-helpers does, with stdin read for the client that sent it. */
function refuse(program: Command, drain: () => unknown, reason: string): Outcome {
  if (!isTerminal(0)) drain();
  return { stdout: `${PROGRAM}: ${reason}\n${program.helpInformation()}`, stderr: '', exitCode: 1 };
}

/** A command that threw: its cause and hint, as everywhere. */
function failure(command: string, error: unknown): Outcome {
  const { cause, hint } = explain(problemOf(error));
  return { stdout: '', stderr: `${PROGRAM}: ${command}: ${cause}\nhint: ${hint}\n`, exitCode: 1 };
}

function createProgram(context: CommandContext, exit: (code: ExitCode) => void): Command {
  const program = new Command(PROGRAM)
    .description('Docker credential helper for Amazon ECR.')
    .helpOption('-h, --help', 'show this help')
    .version(`${PROGRAM} ${VERSION}`, '-v, --version', 'show the version')
    .helpCommand('help [command]', 'show the help of a command')
    .exitOverride();
  const command = (name: string, description: string): Command =>
    program.command(name).description(description).helpOption('-h, --help', 'show this help');
  // The protocol verbs never get here with a client's request; they stand in the help alone.
  command('get [registry]', 'print the credentials of a registry as JSON; clients name it on stdin');
  command('store', 'take credentials from a client, on stdin');
  command('erase', 'forget the cached tokens of a registry, named on stdin');
  command('list', 'list the registries with a cached token');
  command('version', 'show the version');
  command('login', 'sign in ahead of time: ask for what is needed, fetch a token, keep it in the cache')
    .argument('<registry...>', 'hosts of registries')
    .action(async (registries: string[]) =>
      exit(await (await import('./login.ts')).login(registries, context)),
    )
    .addHelpText('after', examples(`${PROGRAM} login ${EXAMPLE}`));
  program.addHelpText(
    'after',
    `${examples(`${PROGRAM} get ${EXAMPLE}`, `echo ${EXAMPLE} | ${PROGRAM} get`, `docker pull ${EXAMPLE}/app`)}

Docker finds this helper through ~/.docker/config.json:
  { "credHelpers": { "${EXAMPLE}": "ecr-login" } }`,
  );
  return program;
}

function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
}
