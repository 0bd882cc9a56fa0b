// Owns the step from a declared credential source to keys that sign: each kind of source has one provider, loaded when met.
// Must not choose a source: what was declared is what is used.
import { type Endpoint, endpointUrl, isGlobalSts, isTrue, safeUrl } from '../../aws/endpoint.ts';
import type { AwsKeys, Source } from '../../aws/source.ts';
import { partitionOf } from '../../registry.ts';
import type { FetchContext } from './client.ts';
import type { Step } from './session.ts';

/** Keys of a source; `report` hears of each network step before it begins. Throws whatever the provider throws. */
export async function resolveKeys(
  source: Source,
  context: FetchContext,
  report: (step: Step) => void,
): Promise<AwsKeys> {
  switch (source.kind) {
    case 'environment':
    case 'static':
      return source.keys;
    case 'role': {
      const endpoint = stsEndpoint(source.region, context);
      const base = async (): Promise<AwsKeys> => {
        const keys = await resolveKeys(source.base, context, report);
        report(stsStep(`assuming role ${source.roleArn}`, endpoint));
        return keys;
      };
      if (source.mfaSerial !== undefined) {
        const { assumeRoleWithMfa } = await import('./providers/mfa-role.ts');
        return assumeRoleWithMfa(source, source.mfaSerial, endpoint, context, base);
      }
      const { assumeRole } = await import('./providers/role.ts');
      return assumeRole({ source, base: await base(), endpoint }, context);
    }
    case 'web-identity': {
      const endpoint = stsEndpoint(undefined, context);
      report(stsStep(`assuming role ${source.roleArn} with web identity`, endpoint));
      const { assumeRoleWithWebIdentity } = await import('./providers/web-identity.ts');
      return assumeRoleWithWebIdentity(source, endpoint, context);
    }
    case 'service-account': {
      // In the registry's region, whatever the node is set to: so does the provider of cloud-provider-aws.
      const endpoint = stsEndpoint(context.registry.region, context);
      report(stsStep(`assuming role ${source.roleArn} with a service account token`, endpoint));
      const { assumeRoleWithServiceAccount } = await import('./providers/service-account.ts');
      return assumeRoleWithServiceAccount(source, endpoint, context);
    }
    case 'sso': {
      report({
        what: `asking AWS SSO in ${source.ssoRegion} for role ${source.roleName}`,
        service: 'AWS SSO',
      });
      const { ssoCredentials } = await import('./providers/sso.ts');
      return ssoCredentials(source, context);
    }
    case 'login': {
      report({ what: `renewing the AWS sign-in of profile "${source.profile}"`, service: 'AWS sign-in' });
      const { loginCredentials } = await import('./providers/login.ts');
      return loginCredentials(source, context);
    }
    case 'process': {
      report({
        what: `running credential_process of profile "${source.profile}"`,
        service: 'credential_process',
      });
      const { processCredentials } = await import('./providers/process.ts');
      return processCredentials(source, context.settings.env, context.signal);
    }
    case 'container': {
      report({
        what: `asking the container endpoint ${safeUrl(source.uri)}`,
        service: 'the container endpoint',
      });
      const { containerCredentials } = await import('./providers/container.ts');
      return containerCredentials(source);
    }
    case 'instance': {
      report({ what: 'asking instance metadata for credentials', service: 'instance metadata' });
      const { instanceKeys } = await import('./providers/imds.ts');
      return instanceKeys(source, context.settings.env);
    }
  }
}

/**
 * Where STS is asked: regional, in the role's own region, else the one in force, else the registry's. A region of another
 * partition is passed over, because the role lives in the registry's partition.
 */
export function stsEndpoint(region: string | undefined, { settings, registry }: FetchContext): Endpoint {
  const { env, shared, profile } = settings;
  const candidates = [
    region,
    env.AWS_REGION,
    env.AWS_DEFAULT_REGION,
    shared.profiles.get(profile)?.get('region'),
  ];
  const chosen = candidates.find((candidate) => candidate && partitionOf(candidate) === registry.partition);
  const inForce = chosen ?? registry.region;
  const url = endpointUrl('sts', settings);
  if (url !== undefined) return { region: inForce, url, fips: false, dualStack: false };
  const fips = isTrue('AWS_USE_FIPS_ENDPOINT', 'use_fips_endpoint', settings);
  const dualStack = isTrue('AWS_USE_DUALSTACK_ENDPOINT', 'use_dualstack_endpoint', settings);
  if (!fips && !dualStack && isGlobalSts(inForce, settings))
    return { region: 'us-east-1', url: 'https://sts.amazonaws.com', fips, dualStack };
  return { region: inForce, fips, dualStack };
}

function stsStep(what: string, endpoint: Endpoint): Step {
  const service = `AWS STS in ${endpoint.region}`;
  return {
    what: `${what} (${endpoint.url === undefined ? service : safeUrl(endpoint.url)})`,
    service,
  };
}
