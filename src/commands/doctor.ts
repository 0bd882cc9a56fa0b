// Owns `doctor`: the order of the checks, and one page of what they found. Must not mend anything, and must not show a secret:
// the findings hold none.
import { compose, type Program } from '../compose.ts';
import type { Target } from '../config/rules.ts';
import { checkClientConfigs } from '../doctor/docker-config.ts';
import { checkExecutables } from '../doctor/executables.ts';
import { broken, type Finding, ok, type Section } from '../doctor/finding.ts';
import { brokenBy, checkAccepted, checkCached, checkDeclared } from '../doctor/identity.ts';
import { checkRegistry, parseImage } from '../doctor/image.ts';
import { checkNetwork } from '../doctor/network.ts';
import { countOf, renderJson, renderPage } from '../doctor/page.ts';
import { checkStorage } from '../doctor/storage.ts';
import { PROGRAM, VERSION } from '../version.ts';
import type { CommandContext, ExitCode } from './console.ts';

/** Options as typed. */
export interface DoctorOptions {
  readonly json?: boolean;
}

const REGISTRY_LIMIT_MS = 10_000;

/** Checks the machine, and with a registry or an image everything on the way to its pull; exit 1 when something is broken. */
export async function doctor(
  image: string | undefined,
  options: DoctorOptions,
  { env, console }: CommandContext,
): Promise<ExitCode> {
  const program = compose(env);
  const reference = image === undefined ? undefined : parseImage(image);
  const target = reference === undefined ? undefined : program.authorizer.target(reference.registry);
  const sections: Section[] = [
    { title: 'executables', findings: checkExecutables(env) },
    { title: 'settings', findings: checkSettings(program) },
    {
      title: 'clients',
      findings: checkClientConfigs(env, target === undefined ? undefined : reference?.registry),
    },
    { title: 'storage', findings: checkStorage(program.settings) },
  ];
  if (reference !== undefined && target === undefined)
    sections.push({
      title: 'registry',
      findings: [
        broken(
          `${reference.registry} is not a registry of Amazon ECR`,
          'check its name, or map the host in a rule of the config file',
        ),
      ],
    });
  if (reference !== undefined && target !== undefined)
    sections.push(...(await checkTarget(program, target, reference)));
  const isColored = console.isStdoutTerminal && !env.NO_COLOR && env.TERM !== 'dumb';
  const about = { program: PROGRAM, version: VERSION, platform: `${process.platform} ${process.arch}` };
  console.print(options.json === true ? renderJson(sections, about) : renderPage(sections, isColored));
  return countOf(sections, 'broken') === 0 ? 0 : 1;
}

async function checkTarget(
  program: Program,
  target: Target,
  reference: ReturnType<typeof parseImage>,
): Promise<Section[]> {
  const declared = checkDeclared(program, target);
  const network = { title: 'network', findings: checkNetwork(program, target) };
  const cached = await checkCached(program, target);
  // What is declared cannot be used: then AWS would only say the same again.
  if (declared.some(({ status }) => status === 'broken'))
    return [{ title: 'identity', findings: [...declared, cached] }, network];
  const { findings, password } = await checkAccepted(program, target);
  const sections = [{ title: 'identity', findings: [...declared, cached, ...findings] }, network];
  if (password === undefined) return sections;
  const { openNetwork, runtimeSend } = await import('../token/fetch/network.ts');
  const channel = openNetwork(
    await runtimeSend(),
    program.authorizer.declare(target).endpoints,
    REGISTRY_LIMIT_MS,
  );
  const registry = await checkRegistry(target, reference, password, async (url, authorization) => {
    const headers = { authorization, accept: MANIFEST_TYPES };
    const { status, body } = await channel.exchange(
      { url, method: 'GET', headers },
      AbortSignal.timeout(2 * REGISTRY_LIMIT_MS),
    );
    return { status, body: new TextDecoder().decode(body) };
  });
  return [...sections, { title: 'registry', findings: registry }];
}

/** Every kind of manifest that ECR keeps: without the list a registry answers an image of the oldest kind, or none. */
const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

function checkSettings({ settings }: Program): Finding[] {
  if (settings.problem !== undefined) return [brokenBy(settings.problem)];
  const rules = settings.rules.length;
  return [
    ok(
      `settings can be used; ${rules === 0 ? 'no rules' : rules === 1 ? 'one rule' : `${rules} rules`} for registries`,
    ),
  ];
}
