// Owns the commands that people type and the help that they read; each command is a file of its own, loaded when chosen.
// Must not be loaded for a protocol verb that a client sends.
import { Command, CommanderError } from 'commander';
import type { Action, Outcome } from '../protocol/messages.ts';
import { isTerminal } from '../runtime.ts';
import { PROGRAM, VERSION } from '../version.ts';

const DESCRIPTION = 'Docker credential helper for Amazon ECR.';
const EXAMPLE = '123456789012.dkr.ecr.us-east-1.amazonaws.com';

/** Runs what was typed; `drain` reads stdin to its end, for a client that sent an unknown verb. */
export async function runCommand(argv: readonly string[], drain: () => unknown): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  const program = createProgram();
  program.configureOutput({
    writeOut: (text) => {
      stdout += text;
    },
    writeErr: (text) => {
      stderr += text;
    },
  });
  if (argv.length === 0) return refuse(program, drain, 'no command given');
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) return refuse(program, drain, stderr.trim().replace(/^error: /, ''));
  }
  return { stdout, stderr: '', exitCode: 0 };
}

/** What a person gets who typed a protocol verb into a terminal, where nothing would ever arrive on stdin. */
export function refuseTerminal(verb: Action): Outcome {
  const usage =
    verb === 'get'
      ? `docker-credential-ecr-login get ${EXAMPLE}`
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

function createProgram(): Command {
  const program = new Command(PROGRAM)
    .description(DESCRIPTION)
    .helpOption('-h, --help', 'show this help')
    .version(`${PROGRAM} ${VERSION}`, '-v, --version', 'show the version')
    .helpCommand('help', 'show this help')
    .exitOverride()
    .showHelpAfterError(false);
  const verb = (name: string, description: string): void => {
    program.command(name).description(description).exitOverride();
  };
  program
    .command('get')
    .argument('[registry]', 'the registry, where it does not come on stdin')
    .description('print the credentials of a registry as JSON')
    .exitOverride();
  verb('store', 'take credentials from a client (on stdin)');
  verb('erase', 'forget the cached tokens of a registry (on stdin)');
  verb('list', 'list the registries with a cached token');
  verb('version', 'show the version');
  program.addHelpText(
    'after',
    `
Examples:
  $ ${PROGRAM} get ${EXAMPLE}
  $ echo ${EXAMPLE} | ${PROGRAM} get
  $ docker pull ${EXAMPLE}/app     with this in ~/.docker/config.json:
    { "credHelpers": { "${EXAMPLE}": "ecr-login" } }`,
  );
  return program;
}
