// Owns the real process: arguments, environment, streams, exit code. Protocol verbs go straight to the protocol;
// whatever else a person types goes to the commands, loaded when asked for. Must not be imported.
import { readSharedConfig } from './aws/shared-config.ts';
import { readSettings } from './config/settings.ts';
import { createHelper } from './helper.ts';
import { openLog } from './log.ts';
import type { Action, Outcome } from './protocol/messages.ts';
import { REQUEST_LIMIT } from './protocol/request.ts';
import { serve } from './protocol/serve.ts';
import { isTerminal, readStdin, writeFully } from './runtime.ts';
import { NO_CACHE, openTokenCache } from './token/cache.ts';
import { PROGRAM, VERSION } from './version.ts';

const VERBS: readonly string[] = ['get', 'store', 'erase', 'list'] satisfies Action[];

async function run(argv: readonly string[]): Promise<Outcome> {
  const [verb = '', serverUrl, ...rest] = argv;
  if (serverUrl === undefined && ['version', '--version', '-v'].includes(verb))
    return { stdout: `${PROGRAM} ${VERSION}\n`, stderr: '', exitCode: 0 };
  if (
    !isAction(verb) ||
    rest.length > 0 ||
    serverUrl?.startsWith('-') ||
    (serverUrl !== undefined && verb !== 'get')
  ) {
    const { runCommand } = await import('./commands/program.ts');
    return runCommand(argv, () => readStdin(REQUEST_LIMIT));
  }
  if (serverUrl !== undefined) return serve(verb, new TextEncoder().encode(serverUrl), helper());
  if (verb === 'list' && isTerminal(0)) return serve(verb, new Uint8Array(), helper());
  if (isTerminal(0)) {
    const { refuseTerminal } = await import('./commands/program.ts');
    return refuseTerminal(verb);
  }
  // To the end and before anything else can fail: clients crash when a helper leaves with their request unread.
  return serve(verb, readStdin(REQUEST_LIMIT), helper());
}

function isAction(verb: string): verb is Action {
  return VERBS.includes(verb);
}

function helper(): ReturnType<typeof createHelper> {
  const { env } = process;
  const settings = readSettings(env);
  const log = openLog(settings.directory, settings.logLevel);
  const cache =
    settings.cacheEnabled && settings.directory !== undefined
      ? openTokenCache(settings.directory, log)
      : NO_CACHE;
  return createHelper({
    env,
    settings,
    cache,
    log,
    now: Date.now,
    readShared: () => readSharedConfig(env),
    discover: async (source) =>
      (await import('./token/fetch/discover.ts')).discoverIdentity(source, env, settings.timeoutMs),
    fetchToken: async (request, key) => {
      const [{ fetchOnce }, { fetchAuthorizationToken }] = await Promise.all([
        import('./token/single-flight.ts'),
        import('./token/fetch/fetch.ts'),
      ]);
      const deadlineAt = Date.now() + request.limitMs;
      return fetchOnce({
        cache,
        key,
        now: Date.now,
        deadlineAt,
        fetch: () => fetchAuthorizationToken(request),
      });
    },
    isRefreshPointless: async (key) =>
      (await import('./token/single-flight.ts')).isRefreshPointless(cache, key, Date.now()),
    explain: async (registry, problem) => {
      const { causeLine, explanationLines } = await import('./explain.ts');
      return { lines: explanationLines(registry, problem), stdout: causeLine(registry, problem) };
    },
  });
}

/** A bug of ours: one line, no stack (clients copy what a helper prints into build logs), and never another exit code than 1. */
function fail(error: unknown): Outcome {
  const reason = error instanceof Error ? `${error.name}: ${error.message.split('\n')[0]}` : 'unknown error';
  return { stdout: '', stderr: `${PROGRAM}: internal error: ${reason}\n`, exitCode: 1 };
}

function finish({ stdout, stderr, exitCode }: Outcome): void {
  writeFully(2, stderr);
  writeFully(1, stdout);
  // Sockets and timers that are still open must not hold back a client that waits; all output is written by now.
  process.exit(exitCode);
}

process.on('uncaughtException', (error) => finish(fail(error)));
process.on('unhandledRejection', (error) => finish(fail(error)));
run(process.argv.slice(2)).catch(fail).then(finish);
