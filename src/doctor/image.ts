// Owns the checks against the registry itself: its `/v2/` with the token, and the manifest of an image, so that identity,
// token, repository policy, region and network trouble can be told apart. Must not send the token to another host.
// Follows the OCI distribution specification, https://github.com/opencontainers/distribution-spec/blob/main/spec.md
import type { Target } from '../config/rules.ts';
import { problemOf } from '../errors.ts';
import { broken, type Finding, ok } from './finding.ts';
import { brokenBy } from './identity.ts';

/** A repository in a registry, and what is wanted of it. */
export interface ImageReference {
  /** Host, with a port where one is named. */
  readonly registry: string;
  readonly repository?: string;
  /** Tag or digest. */
  readonly reference: string;
}

/** Asks a registry; status, body as text up to a limit, and one header. */
export type RegistryRequest = (
  url: string,
  authorization: string,
) => Promise<{ status: number; body: string }>;

/** A registry or an image as people write it: `host`, `host/repository`, `host/repository:tag`, `host/repository@sha256:…`, or a URL. */
export function parseImage(text: string): ImageReference {
  const [registry = '', ...path] = text
    .replace(/^https?:\/\//i, '')
    .replace(/\/+$/, '')
    .split('/');
  const joined = path.join('/');
  const [named = '', digest] = joined.split('@');
  const tag = /:([\w][\w.-]{0,127})$/.exec(named);
  const repository = tag === null ? named : named.slice(0, tag.index);
  return {
    registry,
    reference: digest ?? tag?.[1] ?? 'latest',
    ...(repository === '' || repository === 'v2' || repository === 'v1' ? {} : { repository }),
  };
}

/** The findings about a registry's answers to the token. */
export async function checkRegistry(
  target: Target,
  image: ImageReference,
  password: string,
  request: RegistryRequest,
): Promise<Finding[]> {
  const authorization = `Basic ${btoa(`AWS:${password}`)}`;
  const origin = `https://${image.registry}`;
  try {
    const root = await request(`${origin}/v2/`, authorization);
    if (root.status !== 200) return [rootFinding(root.status, target, origin)];
    const accepted = ok(`${origin}/v2/ accepts the token`);
    if (image.repository === undefined) return [accepted];
    const manifest = await request(
      `${origin}/v2/${image.repository}/manifests/${image.reference}`,
      authorization,
    );
    return [accepted, manifestFinding(manifest, image, target)];
  } catch (error) {
    return [brokenBy(problemOf(error))];
  }
}

function rootFinding(status: number, { registry }: Target, origin: string): Finding {
  if (status === 401 || status === 403)
    return broken(
      `${origin}/v2/ does not accept the token that AWS has just given (status ${status})`,
      `check that ${registry.region} is the region of the registry, and that no proxy or mirror in front of it drops the header Authorization`,
    );
  return broken(
    `${origin}/v2/ answers with status ${status}, which no registry does`,
    'check what stands at that address: a proxy, a mirror or a captive portal',
  );
}

function manifestFinding(
  { status, body }: { status: number; body: string },
  image: ImageReference,
  { registry }: Target,
): Finding {
  const { registry: host, repository = '', reference } = image;
  const name = `${host}/${repository}${reference.includes(':') ? '@' : ':'}${reference}`;
  const { code, message } = firstError(body);
  const said = message === '' ? '' : `: ${message}`;
  if (status === 200) return ok(`${name} can be pulled`);
  if (code === 'NAME_UNKNOWN' || (status === 404 && /repository/i.test(message)))
    return broken(
      `there is no repository "${repository}" in ${host}${said}`,
      `check name, account and region: aws ecr describe-repositories --registry-id ${registry.accountId ?? '<account>'} --region ${registry.region}`,
    );
  if (status === 404)
    return broken(
      `the repository "${repository}" holds no image ${reference}${said}`,
      `list what it holds: aws ecr list-images --registry-id ${registry.accountId ?? '<account>'} --region ${registry.region} --repository-name ${repository}`,
    );
  if (status === 401 || status === 403)
    return broken(`the identity may not pull ${name}${said}`, policyFix(registry, repository));
  return broken(
    `${name} cannot be pulled: status ${status}${said}`,
    'try again in a minute; https://health.aws.amazon.com/health/status tells of outages',
  );
}

/** The statement that lets an identity pull: its own policy, and for another account the repository's as well. */
function policyFix({ region, accountId, partition }: Target['registry'], repository: string): string {
  const resource = `arn:${partition}:ecr:${region}:${accountId ?? '<account>'}:repository/${repository}`;
  const statement = {
    Effect: 'Allow',
    Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchCheckLayerAvailability'],
    Resource: resource,
  };
  return `allow it in a policy of the identity, and for another account in the repository's policy (aws ecr set-repository-policy) too: ${JSON.stringify(statement)}`;
}

/** The first error of a registry's answer, whose messages name no secret. */
function firstError(body: string): { code: string; message: string } {
  try {
    const value: unknown = JSON.parse(body);
    const errors: unknown =
      typeof value === 'object' && value !== null && 'errors' in value ? value.errors : undefined;
    const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
    if (typeof first !== 'object' || first === null) return { code: '', message: '' };
    const { code, message } = first as { code?: unknown; message?: unknown };
    return {
      code: typeof code === 'string' ? code : '',
      message: typeof message === 'string' ? message.slice(0, 300) : '',
    };
  } catch {
    return { code: '', message: '' };
  }
}
