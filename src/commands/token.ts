// Owns `token`: the credential of one or more registries for tools that know no credential helper. Must not print a secret
// before every registry has one, nor to a terminal unless told to, nor on stderr - but for the mask that GitHub Actions asks for.
import { safeUrl } from '../aws/endpoint.ts';
import { compose, explain, type Program } from '../compose.ts';
import { HelperError, problemOf } from '../errors.ts';
import { PROGRAM } from '../version.ts';
import type { CommandContext, ExitCode } from './console.ts';
import { withProgress } from './progress.ts';
import { type FormatName, formatOf, type SecretOptions, type Token } from './token-formats.ts';

/** What may stand beside the registries. */
export interface TokenOptions extends SecretOptions {
  readonly format: FormatName;
  readonly show?: boolean;
}

/** Prints the tokens, all or none. */
export async function token(
  registries: readonly string[],
  options: TokenOptions,
  { env, console }: CommandContext,
): Promise<ExitCode> {
  const format = formatOf(options.format);
  const refuse = (cause: string, hint: string): ExitCode => {
    console.say(`${PROGRAM}: token: ${cause}\nhint: ${hint}`);
    return 1;
  };
  const [first = '', ...others] = registries;
  if (others.length > 0 && !format.takesSeveral)
    return refuse(
      `--format ${options.format} prints one registry, and ${registries.length} are named`,
      'use --format json, docker-config or k8s-secret, or run it once for each registry',
    );
  if (options.format !== 'k8s-secret' && (options.name ?? options.namespace) !== undefined)
    return refuse('--name and --namespace are for a Secret of Kubernetes', 'add --format k8s-secret');
  const mistake = format.check?.(options);
  if (mistake !== undefined) return refuse(mistake.cause, mistake.hint);
  if (console.isStdoutTerminal && !options.show)
    return refuse(
      'standard output is a terminal, and what it shows is a password',
      options.format === 'password'
        ? `${PROGRAM} token ${first} | docker login --username AWS --password-stdin ${first}, or add --show`
        : 'send it into a pipe or a file, or add --show',
    );
  const program = compose(env);
  const outcomes = await Promise.all(
    registries.map((registry) => attempt(registry, program, { env, console })),
  );
  const tokens = outcomes.filter((outcome) => outcome !== undefined);
  if (tokens.length < registries.length) return 1;
  const { text, secrets } = format.print(tokens, options);
  // On stderr: the runner reads both streams for its commands, and stdout may be a pipe into `docker login`.
  if (env.GITHUB_ACTIONS === 'true')
    console.say([...new Set(secrets)].map((secret) => `::add-mask::${secret}`).join('\n'));
  console.print(text);
  return 0;
}

/** The token of one registry, or undefined when the person has been told why there is none. */
async function attempt(
  serverUrl: string,
  { authorizer }: Program,
  { console }: CommandContext,
): Promise<Token | undefined> {
  const target = authorizer.target(serverUrl);
  const host = target?.registry.host ?? safeUrl(serverUrl);
  try {
    if (target === undefined) throw new HelperError({ kind: 'not-ecr', host: serverUrl });
    const { token } = await withProgress(target, { authorizer, console }, () => authorizer.authorize(target));
    return {
      registry: authorityOf(serverUrl, host),
      username: token.username,
      password: token.password,
      expiresAt: token.expiresAt,
    };
  } catch (error) {
    console.say((await explain(host, problemOf(error))).lines.join('\n'));
    return undefined;
  }
}

/** The registry as its clients will look it up: with the port that the person wrote, without scheme and path. */
function authorityOf(serverUrl: string, host: string): string {
  const port = /^(?:https?:\/\/)?[^/:]+(:\d+)/i.exec(serverUrl)?.[1] ?? '';
  return host.endsWith(port) ? host : `${host}${port}`;
}
