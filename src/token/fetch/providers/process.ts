// Owns `credential_process`: asks the profile's command and checks its answer. Its output is never repeated in a message.
// Follows https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html.
import type { AwsKeys, Source } from '../../../aws/source.ts';
import { HelperError } from '../../../errors.ts';
import { parseObject, readKeys } from './answer.ts';
import { runCommandLine } from './command.ts';

type ProcessSource = Extract<Source, { kind: 'process' }>;

// The identity needs the answer and, on a miss, so does the fetch. A command may ask a person or take seconds, so it is run
// once for an environment: the one of this process, or of one call to the library, whose next call must ask anew.
const answers = new WeakMap<NodeJS.ProcessEnv, Map<string, Promise<AwsKeys>>>();

/** Keys that the process answers on stdout. Throws `source-failed`, or the signal's reason. */
export function processCredentials(
  source: ProcessSource,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<AwsKeys> {
  const known = answers.get(env) ?? new Map<string, Promise<AwsKeys>>();
  answers.set(env, known);
  const answer = known.get(source.command) ?? ask(source, env, signal);
  known.set(source.command, answer);
  return answer;
}

async function ask(source: ProcessSource, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<AwsKeys> {
  const { output, failure } = await runCommandLine(source.command, env, signal);
  if (failure !== undefined) throw failed(source, failure);
  const answer = parseObject(output);
  if (answer === undefined) throw failed(source, 'its output is not a JSON object');
  if (answer.Version !== 1) throw failed(source, 'its output does not say "Version": 1');
  const keys = readKeys(answer, { sessionToken: 'SessionToken', isSessionTokenRequired: false });
  if (typeof keys === 'string') throw failed(source, keys);
  return keys;
}

function failed(source: ProcessSource, reason: string): HelperError {
  return new HelperError({
    kind: 'source-failed',
    source: `credential_process of profile "${source.profile}"`,
    reason,
    hint: `run the command yourself and see what it says: aws configure get credential_process --profile ${source.profile}`,
  });
}
