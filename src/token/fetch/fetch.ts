// Owns the cold path: from a registry and a declared credential source to a checked authorization token, through the AWS SDK.
// Must not be imported statically from outside this folder, and must not read or write the cache.
import { safeUrl, tokenEndpoint } from '../../aws/endpoint.ts';
import type { Registry } from '../../registry.ts';
import { type AuthorizationToken, decodeAuthorizationToken } from '../authorization-token.ts';
import { type ClientSettings, clientSettings } from './client.ts';
import { type FetchRequest, inSession } from './session.ts';

export type { FetchRequest } from './session.ts';

/** A fresh, validated token; throws a `HelperError` for every failure, within the limit. */
export async function fetchAuthorizationToken(request: FetchRequest): Promise<AuthorizationToken> {
  const { registry, settings } = request;
  // Begun before the keys are there: the SDK loads while STS or SSO answer.
  const api = registry.service === 'ecr' ? import('./ecr.ts') : import('./ecr-public.ts');
  return inSession(request, async (keys, context, report) => {
    const endpoint = tokenEndpoint(registry, settings);
    const service = serviceName(registry);
    report({
      what: `asking ${endpoint.url === undefined ? service : safeUrl(endpoint.url)} for an authorization token`,
      service,
    });
    const client: ClientSettings = clientSettings({ ...context, keys, endpoint });
    const requestedAt = Date.now();
    return decodeAuthorizationToken(await (await api).requestToken(client), { requestedAt, service });
  });
}

/** The service's name in messages. */
function serviceName(registry: Registry): string {
  return registry.service === 'ecr' ? `Amazon ECR in ${registry.region}` : 'Amazon ECR Public';
}
