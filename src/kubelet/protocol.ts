// Owns the wire format of the kubelet's credential provider plugins: the request as typed text, the response as exact bytes.
// Follows kubernetes/kubelet pkg/apis/credentialprovider/{v1,v1beta1,v1alpha1}/types.go. Knows no AWS, and does no I/O.

/** The most that a request may hold, in bytes: annotations alone may be 256 KiB. */
export const KUBELET_REQUEST_LIMIT = 1024 * 1024;

/** The name that kubelets know the plugin for ECR by; called by it, this program is that plugin. */
export const PLUGIN_NAME = 'ecr-credential-provider';

const GROUP = 'credentialprovider.kubelet.k8s.io';

/** Versions of the API whose messages differ for us in the service account alone, which only v1 has. */
const VERSIONS: readonly string[] = ['v1', 'v1beta1', 'v1alpha1'].map((version) => `${GROUP}/${version}`);

/** What the kubelet asks for. */
export interface KubeletRequest {
  readonly apiVersion: string;
  /** Registry with its port, and path; no tag, no digest. */
  readonly image: string;
  /** A secret. */
  readonly serviceAccountToken?: string;
  readonly serviceAccountAnnotations: Readonly<Record<string, string>>;
}

/** A request that no plugin could answer; its message is safe to print. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
}

/** The request in the bytes of stdin; fields that are not known are left alone, since newer kubelets send more. */
export function parseKubeletRequest(bytes: Uint8Array): KubeletRequest {
  if (bytes.length > KUBELET_REQUEST_LIMIT)
    throw new RequestError(`the request is larger than ${KUBELET_REQUEST_LIMIT} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // The parser's own words may quote the input, and the input may hold a token.
    throw new RequestError('the request is not JSON');
  }
  if (!isRecord(value)) throw new RequestError('the request is not a JSON object');
  const { kind, apiVersion } = value;
  if (kind !== 'CredentialProviderRequest')
    throw new RequestError(
      `the request is of kind ${show(kind)}, must be of kind "CredentialProviderRequest"`,
    );
  if (typeof apiVersion !== 'string' || !VERSIONS.includes(apiVersion))
    throw new RequestError(
      `the request is of apiVersion ${show(apiVersion)}, must be one of ${VERSIONS.join(', ')}`,
    );
  const image = text(value, 'image');
  if (image === '') throw new RequestError('image in plugin request was empty');
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]/u.test(image))
    throw new RequestError('the image holds a space or a control character');
  const token = apiVersion === `${GROUP}/v1` ? text(value, 'serviceAccountToken') : '';
  return {
    apiVersion,
    image,
    ...(token === '' ? {} : { serviceAccountToken: token }),
    serviceAccountAnnotations: annotations(value.serviceAccountAnnotations),
  };
}

/** The part of an image that the kubelet matches keys with: registry and port as written, no scheme, no path. */
export function registryOfImage(image: string): string {
  return image.replace(/^https?:\/\//, '').split('/')[0] ?? '';
}

/** One line of JSON; keys in the order of the upstream plugin, none that a strict decoder would not know. */
export function kubeletResponse(answer: {
  readonly apiVersion: string;
  /** The registry that the credentials are for, as the image has it. */
  readonly registry: string;
  readonly username: string;
  readonly password: string;
  /** How long the kubelet may keep them, in ms. */
  readonly keepMs: number;
}): string {
  const { apiVersion, registry, username, password, keepMs } = answer;
  return `${JSON.stringify({
    kind: 'CredentialProviderResponse',
    apiVersion,
    cacheKeyType: 'Registry',
    cacheDuration: goDuration(keepMs),
    auth: { [registry]: { username, password } },
  })}\n`;
}

/**
 * How long the kubelet may keep a credential: half of what is left of its life, so that pulls that begin late still end.
 * Nothing is left, or its end is not known: zero, which means "do not keep". Leaving the field out would mean the default
 * of the kubelet's configuration, hours.
 */
export function keepMs(expiresAt: number | undefined, now: number): number {
  if (expiresAt === undefined || !Number.isFinite(expiresAt) || expiresAt <= now) return 0;
  return Math.floor((expiresAt - now) / 2);
}

/** A duration as Go's time.Duration prints it, in whole seconds rounded down: `6h0m0s`, `10m0s`, `59s`, `0s`. */
export function goDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (h > 0) return `${h}h${m}m${s}s`;
  return m > 0 ? `${m}m${s}s` : `${s}s`;
}

function annotations(value: unknown): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return {};
  if (!isRecord(value) || !Object.values(value).every((each) => typeof each === 'string'))
    throw new RequestError('serviceAccountAnnotations of the request must be an object of strings');
  return value as Record<string, string>;
}

/** A member that may be absent; Go writes the empty string or leaves it out. */
function text(value: Record<string, unknown>, name: string): string {
  const member = value[name] ?? '';
  if (typeof member !== 'string') throw new RequestError(`${name} of the request must be a string`);
  return member;
}

function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : 'unknown';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
