// Owns the asking for an MFA code: by the command that the settings name, else of the person at the controlling terminal.
// Must not be loaded before a code is needed, and must not use it.
import { HelperError } from '../../../errors.ts';
import { openTerminal } from '../terminal.ts';
import { runCommandLine } from './command.ts';

/** Whose code is asked for, and how. */
export interface MfaQuestion {
  /** The ARN, or for a hardware device the serial number. */
  readonly serial: string;
  /** The profile, or empty where a rule names the role. */
  readonly profile: string;
  readonly roleArn: string;
  readonly env: NodeJS.ProcessEnv;
  /** A command line that prints the code. */
  readonly command?: string;
  readonly limitMs: number;
}

/** The six digits. Throws `mfa-needed` when nobody gives them, `source-failed` when the command does not. */
export async function askMfaCode(question: MfaQuestion): Promise<string> {
  return question.command === undefined ? askPerson(question) : askCommand(question, question.command);
}

async function askPerson(question: MfaQuestion): Promise<string> {
  const refuse = (reason: string): HelperError =>
    new HelperError({ kind: 'mfa-needed', profile: question.profile, serial: question.serial, reason });
  const terminal = openTerminal(question.env);
  if (typeof terminal === 'string') throw refuse(terminal);
  const endsAt = Date.now() + question.limitMs;
  const profile = question.profile === '' ? '' : ` (profile "${question.profile}")`;
  try {
    terminal.say(printable(`MFA code of ${question.serial} for ${question.roleArn}${profile}: `));
    for (let tries = 0; tries < 2; tries += 1) {
      const line = await terminal.readLine(endsAt - Date.now());
      if (line === undefined) throw refuse('no code was given');
      const code = digits(line);
      if (code !== undefined) return code;
      if (tries === 0) terminal.say('The code has six digits: ');
    }
    throw refuse('what was typed is not a code of six digits');
  } finally {
    terminal.close();
  }
}

async function askCommand({ env, limitMs }: MfaQuestion, command: string): Promise<string> {
  const fail = (reason: string): HelperError =>
    new HelperError({
      kind: 'source-failed',
      source: 'the MFA command',
      reason,
      hint: 'run the command of AWS_ECR_MFA_COMMAND yourself: it must print the six digits and nothing else',
    });
  const abort = new AbortController();
  const timer = setTimeout(
    () => abort.abort(fail(`it gave no code within ${Math.round(limitMs / 1000)} s`)),
    limitMs,
  );
  try {
    const { output, failure } = await runCommandLine(command, env, abort.signal);
    if (failure !== undefined) throw fail(failure);
    const code = digits(output);
    if (code === undefined) throw fail('its output is not a code of six digits');
    return code;
  } finally {
    clearTimeout(timer);
  }
}

/** Authenticator apps show the code in two groups, and some people type it so. */
function digits(text: string): string | undefined {
  const code = text.replace(/\s/g, '');
  return /^[0-9]{6}$/.test(code) ? code : undefined;
}

/** Config files are people's own, but a terminal obeys control characters. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '');
}
