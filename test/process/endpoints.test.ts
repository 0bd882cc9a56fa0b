// Owns the hosts that are asked: for every partition and form of registry, for STS, and under each setting that changes them.
// A proxy that refuses everything records the names, so that none of them need resolve.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { VERSION } from '../../src/version.ts';
import { executables } from '../support/executables.ts';
import { startProxy } from '../support/network/proxy.ts';
import { loginFiles, NO_KEYS, ROLE, ssoFiles, writeAll } from '../support/sources.ts';
import { ACCOUNT, ALICE, BOB, type Env, HOST, keysProfile, openWorld, type World } from '../support/world.ts';

/** Registry to the host of the API that gives its token. */
const APIS: Readonly<Record<string, string>> = {
  'dkr.ecr.us-east-1.amazonaws.com': 'api.ecr.us-east-1.amazonaws.com',
  'dkr.ecr-fips.us-east-1.amazonaws.com': 'api.ecr-fips.us-east-1.amazonaws.com',
  'dkr-ecr.us-east-1.on.aws': 'ecr.us-east-1.api.aws',
  'dkr-ecr-fips.us-east-1.on.aws': 'ecr-fips.us-east-1.api.aws',
  'dkr.ecr.cn-north-1.amazonaws.com.cn': 'api.ecr.cn-north-1.amazonaws.com.cn',
  'dkr-ecr.cn-north-1.on.amazonwebservices.com.cn': 'ecr.cn-north-1.api.amazonwebservices.com.cn',
  'dkr.ecr.us-gov-west-1.amazonaws.com': 'api.ecr.us-gov-west-1.amazonaws.com',
  'dkr.ecr-fips.us-gov-west-1.amazonaws.com': 'api.ecr-fips.us-gov-west-1.amazonaws.com',
  'dkr-ecr.us-gov-east-1.on.aws': 'ecr.us-gov-east-1.api.aws',
  'dkr.ecr.us-iso-east-1.c2s.ic.gov': 'api.ecr.us-iso-east-1.c2s.ic.gov',
  'dkr.ecr.us-isob-east-1.sc2s.sgov.gov': 'api.ecr.us-isob-east-1.sc2s.sgov.gov',
  'dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk': 'api.ecr.eu-isoe-west-1.cloud.adc-e.uk',
  'dkr.ecr.us-isof-south-1.csp.hci.ic.gov': 'api.ecr.us-isof-south-1.csp.hci.ic.gov',
  'dkr.ecr.eusc-de-east-1.amazonaws.eu': 'api.ecr.eusc-de-east-1.amazonaws.eu',
  // A region that no table knows yet.
  'dkr.ecr.mars-north-7.amazonaws.com': 'api.ecr.mars-north-7.amazonaws.com',
};

const FIPS: Env = { AWS_USE_FIPS_ENDPOINT: 'true' };
const DUAL_STACK: Env = { AWS_USE_DUALSTACK_ENDPOINT: 'true' };
const LEGACY: Env = { AWS_STS_REGIONAL_ENDPOINTS: 'legacy' };
const USUAL = 'api.ecr.us-east-1.amazonaws.com';

/** Variables to the host that gives the token of the same registry, or takes on the role for it. */
const SETTINGS: readonly (readonly [env: Env, host: string])[] = [
  [FIPS, 'api.ecr-fips.us-east-1.amazonaws.com'],
  [DUAL_STACK, 'ecr.us-east-1.api.aws'],
  [{ ...FIPS, ...DUAL_STACK }, 'ecr-fips.us-east-1.api.aws'],
  [{ AWS_REGION: 'eu-west-1' }, USUAL],
  [{ AWS_ENDPOINT_URL_ECR: 'https://vpce.test' }, 'vpce.test'],
  [{ AWS_ENDPOINT_URL: 'https://vpce.test', ...FIPS }, 'vpce.test'],
  [{ AWS_ENDPOINT_URL: 'https://vpce.test', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }, USUAL],
];

const STS: readonly (readonly [env: Env, host: string])[] = [
  [{}, 'sts.us-east-1.amazonaws.com'],
  [{ AWS_REGION: 'eu-west-1' }, 'sts.eu-west-1.amazonaws.com'],
  // A region of another partition knows neither the role nor the registry.
  [{ AWS_REGION: 'cn-north-1' }, 'sts.us-east-1.amazonaws.com'],
  [FIPS, 'sts-fips.us-east-1.amazonaws.com'],
  [DUAL_STACK, 'sts.us-east-1.api.aws'],
  [LEGACY, 'sts.amazonaws.com'],
  [{ ...LEGACY, AWS_REGION: 'ap-southeast-2' }, 'sts.amazonaws.com'],
  [{ ...LEGACY, AWS_REGION: 'eu-south-1' }, 'sts.eu-south-1.amazonaws.com'],
  [{ ...LEGACY, ...FIPS }, 'sts-fips.us-east-1.amazonaws.com'],
  [{ AWS_STS_REGIONAL_ENDPOINTS: 'regional' }, 'sts.us-east-1.amazonaws.com'],
  [{ ...LEGACY, AWS_ENDPOINT_URL_STS: 'https://vpce.test' }, 'vpce.test'],
];

