// Which service and operation a request is for. All services share one port, so the request itself must tell.
// Owns the recognition of wire forms; it must not answer anything.

import type { Service, WireRequest } from './model.ts';

/** Where a request goes; `signed` says that Signature Version 4 must be checked before anything else. */
export interface Route {
  readonly service: Service;
  readonly operation: string;
  readonly signed: boolean;
}

/** Path prefix of the place that a redirect fault without an address of its own points at. */
export const REDIRECT_PREFIX = '/redirected/';

// Target prefixes: the smithy models of ECR and ECR Public.
const TARGETS: Readonly<Record<string, Service>> = {
  AmazonEC2ContainerRegistry_V20150921: 'ecr',
  SpencerFrontendService: 'ecr-public',
};

const PATHS: readonly (readonly [start: string, service: Service, operation?: string])[] = [
  ['/federation/credentials', 'sso', 'GetRoleCredentials'],
  ['/token', 'oidc', 'CreateToken'],
  ['/v1/token', 'signin', 'CreateOAuth2Token'],
  ['/latest/', 'imds'],
  ['/v1/credentials', 'container', 'GetCredentials'],
  ['/v2/credentials/', 'container', 'GetCredentials'],
];

/** Recognises a request by its target header, its form action or its path. */
export function routeOf(request: WireRequest): Route {
  const path = request.url.split('?', 1)[0] ?? '/';
  if (path.startsWith(REDIRECT_PREFIX)) {
    return {
      service: serviceNamed(path.slice(REDIRECT_PREFIX.length)),
      operation: 'FollowedRedirect',
      signed: false,
    };
  }
  const [target = '', operation] = (request.headers['x-amz-target'] ?? '').split('.', 2);
  const service = TARGETS[target];
  if (service && operation) return { service, operation, signed: true };
  if (request.method === 'POST' && path === '/' && isForm(request)) {
    const action = formOf(request).get('Action') ?? '';
    return { service: 'sts', operation: action, signed: action !== 'AssumeRoleWithWebIdentity' };
  }
  const found = PATHS.find(([start]) => path.startsWith(start));
  const fallback = `${request.method} ${path}`;
  if (!found) return { service: 'unknown', operation: fallback, signed: false };
  return { service: found[1], operation: found[2] ?? fallback, signed: false };
}

/** The fields of a form-encoded body. */
export function formOf(request: WireRequest): URLSearchParams {
  return new URLSearchParams(request.body.toString());
}

function isForm(request: WireRequest): boolean {
  return (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
}

function serviceNamed(name: string): Service {
  const services: readonly Service[] = [
    'ecr',
    'ecr-public',
    'sts',
    'sso',
    'oidc',
    'signin',
    'imds',
    'container',
  ];
  return services.find((service) => service === name) ?? 'unknown';
}
