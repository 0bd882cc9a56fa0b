// Owns the commands that people type and the help that they read; each command is a file of its own, loaded when chosen.
// Must not be loaded for a protocol verb that a client sends.
import { Argument, Command, CommanderError, Option } from 'commander';
import { problemOf } from '../errors.ts';
import { explanationLines } from '../explain.ts';
import type { Action, Outcome } from '../protocol/messages.ts';
import { isTerminal } from '../runtime.ts';
import { PROGRAM, VERSION } from '../version.ts';
import type { Shell } from './completion.ts';
import { addConfigureOptions, type ConfigureOptions } from './configure/options.ts';
import { type CommandContext, type ExitCode, processConsole } from './console.ts';
import type { DoctorOptions } from './doctor.ts';
import type { TokenOptions } from './token.ts';
import { FORMAT_NAMES, formatOf } from './token-formats.ts';

const EXAMPLE = '123456789012.dkr.ecr.us-east-1.amazonaws.com';

/** The words of docker-credential-helpers, which a client may send. */
const PROTOCOL: ReadonlySet<string> = new Set(['get', 'store', 'erase', 'list', 'version']);

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
    if (error.exitCode !== 0) return mistaken(program, drain, argv[0] ?? '', oneLine(stderr));
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

/**
 * A mistake in a command that no client sends is told on stderr and briefly: its stdout may be the stdin of `docker login`.
 */
function mistaken(program: Command, drain: () => unknown, name: string, reason: string): Outcome {
  const command = program.commands.find((each) => each.name() === name);
  if (command === undefined || PROTOCOL.has(name)) return refuse(program, drain, reason);
  // Who left out an argument is helped by the one line that shows it.
  const isMissing = reason.startsWith('missing required argument');
  return {
    stdout: '',
    stderr: `${PROGRAM}: ${name}: ${reason}\nhint: ${PROGRAM} ${name} ${isMissing ? command.usage() : '--help'}\n`,
    exitCode: 1,
  };
}

/** What commander said of a mistake, with its suggestion on the same line: `unknown command 'logn' (Did you mean login?)`. */
function oneLine(message: string): string {
  return message
    .trim()
    .replace(/^error: /, '')
    .replaceAll('\n', ' ');
}

/** Unknown words: usage on stdout and exit 1, as docker-credential-helpers does, with stdin read for the client that sent it. */
function refuse(program: Command, drain: () => unknown, reason: string): Outcome {
  if (!isTerminal(0)) drain();
  return { stdout: `${PROGRAM}: ${reason}\n${program.helpInformation()}`, stderr: '', exitCode: 1 };
}

/** A command that threw: its cause and hint, as everywhere. */
function failure(command: string, error: unknown): Outcome {
  const lines = explanationLines(command, problemOf(error));
  return { stdout: '', stderr: lines.map((line) => `${line}\n`).join(''), exitCode: 1 };
}

