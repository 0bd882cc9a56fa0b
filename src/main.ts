// Owns the real process: arguments, environment, streams, exit code. Protocol verbs go straight to the protocol;
// whatever else a person types goes to the commands, loaded when asked for. Must not be imported.
import { compose } from './compose.ts';
import { type Action, CREDENTIALS_NOT_FOUND, type Outcome } from './protocol/messages.ts';
import { REQUEST_LIMIT } from './protocol/request.ts';
import { serve } from './protocol/serve.ts';
import { isTerminal, readStdin, silenceRuntime, writeFully } from './runtime.ts';
import { PROGRAM, VERSION } from './version.ts';

const VERBS: readonly string[] = ['get', 'store', 'erase', 'list'] satisfies Action[];

async function run(argv: readonly string[]): Promise<Outcome<string | Uint8Array>> {
  const [verb = '', serverUrl, ...rest] = argv;
  if (serverUrl === undefined && ['version', '--version', '-v'].includes(verb))
    return { stdout: `${PROGRAM} ${VERSION}\n`, stderr: '', exitCode: 0 };
  if (verb === 'kubelet' || isKubeletPlugin()) return kubelet(argv);
  if (
    !isAction(verb) ||
    rest.length > 0 ||
    serverUrl?.startsWith('-') ||
    (serverUrl !== undefined && verb !== 'get')
  ) {
    const { runCommand } = await import('./commands/program.ts');
    return runCommand(argv, () => readStdin(REQUEST_LIMIT));
  }
  if (serverUrl !== undefined) return answerTyped(serverUrl);
  if (verb === 'list' && isTerminal(0)) return answer(verb, new Uint8Array());
  if (isTerminal(0)) {
    const { refuseTerminal } = await import('./commands/program.ts');
    return refuseTerminal(verb);
  }
  // To the end and before anything else can fail: clients crash when a helper leaves with their request unread.
  return answer(verb, readStdin(REQUEST_LIMIT));
}

function answer(action: Action, request: Uint8Array): Promise<Outcome<string | Uint8Array>> {
  const { helper, neighbour } = compose(process.env);
  return serve(action, request, helper, neighbour);
}

/** `get` with an argument, which no client sends: a person who got no answer is told why there is none. */
async function answerTyped(serverUrl: string): Promise<Outcome<string | Uint8Array>> {
  const outcome = await answer('get', new TextEncoder().encode(serverUrl));
  if (outcome.exitCode === 0 || outcome.stderr !== '' || !(isTerminal(0) || isTerminal(1))) return outcome;
  const { tellStranger } = await import('./commands/stranger.ts');
  return { ...outcome, stderr: tellStranger(serverUrl, process.env) };
}

/**
 * Called by the name that kubelets know the plugin by: as itself, through a link, or found on PATH. For a script behind `#!`
 * the name stands in argv[1]. Here and not in a module, for every `get` passes by.
 */
function isKubeletPlugin(): boolean {
  const name = /(^|[\\/])ecr-credential-provider(\.exe)?$/i;
  return name.test(process.argv0) || name.test(process.argv[1] ?? '');
}

/** The arguments are those of the node's configuration, which may be meant for upstream's plugin (`--v=2`): they say nothing to us. */
async function kubelet(argv: readonly string[]): Promise<Outcome> {
  const help = argv.filter((argument) => argument === '--help' || argument === '-h');
  if (help.length > 0 || isTerminal(0)) {
    const { runCommand } = await import('./commands/program.ts');
    return runCommand(['kubelet', ...help], () => undefined);
  }
  const { answerKubelet, KUBELET_REQUEST_LIMIT } = await import('./commands/kubelet.ts');
  return answerKubelet(readStdin(KUBELET_REQUEST_LIMIT), process.env);
}

function isAction(verb: string): verb is Action {
  return VERBS.includes(verb);
}

/**
 * A bug of ours: one line, no stack (clients copy what a helper prints into build logs), and never another exit code than 1.
 * A client that asked for credentials gets the sentinel, as for every failure. A parser quotes what it could not read, and
 * that may be a secret, so its words are left out.
 */
function fail(error: unknown): Outcome {
  const name = error instanceof Error ? error.name : 'unknown error';
  const reason =
    error instanceof Error && name !== 'SyntaxError' ? `${name}: ${error.message.split('\n')[0]}` : name;
  const stdout = process.argv[2] === 'get' ? `${CREDENTIALS_NOT_FOUND}\n` : '';
  return { stdout, stderr: `${PROGRAM}: internal error: ${reason}\n`, exitCode: 1 };
}

function finish({ stdout, stderr, exitCode }: Outcome<string | Uint8Array>): void {
  writeFully(2, stderr);
  writeFully(1, stdout);
  // Sockets and timers that are still open must not hold back a client that waits; all output is written by now.
  process.exit(exitCode);
}

silenceRuntime();
process.on('uncaughtException', (error) => finish(fail(error)));
process.on('unhandledRejection', (error) => finish(fail(error)));
run(process.argv.slice(2)).catch(fail).then(finish);
