// Owns `credential_process`: runs the profile's command and checks its answer.
// Follows https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html. Its output is never repeated in a message.
import { spawn } from 'node:child_process';
import type { AwsKeys, Source } from '../../../aws/source.ts';
import { HelperError } from '../../../errors.ts';
import { homeDirectory } from '../../../runtime.ts';

const OUTPUT_LIMIT = 64 * 1024;

/** Keys that the process answers on stdout; throws `source-failed`. The command runs in the user's shell, as in the SDKs. */
export async function processCredentials(
  source: Extract<Source, { kind: 'process' }>,
  signal: AbortSignal,
): Promise<AwsKeys> {
  const name = `credential_process of profile "${source.profile}"`;
  const fail = (reason: string): HelperError =>
    new HelperError({ kind: 'source-failed', source: name, reason });
  const { output, exit } = await run(source.command, signal);
  if (exit !== 0) throw fail(`it ended with ${exit === null ? 'a signal' : `exit code ${exit}`}`);
  let answer: unknown;
  try {
    answer = JSON.parse(output.replace(/^\uFEFF/, ''));
  } catch {
    throw fail('its output is not JSON');
  }
  if (typeof answer !== 'object' || answer === null) throw fail('its output is not a JSON object');
  const { Version, AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer as Record<
    string,
    unknown
  >;
  if (Version !== 1) throw fail('its output does not say "Version": 1');
  if (
    typeof AccessKeyId !== 'string' ||
    typeof SecretAccessKey !== 'string' ||
    !AccessKeyId ||
    !SecretAccessKey
  )
    throw fail('its output lacks AccessKeyId or SecretAccessKey');
  if (typeof Expiration === 'string' && Date.parse(Expiration) <= Date.now())
    throw fail(`the credentials that it gave expired at ${new Date(Expiration).toISOString()}`);
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    ...(typeof SessionToken === 'string' && SessionToken !== '' ? { sessionToken: SessionToken } : {}),
  };
}

function run(command: string, signal: AbortSignal): Promise<{ output: string; exit: number | null }> {
  return new Promise((resolve, reject) => {
    // The working directory is whatever repository a person cloned, and cmd.exe looks for programs there first.
    const cwd = homeDirectory(process.env) ?? '/';
    // Its stderr is dropped, not passed on: a successful `get` is silent, and what it says may hold a secret.
    const child = spawn(command, {
      shell: true,
      cwd,
      signal,
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const chunks: Buffer[] = [];
    let length = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= OUTPUT_LIMIT) chunks.push(chunk);
      else child.kill();
    });
    child.once('error', reject);
    child.once('close', (exit) => resolve({ output: Buffer.concat(chunks).toString('utf8').trim(), exit }));
  });
}