/** The hosts that a `get` connects to, each once; nothing but the proxy answers. */
async function hostsAsked(t: TestContext, world: World, registry: string, env: Env): Promise<string[]> {
  const proxy = await startProxy(t, { fail: 502 });
  const noEndpoints = Object.fromEntries(
    Object.keys(world.aws.environment()).map((name) => [name, undefined]),
  );
  const { stdout } = await world.get(registry, { ...noEndpoints, HTTPS_PROXY: proxy.url, ...env });
  assert.equal(stdout, 'credentials not found in native keychain\n');
  return [...new Set(proxy.asked.map(({ target }) => target))];
}

for (const executable of executables) {
  describe(`endpoints, ${executable.name}`, { concurrency: 2 }, () => {
    for (const [registry, api] of Object.entries(APIS))
      test(`${registry}: ${api}`, async (t) => {
        const world = await openWorld(t, executable);
        assert.deepEqual(await hostsAsked(t, world, `${ACCOUNT}.${registry}`, {}), [`${api}:443`]);
      });

    for (const registry of ['public.ecr.aws', 'ecr-public.aws.com'])
      test(`${registry} has one API, whatever is set`, async (t) => {
        const world = await openWorld(t, executable);
        const env = { ...FIPS, ...DUAL_STACK, AWS_REGION: 'eu-west-1' };
        assert.deepEqual(await hostsAsked(t, world, registry, env), [
          'api.ecr-public.us-east-1.amazonaws.com:443',
        ]);
      });

    for (const [env, host] of SETTINGS)
      test(`the token with ${JSON.stringify(env)}: ${host}`, async (t) => {
        const world = await openWorld(t, executable);
        assert.deepEqual(await hostsAsked(t, world, HOST, env), [`${host}:443`]);
      });

    for (const [env, host] of STS)
      test(`a role with ${JSON.stringify(env)}: ${host}`, async (t) => {
        const world = await openWorld(t, executable, { env: NO_KEYS });
        world.write('.aws/credentials', keysProfile('alice', ALICE));
        world.write('.aws/config', `[default]\nrole_arn = ${ROLE}\nsource_profile = alice\n`);
        assert.deepEqual(await hostsAsked(t, world, HOST, env), [`${host}:443`]);
      });

    test('STS in the registry`s partition', async (t) => {
      const world = await openWorld(t, executable, { env: NO_KEYS });
      world.write('.aws/credentials', keysProfile('alice', ALICE));
      const settings = 'region = us-east-1\nsts_regional_endpoints = legacy\n';
      world.write('.aws/config', `[default]\nrole_arn = ${ROLE}\nsource_profile = alice\n${settings}`);
      const registry = `${ACCOUNT}.dkr.ecr.cn-north-1.amazonaws.com.cn`;
      assert.deepEqual(await hostsAsked(t, world, registry, {}), ['sts.cn-north-1.amazonaws.com.cn:443']);
      assert.deepEqual(await hostsAsked(t, world, HOST, {}), ['sts.amazonaws.com:443']);
    });

    test('a rule`s profile decides, not the endpoints of AWS_PROFILE', async (t) => {
      const files = {
        '.ecr/config.json': JSON.stringify({ registries: [{ match: { account: ACCOUNT }, profile: 'q' }] }),
        '.aws/credentials': keysProfile('alice', BOB),
      };
      const world = await openWorld(t, executable, { env: { ...NO_KEYS, AWS_PROFILE: 'p' }, files });
      const other = '[profile p]\nendpoint_url = https://wrong.test\nregion = eu-west-1\n';
      const role = `[profile q]\nrole_arn = ${ROLE}\nsource_profile = alice\n`;
      world.write('.aws/config', `${other}${role}`);
      assert.deepEqual(await hostsAsked(t, world, HOST, {}), ['sts.us-east-1.amazonaws.com:443']);
      world.write('.aws/config', `${other}${keysProfile('profile q', BOB)}`);
      assert.deepEqual(await hostsAsked(t, world, HOST, {}), [`${USUAL}:443`]);
      const sso = ssoFiles(world, { profile: 'q' });
      writeAll(world, { ...sso, '.aws/config': `${sso['.aws/config']}${other}` });
      assert.deepEqual(await hostsAsked(t, world, HOST, {}), ['portal.sso.us-east-1.amazonaws.com:443']);
      const login = loginFiles(world, { accessLifeMs: -1000 });
      writeAll(world, { ...login, '.aws/config': login['.aws/config'].replace('dev', 'q') + other });
      assert.deepEqual(await hostsAsked(t, world, HOST, {}), ['us-east-1.signin.aws.amazon.com:443']);
    });

    test('every request names this program, and whoever AWS_SDK_UA_APP_ID names', async (t) => {
      const world = await openWorld(t, executable, { env: NO_KEYS });
      world.aws.addRole({ arn: ROLE });
      world.write('.aws/credentials', keysProfile('alice', ALICE));
      const role = `[default]\nrole_arn = ${ROLE}\nsource_profile = alice\n`;
      for (const [config, env, app] of [
        [role, {}, undefined],
        [role, { AWS_SDK_UA_APP_ID: 'ci-7' }, 'ci-7'],
        [`${role}sdk_ua_app_id = of-profile\n`, {}, 'of-profile'],
      ] as const) {
        world.write('.aws/config', config);
        await world.get(HOST, { ...env, AWS_ECR_DISABLE_CACHE: 'true' });
        const agents = world.aws.requests.splice(0).map(({ userAgent }) => userAgent);
        assert.equal(agents.length, 2);
        for (const agent of agents) {
          assert.ok(agent.includes(`docker-credential-ecr-login/${VERSION}`), agent);
          assert.equal(/\bapp\/(\S+)/.exec(agent)?.[1], app);
        }
      }
    });
  });
}