/** Every command with its options and its help: what completion and the manual page are made from. */
export function createProgram(context: CommandContext, exit: (code: ExitCode) => void): Command {
  const program = new Command(PROGRAM)
    .description('Docker credential helper for Amazon ECR.')
    .helpOption('-h, --help', 'show this help')
    .version(`${PROGRAM} ${VERSION}`, '-v, --version', 'show the version')
    .helpCommand('help [command]', 'show the help of a command')
    .exitOverride();
  const command = (name: string, description: string): Command =>
    program.command(name).description(description).helpOption('-h, --help', 'show this help');
  // The protocol verbs never get here with a client's request; they stand in the help alone.
  command(
    'get [registry]',
    'print the credentials of a registry as JSON; clients name it on stdin',
  ).addHelpText('after', examples(`${PROGRAM} get ${EXAMPLE}`, `echo ${EXAMPLE} | ${PROGRAM} get`));
  command('store', 'take credentials from a client, on stdin').addHelpText(
    'after',
    examples(`aws ecr get-login-password | docker login -u AWS --password-stdin ${EXAMPLE}`),
  );
  command('erase', 'forget the cached tokens of a registry, named on stdin').addHelpText(
    'after',
    examples(`docker logout ${EXAMPLE}`, `echo ${EXAMPLE} | ${PROGRAM} erase`),
  );
  command('list', 'list the registries with a cached token').addHelpText(
    'after',
    examples(`${PROGRAM} list`),
  );
  command('version', 'show the version')
    .option('--json', 'with commit, build and runtime, as JSON')
    .action(async () => context.console.print(JSON.stringify((await import('./version.ts')).versionReport())))
    .addHelpText('after', examples(`${PROGRAM} version`, `${PROGRAM} version --json`));
  command('login', 'sign in ahead of time: ask for what is needed, fetch a token, keep it in the cache')
    .argument('<registry...>', 'hosts of registries')
    .action(async (registries: string[]) =>
      exit(await (await import('./login.ts')).login(registries, context)),
    )
    .addHelpText('after', examples(`${PROGRAM} login ${EXAMPLE}`));
  command('doctor', 'check everything on the way to a pull, and tell what mends what is broken')
    .argument('[registry-or-image]', 'host of a registry, or an image')
    .option('--json', 'as JSON, for a bug report; it holds no secret')
    .action(async (image: string | undefined, options: DoctorOptions) =>
      exit(await (await import('./doctor.ts')).doctor(image, options, context)),
    )
    .addHelpText(
      'after',
      examples(
        `${PROGRAM} doctor`,
        `${PROGRAM} doctor ${EXAMPLE}/app:latest`,
        `${PROGRAM} doctor --json ${EXAMPLE}`,
      ),
    );
  addConfigureOptions(
    command(
      'configure',
      "name registries in Docker's config file, so that Docker asks this program for them",
    ),
  ).action(async (registries: string[], options: ConfigureOptions) =>
    exit(await (await import('./configure.ts')).configure(registries, options, context)),
  );
  command('token', 'print the credential of a registry for tools that know no credential helper')
    .argument('<registry...>', 'hosts of registries')
    .addOption(new Option('-f, --format <format>', 'what to print').choices(FORMAT_NAMES).default('password'))
    .option('--show', 'print even where a terminal shows it')
    .option('--name <name>', 'name of the Secret, with --format k8s-secret (default: "ecr-credentials")')
    .option('--namespace <namespace>', 'namespace of the Secret, with --format k8s-secret')
    .addHelpText('after', `\nFormats:\n${formats()}`)
    .action(async (registries: string[], options: TokenOptions) =>
      exit(await (await import('./token.ts')).token(registries, options, context)),
    )
    .addHelpText(
      'after',
      examples(
        `${PROGRAM} token ${EXAMPLE} | helm registry login --username AWS --password-stdin ${EXAMPLE}`,
        `curl -H "Authorization: Basic $(${PROGRAM} token -f basic ${EXAMPLE})" https://${EXAMPLE}/v2/`,
        `${PROGRAM} token -f k8s-secret --namespace apps ${EXAMPLE} | kubectl apply -f -`,
        `${PROGRAM} token -f docker-config ${EXAMPLE} public.ecr.aws > config.json`,
      ),
    );
  command('kubelet', 'answer a kubelet as its credential provider plugin, on stdin and stdout')
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => {
      context.console.say(
        `${PROGRAM}: kubelet reads a request from standard input, and that is a terminal\nhint: a kubelet runs it; see docs/kubernetes.md`,
      );
      exit(1);
    })
    .addHelpText(
      'after',
      `
A kubelet runs it under the name ecr-credential-provider, from --image-credential-provider-bin-dir.
${examples(`ln -s /usr/local/bin/${PROGRAM} /opt/kubelet/plugins/ecr-credential-provider`)}`,
    );
  command('completion', 'print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish', 'powershell']))
    .action(async (shell: Shell) =>
      context.console.print((await import('./completion.ts')).completionScript(shell, program)),
    )
    .addHelpText(
      'after',
      examples(
        `${PROGRAM} completion bash > ~/.local/share/bash-completion/completions/${PROGRAM}`,
        `${PROGRAM} completion zsh > "\${fpath[1]}/_${PROGRAM}"`,
        `${PROGRAM} completion fish > ~/.config/fish/completions/${PROGRAM}.fish`,
        `${PROGRAM} completion powershell >> $PROFILE`,
      ),
    );
  program.addHelpText(
    'after',
    `${examples(`${PROGRAM} get ${EXAMPLE}`, `echo ${EXAMPLE} | ${PROGRAM} get`, `docker pull ${EXAMPLE}/app`)}

Docker finds this helper through ~/.docker/config.json:
  { "credHelpers": { "${EXAMPLE}": "ecr-login" } }`,
  );
  return program;
}

function formats(): string {
  const width = Math.max(...FORMAT_NAMES.map((name) => name.length));
  return FORMAT_NAMES.map((name) => `  ${name.padEnd(width)}  ${formatOf(name).purpose}`).join('\n');
}

function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
}
