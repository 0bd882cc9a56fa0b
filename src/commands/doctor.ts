// Owns `doctor`: the order of the checks, and one page of what they found, within a limit in time. Must not mend anything, must
// not ask a person anything, and must not show a secret: the findings hold none.
import { compose, type Program } from '../compose.ts';
import type { Target } from '../config/rules.ts';
import { checkAccepted } from '../doctor/accepted.ts';
import { checkClients, configuredRegistries } from '../doctor/client-files.ts';
import { checkDeclared } from '../doctor/declared.ts';
import { checkExecutables } from '../doctor/executables.ts';
import { broken, type Finding, ok, type Section, softened } from '../doctor/finding.ts';
import { checkRegistry, type ImageReference, parseImage } from '../doctor/image.ts';
import { checkNetwork } from '../doctor/network.ts';
import { countOf, type PageStyle, renderJson, renderPage } from '../doctor/page.ts';
import { openRegistry } from '../doctor/registry-client.ts';
import { brokenBy } from '../doctor/remedy.ts';
import { checkStorage } from '../doctor/storage.ts';
import { HelperError, problemOf } from '../errors.ts';
import { explain } from '../explain.ts';
import { PROGRAM, VERSION } from '../version.ts';
import type { CommandContext, Console, ExitCode } from './console.ts';

/** Options as typed. */
export interface DoctorOptions {
  readonly json?: boolean;
}

/** Whatever AWS_ECR_TIMEOUT says of one token: a person waits for this page. */
const LIMIT_MS = 60_000;

/** Checks the machine, and with a registry or an image everything on the way to its pull; exit 1 when something is broken. */
export async function doctor(
  image: string | undefined,
  options: DoctorOptions,
  { env, console }: CommandContext,
): Promise<ExitCode> {
  const limit = new AbortController();
  const timer = setTimeout(
    () => limit.abort(new HelperError({ kind: 'timed-out', step: 'all checks', limitMs: LIMIT_MS })),
    LIMIT_MS,
  );
  const program = compose(env, { signal: limit.signal });
  try {
    const sections = toldOnce(await examine(program, image, limit.signal));
    console.print(
      options.json === true
        ? renderJson(sections, about())
        : renderPage(sections, styleOf(console, env), next(image, env)),
    );
    return countOf(sections, 'broken') === 0 ? 0 : 1;
  } finally {
    clearTimeout(timer);
  }
}

async function examine(program: Program, image: string | undefined, signal: AbortSignal): Promise<Section[]> {
  const { env, settings, authorizer } = program;
  const reference = image === undefined ? undefined : parseImage(image);
  const target = reference === undefined ? undefined : authorizer.target(reference.registry);
  const asked = target === undefined ? undefined : reference?.registry;
  const sections: Section[] = [
    { title: 'executables', findings: await checkExecutables(env) },
    { title: 'settings', findings: checkSettings(program) },
    {
      title: 'clients',
      findings: checkClients(
        { env, rules: settings.problem === undefined ? settings.rules : undefined },
        asked,
      ),
    },
    { title: 'storage', findings: checkStorage(settings) },
  ];
  // Rules that cannot be read may be the ones that make the host ours.
  if (reference === undefined || settings.problem !== undefined) return sections;
  if (target === undefined)
    return [...sections, { title: 'registry', findings: [strange(reference.registry)] }];
  return [...sections, ...(await checkTarget(program, target, reference, signal))];
}

async function checkTarget(
  program: Program,
  target: Target,
  reference: ImageReference,
  signal: AbortSignal,
): Promise<Section[]> {
  const declared = await checkDeclared(program, target);
  const network = { title: 'network', findings: checkNetwork(program, target) };
  // What is declared cannot be used: then AWS would only say the same again.
  const isUsable = !declared.some(({ status }) => status === 'broken');
  const { findings, password } = isUsable
    ? await checkAccepted(program, target, signal)
    : { findings: [], password: undefined };
  const identity = [...declared, ...findings];
  // Anybody may pull from there, so whoever has no identity pulls as anybody.
  const isOpen = target.registry.service === 'ecr-public';
  const sections = [{ title: 'identity', findings: isOpen ? identity.map(softened) : identity }, network];
  if (password === undefined) return sections;
  return [
    ...sections,
    { title: 'registry', findings: await askRegistry(program, target, reference, password) },
  ];
}

async function askRegistry(
  { authorizer }: Program,
  target: Target,
  reference: ImageReference,
  password: string,
): Promise<Finding[]> {
  try {
    const client = await openRegistry(reference.registry, password, authorizer.declare(target));
    return await checkRegistry(target, reference, client);
  } catch (error) {
    return [brokenBy(problemOf(error), target.registry.host)];
  }
}

/** One fault is met by several checks, such as a file of authorities by each request; the first tells it. */
function toldOnce(sections: readonly Section[]): Section[] {
  const told = new Set<string>();
  return sections.map(({ title, findings }) => ({
    title,
    findings: findings.filter(({ status, text }) => status === 'ok' || (!told.has(text) && told.add(text))),
  }));
}

function strange(host: string): Finding {
  const { cause, hint } = explain({ kind: 'not-ecr', host });
  return broken(cause, hint);
}

function checkSettings({ settings }: Program): Finding[] {
  if (settings.problem !== undefined) return [brokenBy(settings.problem)];
  const { length } = settings.rules;
  const rules = length === 0 ? 'no rules' : length === 1 ? 'one rule' : `${length} rules`;
  return [ok(`settings can be used; ${rules} for registries`)];
}

/** Marks and colour for a person; words for a pipe, a file, and a terminal that may not know the marks. */
function styleOf({ isStdoutTerminal }: Console, env: NodeJS.ProcessEnv): PageStyle {
  if (!isStdoutTerminal || env.TERM === 'dumb') return 'words';
  return env.NO_COLOR ? 'marks' : 'color';
}

function next(image: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  if (image !== undefined) return undefined;
  return `to check identity, network and registry too: ${PROGRAM} doctor ${configuredRegistries(env)[0] ?? '<registry or image>'}`;
}

function about(): Readonly<Record<string, string>> {
  return { program: PROGRAM, version: VERSION, platform: `${process.platform} ${process.arch}` };
}
