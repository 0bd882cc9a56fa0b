// Owns the names of images and the checks against the registry itself: its `/v2/` with the token, and the manifest of an image,
// so that identity, token, repository policy, region and network trouble can be told apart. Must not connect by itself.
// Follows the OCI distribution specification, https://github.com/opencontainers/distribution-spec/blob/main/spec.md
import type { Target } from '../config/rules.ts';
import { broken, type Finding, ok } from './finding.ts';
import type { RegistryAnswer, RegistryClient } from './registry-client.ts';
import { pullRemedy } from './remedy.ts';

/** A repository in a registry, and what is wanted of it. */
export interface ImageReference {
  /** Host, with a port where one is named. */
  readonly registry: string;
  readonly repository?: string;
  /** Tag or digest. */
  readonly reference: string;
}

/** A registry or an image as people write it: `host`, `host/repository`, `host/repository:tag`, `host/repository@sha256:…`, or a URL. */
export function parseImage(text: string): ImageReference {
  const [registry = '', ...path] = text
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/\/+$/, '')
    .split('/');
  const joined = path.join('/');
  const [named = '', digest] = joined.split('@');
  const tag = /:([\w][\w.-]{0,127})$/.exec(named);
  const repository = tag === null ? named : named.slice(0, tag.index);
  return {
    registry,
    reference: digest || (tag?.[1] ?? 'latest'),
    ...(repository === '' || repository === 'v2' || repository === 'v1' ? {} : { repository }),
  };
}

/** The findings about a registry's answers to the token. Throws what the client throws. */
export async function checkRegistry(
  target: Target,
  image: ImageReference,
  client: RegistryClient,
): Promise<Finding[]> {
  const origin = `https://${image.registry}`;
  const root = await client.get('/v2/');
  if (root.status !== 200) return [rootFinding(root, target, origin)];
  const accepted = ok(`${origin}/v2/ accepts the token`);
  if (image.repository === undefined) return [accepted];
  const path = [...image.repository.split('/'), 'manifests', image.reference].map(encode).join('/');
  const manifest = await client.get(`/v2/${path}`);
  return [accepted, manifestFinding(manifest, image, target)];
}

/** What is typed after the host must stay a path below it; digests keep their colon. */
function encode(part: string): string {
  return encodeURIComponent(part).replaceAll('%3A', ':');
}

function rootFinding(answer: RegistryAnswer, { registry }: Target, origin: string): Finding {
  const { status } = answer;
  const said = saidBy(answer);
  // A token of one region is nothing that another region's registry can read.
  if (status === 400 || status === 401 || status === 403)
    return broken(
      `${origin}/v2/ does not accept the token that AWS gave for ${registry.region} (status ${status})${said}`,
      `check that ${registry.region} is the region of the registry, and that no proxy or mirror in front of it drops the header Authorization`,
    );
  if (status === 429)
    return broken(`${origin}/v2/ throttles requests (status 429)${said}`, 'try again in a minute');
  if (status >= 500)
    return broken(
      `${origin}/v2/ fails (status ${status})${said}`,
      'try again in a minute; https://health.aws.amazon.com/health/status tells of outages',
    );
  return broken(
    `${origin}/v2/ answers with status ${status}, which no registry does`,
    'check what stands at that address: a proxy, a mirror or a captive portal',
  );
}

function manifestFinding(answer: RegistryAnswer, image: ImageReference, { registry }: Target): Finding {
  const { status, code, message } = answer;
  const { registry: host, repository = '', reference } = image;
  const name = `${host}/${repository}${reference.includes(':') ? '@' : ':'}${reference}`;
  const said = saidBy(answer);
  const place = `--registry-id ${registry.accountId ?? '<account>'} --region ${registry.region}`;
  const list = registry.service === 'ecr' ? 'aws ecr' : 'aws ecr-public';
  if (status === 200) return ok(`${name} is there, and this identity may read its manifest`);
  if (code === 'NAME_UNKNOWN' || (status === 404 && /repository/i.test(message)))
    return broken(
      `there is no repository "${repository}" in ${host}${said}`,
      `correct name, account or region; it has: ${list} describe-repositories ${place}`,
    );
  if (status === 404)
    return broken(
      `the repository "${repository}" holds no image ${reference}${said}`,
      `correct tag or digest; it holds: ${list} list-images ${place} --repository-name ${repository}`,
    );
  if (/authorization token|basic auth credentials/i.test(message))
    return broken(
      `the registry does not accept the token for ${name}${said}`,
      'see the clock, then try again',
    );
  if (status === 401 || status === 403 || code === 'DENIED')
    return broken(`the identity may not pull ${name}${said}`, pullRemedy(message, registry, repository));
  if (status === 429)
    return broken(`the registry throttles requests for ${name}${said}`, 'try again in a minute');
  return broken(
    `${name} cannot be pulled: status ${status}${said}`,
    'try again in a minute; https://health.aws.amazon.com/health/status tells of outages',
  );
}

function saidBy({ message }: RegistryAnswer): string {
  return message === '' ? '' : `: ${message}`;
}
