// Owns the checks of the way to AWS: endpoint, proxy and authorities in force. What answers there is asked by others.
import { type EndpointSettings, safeUrl, tokenEndpoint } from '../aws/endpoint.ts';
import type { Program } from '../compose.ts';
import type { Target } from '../config/rules.ts';
import { problemOf } from '../errors.ts';
import { proxyFor } from '../token/fetch/network-proxy.ts';
import { readTrust } from '../token/fetch/network-trust.ts';
import { type Finding, ok, warning } from './finding.ts';
import { brokenBy } from './identity.ts';

/** The findings about endpoint, proxy and authorities for a registry's token. */
export function checkNetwork({ env, authorizer }: Program, target: Target): Finding[] {
  const findings: Finding[] = [];
  const endpoints = declaredEndpoints(authorizer, target);
  // What cannot be declared is told as a matter of identity, and would be told here again.
  if (endpoints === undefined) return findings;
  try {
    const { url, region, fips, dualStack } = tokenEndpoint(target.registry, endpoints);
    const kind = [fips ? 'FIPS' : '', dualStack ? 'dual-stack' : ''].filter((word) => word !== '').join(', ');
    const service = target.registry.service === 'ecr' ? `Amazon ECR in ${region}` : 'Amazon ECR Public';
    findings.push(
      url === undefined
        ? ok(`the token is asked from ${service}${kind === '' ? '' : ` (${kind})`}`)
        : ok(`the token is asked from ${safeUrl(url)}, an override of ${service}`),
    );
    const proxy = proxyFor(url ?? `https://api.ecr.${region}.amazonaws.com`, env);
    findings.push(
      ok(proxy === undefined ? 'no proxy is used for it' : `the proxy ${proxy.origin} is used for it`),
    );
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

function declaredEndpoints(authorizer: Program['authorizer'], target: Target): EndpointSettings | undefined {
  try {
    return authorizer.declare(target).endpoints;
  } catch {
    return undefined;
  }
}
