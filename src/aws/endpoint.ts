// Owns where requests go: endpoint overrides, FIPS and dual-stack choices, from the environment and the profile in force.
// Follows https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html. Must not import the AWS SDK, and does no I/O.
import { HelperError } from '../errors.ts';
import type { Registry } from '../registry.ts';
import type { SharedConfig } from './shared-config.ts';

/** The AWS services that are asked, by their names in `[services x]`; upper-cased they end `AWS_ENDPOINT_URL_…`. */
export type ServiceId = 'ecr' | 'ecr_public' | 'sts' | 'sso' | 'sso_oidc' | 'signin';

/** Where a token request goes. */
export interface Endpoint {
  readonly region: string;
  /** An override of the URL; FIPS and dual-stack are then off, for the URL says it all. */
  readonly url?: string;
  readonly fips: boolean;
  readonly dualStack: boolean;
}

/** What endpoints are made from. */
export interface EndpointSettings {
  readonly env: NodeJS.ProcessEnv;
  readonly shared: SharedConfig;
  /** The profile in force, whose `endpoint_url`, `services`, `use_fips_endpoint`, … count. */
  readonly profile: string;
  /** The endpoint that a registry rule names for the token request: it wins over all of these. */
  readonly endpoint?: string;
}

/** Where the authorization token of a registry is asked for. */
export function tokenEndpoint(registry: Registry, settings: EndpointSettings): Endpoint {
  const url = settings.endpoint ?? endpointUrl(registry.service === 'ecr' ? 'ecr' : 'ecr_public', settings);
  if (url !== undefined) return { region: registry.region, url, fips: false, dualStack: false };
  // ECR Public has neither kind of endpoint, so a setting meant for other services must not break it.
  const choosable = registry.service === 'ecr';
  return {
    region: registry.region,
    fips: registry.fips || (choosable && isTrue('AWS_USE_FIPS_ENDPOINT', 'use_fips_endpoint', settings)),
    dualStack:
      registry.dualStack ||
      (choosable && isTrue('AWS_USE_DUALSTACK_ENDPOINT', 'use_dualstack_endpoint', settings)),
  };
}

/** The override for a service, or undefined: its own variable, the general one, then the profile's own and general setting. */
export function endpointUrl(service: ServiceId, settings: EndpointSettings): string | undefined {
  const { env, shared, profile } = settings;
  if (isTrue('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', 'ignore_configured_endpoint_urls', settings))
    return undefined;
  const own = `AWS_ENDPOINT_URL_${service.toUpperCase()}`;
  const values = shared.profiles.get(profile);
  const services = shared.services.get(values?.get('services') ?? '');
  const candidates: readonly (readonly [name: string, url: string | undefined])[] = [
    [own, env[own]],
    ['AWS_ENDPOINT_URL', env.AWS_ENDPOINT_URL],
    [
      `endpoint_url of ${service} in [services ${values?.get('services')}]`,
      services?.get(service)?.get('endpoint_url'),
    ],
    [`endpoint_url of profile "${profile}"`, values?.get('endpoint_url')],
  ];
  const [name, url] = candidates.find(([, candidate]) => candidate) ?? [];
  if (name === undefined || url === undefined) return undefined;
  if (!/^https?:\/\/[^\s/]+/i.test(url) || !URL.canParse(url))
    throw new HelperError({
      kind: 'setting-invalid',
      name,
      value: safeUrl(url),
      wanted: 'a URL that begins with https:// or http://',
    });
  return url;
}

/** A switch of the environment, else of the profile; only `true` and `false` are words for it, in any case. */
export function isTrue(variable: string, key: string, { env, shared, profile }: EndpointSettings): boolean {
  const value = env[variable] || shared.profiles.get(profile)?.get(key) || 'false';
  const word = value.toLowerCase();
  if (word === 'true' || word === 'false') return word === 'true';
  throw new HelperError({
    kind: 'setting-invalid',
    name: env[variable] ? variable : `${key} of profile "${profile}"`,
    value,
    wanted: '"true" or "false"',
  });
}

/** The regions that asked the global STS before there were regional ones; the list is closed. */
const GLOBAL_STS_REGIONS: readonly string[] = [
  'ap-northeast-1',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
];

/**
 * Whether STS is asked at its one global address: where the setting says `legacy`, for networks that let nothing else
 * through. https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-endpoints.html
 */
export function isGlobalSts(region: string, { env, shared, profile }: EndpointSettings): boolean {
  const ofProfile = shared.profiles.get(profile)?.get('sts_regional_endpoints');
  const value = env.AWS_STS_REGIONAL_ENDPOINTS || ofProfile || 'regional';
  const word = value.toLowerCase();
  if (word === 'regional') return false;
  if (word === 'legacy') return GLOBAL_STS_REGIONS.includes(region);
  throw new HelperError({
    kind: 'setting-invalid',
    name: env.AWS_STS_REGIONAL_ENDPOINTS
      ? 'AWS_STS_REGIONAL_ENDPOINTS'
      : `sts_regional_endpoints of profile "${profile}"`,
    value,
    wanted: '"regional" or "legacy"',
  });
}

/**
 * A URL fit for messages: without user info, query and fragment, which may hold secrets. Where a password was not encoded,
 * nobody can tell user info from the rest, so only the scheme is left.
 */
export function safeUrl(url: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(url)?.[0] ?? '';
  const rest = url.slice(scheme.length);
  const at = rest.lastIndexOf('@');
  if (/[/?#]/.test(rest.slice(0, at === -1 ? 0 : at))) return `${scheme}…`;
  return scheme + rest.slice(at + 1).replace(/[?#].*$/s, '');
}
