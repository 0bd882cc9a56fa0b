// Owns `login`: to do ahead of time what `get` cannot do among a client's pipes - to ask a person for an MFA code, to send
// them to `aws sso login` - and to leave a token in the cache. Must not print a secret.
import { spawnSync } from 'node:child_process';
import { safeUrl } from '../aws/endpoint.ts';
import { sourceName } from '../aws/source.ts';
import { compose, explain, type Program } from '../compose.ts';
import type { Target } from '../config/rules.ts';
import { findPrograms } from '../docker/search-path.ts';
import { type Problem, problemOf } from '../errors.ts';
import type { CommandContext, ExitCode } from './console.ts';
import { localTime } from './local-time.ts';
import { withProgress } from './progress.ts';

const NOT_FOUND = { error: new Error('not on PATH'), status: null };

/** Signs in to every registry; a failure of one does not keep the others back. */
export async function login(
  registries: readonly string[],
  { env, console }: CommandContext,
): Promise<ExitCode> {
  const program = compose(env);
  let exitCode: ExitCode = 0;
  for (const serverUrl of registries) {
    const target = program.authorizer.target(serverUrl);
    if (target === undefined) {
      console.say(
        `docker-credential-ecr-login: ${safeUrl(serverUrl)}: not a registry of Amazon ECR\nhint: name its host, such as 123456789012.dkr.ecr.us-east-1.amazonaws.com, or map the host in the config file`,
      );
      exitCode = 1;
      continue;
    }
    const problem = await attempt(target, program, { env, console });
    if (problem === undefined) continue;
    console.say((await explain(target.registry.host, problem)).lines.join('\n'));
    exitCode = 1;
  }
  return exitCode;
}

/** One registry: signs in, after `aws sso login` where the person agrees to it; gives the problem that remains. */
async function attempt(
  target: Target,
  program: Program,
  context: CommandContext,
): Promise<Problem | undefined> {
  const problem = await signIn(target, program, context);
  const command = problem === undefined ? undefined : signInCommand(problem);
  if (command === undefined || !context.console.isInteractive) return problem;
  if (!(await context.console.confirm(`The AWS sign-in has expired. Run "aws ${command.join(' ')}" now?`)))
    return problem;
  const [aws] = findPrograms('aws', context.env);
  const { error, status } = aws === undefined ? NOT_FOUND : spawnSync(aws, command, { stdio: 'inherit' });
  if (error !== undefined) {
    context.console.say('aws: command not found; install the AWS CLI, or sign in on another way');
    return problem;
  }
  return status === 0 ? signIn(target, program, context) : problem;
}

async function signIn(
  target: Target,
  { authorizer }: Program,
  { console }: CommandContext,
): Promise<Problem | undefined> {
  try {
    const { token, resolved } = await withProgress(target, { authorizer, console }, () =>
      authorizer.authorize(target, { fetch: 'always', interactive: true }),
    );
    console.print(
      `${target.registry.host}: signed in with ${sourceName(resolved.source)}; the token is valid until ${localTime(token.expiresAt)}`,
    );
    return undefined;
  } catch (error) {
    return problemOf(error);
  }
}

/** The AWS CLI's arguments that renew a sign-in, where that is what is wanting. */
function signInCommand(problem: Problem): string[] | undefined {
  if (problem.kind === 'sso-expired')
    return problem.session === undefined
      ? ['sso', 'login', '--profile', problem.profile]
      : ['sso', 'login', '--sso-session', problem.session];
  return problem.kind === 'login-expired' ? ['login', '--profile', problem.profile] : undefined;
}
