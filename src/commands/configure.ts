// Owns `configure`: shows what will change in Docker's, Podman's and our config file, asks, and writes it. What changes is
// worked out in `configure/plan.ts`. Must not write before a person, or --yes, agreed.

import { dirname } from 'node:path';
import { writeConfigFile } from '../docker/config-file.ts';
import { sessionAuthPath } from '../docker/config-paths.ts';
import { redact } from '../docker/redact.ts';
import { readBytes } from '../docker/replace-file.ts';
import { environmentLogins, loginsIn, otherProgram, type Shadow, staleLogins } from '../docker/shadows.ts';
import { unifiedDiff } from '../docker/unified-diff.ts';
import { PROGRAM } from '../version.ts';
import type { ConfigureOptions } from './configure/options.ts';
import { type Plan, type PlannedFile, planRemoval, planSetup, stringIn } from './configure/plan.ts';
import { type Selection, selectRegistries } from './configure/registries.ts';
import { type CommandContext, type ExitCode, printable } from './console.ts';

/** Sets registries up for this program, or undoes that. */
export async function configure(
  registries: readonly string[],
  options: ConfigureOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { env, console } = context;
  const selection = selectRegistries(registries, options, env);
  for (const remark of selection.remarks) console.say(remark);
  if (selection.hosts.length + selection.mistakes.length === 0 && !options.all && !options.remove) {
    console.say(
      `${PROGRAM}: configure: no registry named\nhint: name its host, such as 123456789012.dkr.ecr.us-east-1.amazonaws.com, or use --account with --region, --public, --discover`,
    );
    return 1;
  }
  const plan = options.remove ? planRemoval(selection, options, env) : planSetup(selection, options, env);
  for (const { cause, hint } of plan.mistakes) console.say(`${PROGRAM}: configure: ${cause}\nhint: ${hint}`);
  if (plan.mistakes.length > 0) {
    console.say('nothing is written');
    return 1;
  }
  for (const file of plan.files) show(file, context);
  for (const remark of plan.remarks) console.say(`note: ${remark}`);
  if (!options.remove)
    for (const { cause, hint } of shadows(plan, selection, options, env))
      console.say(`warning: ${cause}\nhint: ${hint}`);
  return finish(plan, options, context);
}

/** The one place from which files are written. */
async function finish(plan: Plan, options: ConfigureOptions, { console }: CommandContext): Promise<ExitCode> {
  if (plan.files.length === 0) {
    console.say(options.remove ? 'there is nothing to undo' : 'there is nothing to change: all is set up');
    return 0;
  }
  if (options.dryRun) {
    console.say('nothing is written: this was a dry run');
    return 0;
  }
  if (!options.yes) {
    if (!console.isInteractive) {
      console.say(
        'nothing is written: there is no terminal to ask on\nhint: add --yes to write without asking',
      );
      return 1;
    }
    if (!(await console.confirm('Write this?'))) {
      console.say('nothing is written');
      return 1;
    }
  }
  for (const file of plan.files) write(file, console.say);
  return 0;
}

function show({ config, change }: PlannedFile, { console }: CommandContext): void {
  const readable = (text: string | undefined): string | undefined =>
    text === undefined || text.trim() === '' ? text : redact(text, config.file);
  const diff = unifiedDiff(config.file, readable(config.text), readable(change.text));
  if (diff !== '') console.print(printable(diff));
}

function write({ config, change }: PlannedFile, say: (text: string) => void): void {
  writeConfigFile(config, change);
  if (change.text === undefined) say(`${config.file}: removed, as configure made it`);
  else if (change.ledger === undefined) say(`${config.file}: written; nothing of configure is left in it`);
  else if (!change.ledger.existed) say(`${config.file}: written`);
  else say(`${config.file}: written; its former content is in ${config.backup}`);
}

/** Everything that could keep the registries from being served in spite of what is written. */
function shadows(
  { clients: { docker, podman } }: Plan,
  { hosts }: Selection,
  options: ConfigureOptions,
  env: NodeJS.ProcessEnv,
): Shadow[] {
  const text = docker.text ?? '';
  const own = otherProgram(env);
  const isDefault = options.dockerConfig === undefined;
  const config = isDefault ? '' : ` --config ${dirname(docker.file)}`;
  const found = staleLogins(text, docker.file, hosts, (key) => `docker${config} logout ${key}`);
  for (const file of podman === undefined ? [] : [podman.file, sessionAuthPath(env)]) {
    const bytes = file === undefined ? undefined : readBytes(file);
    if (file !== undefined && bytes !== undefined)
      found.push(
        ...staleLogins(
          new TextDecoder().decode(bytes),
          file,
          hosts,
          (key) => `podman logout --authfile ${file} ${key}`,
        ),
      );
  }
  const plain = options.all && stringIn(docker, 'credsStore') === undefined ? loginsIn(text) : [];
  if (plain.length > 0)
    found.push({
      cause: `Docker will no longer use the logins in "auths" for ${plain.join(', ')}`,
      hint: 'log in again afterwards: the fallback then keeps them',
    });
  return [...found, ...environmentLogins(env, hosts), ...(own === undefined ? [] : [own])];
}
