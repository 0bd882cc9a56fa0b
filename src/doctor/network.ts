// Owns the checks of the way to AWS: endpoint, proxy and authorities in force. What answers there is asked by others.
import { type Endpoint, type EndpointSettings, safeUrl, tokenEndpoint } from '../aws/endpoint.ts';
import type { Program } from '../compose.ts';
import type { Target } from '../config/rules.ts';
import { problemOf } from '../errors.ts';
import { type Registry, registryHost } from '../registry.ts';
import { proxyFor } from '../token/fetch/network-proxy.ts';
import { readTrust } from '../token/fetch/network-trust.ts';
import { type Finding, ok, warning } from './finding.ts';
import { brokenBy } from './remedy.ts';

/** The findings about endpoint, proxy and authorities for a registry's token, and the proxy for the registry itself. */
export function checkNetwork({ env, authorizer }: Program, target: Target): Finding[] {
  const findings: Finding[] = [];
  const endpoints = declaredEndpoints(authorizer, target);
  // What cannot be declared is told as a matter of identity, and would be told here again.
  if (endpoints === undefined) return findings;
  const { registry } = target;
  try {
    const endpoint = tokenEndpoint(registry, endpoints);
    const service = registry.service === 'ecr' ? `Amazon ECR in ${endpoint.region}` : 'Amazon ECR Public';
    const url = endpoint.url ?? usualUrl(registry, endpoint);
    findings.push(
      ok(
        `the token is asked from ${safeUrl(url)}, ${endpoint.url === undefined ? service : `an override of ${service}`}`,
      ),
    );
    for (const [what, asked] of [
      ['the token', url],
      ['the registry', `https://${registry.host}`],
    ] as const) {
      const proxy = proxyFor(asked, env);
      findings.push(
        ok(
          proxy === undefined
            ? `no proxy is used for ${what}`
            : `the proxy ${proxy.origin} is used for ${what}`,
        ),
      );
    }
    findings.push(ok(`trusted are ${readTrust(endpoints).name}`));
  } catch (error) {
    findings.push(brokenBy(problemOf(error)));
  }
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0')
    findings.push(
      warning(
        'NODE_TLS_REJECT_UNAUTHORIZED=0 is set and has no effect here',
        "set AWS_CA_BUNDLE to the PEM file of your network's authority",
      ),
    );
  return findings;
}

/** As in the rules of the SDK's `endpoints.json`; a proxy and its exceptions are chosen by this name. */
function usualUrl(registry: Registry, { region, fips, dualStack }: Endpoint): string {
  if (registry.service === 'ecr-public') return 'https://api.ecr-public.us-east-1.amazonaws.com';
  const suffix = registryHost('', region).replace(`.dkr.ecr.${region}.`, '');
  if (dualStack)
    return `https://${fips ? 'ecr-fips' : 'ecr'}.${region}.${registry.partition === 'aws-cn' ? 'api.amazonwebservices.com.cn' : 'api.aws'}`;
  return `https://${fips ? 'ecr-fips' : 'api.ecr'}.${region}.${suffix}`;
}

function declaredEndpoints(authorizer: Program['authorizer'], target: Target): EndpointSettings | undefined {
  try {
    return authorizer.declare(target).endpoints;
  } catch {
    return undefined;
  }
}
