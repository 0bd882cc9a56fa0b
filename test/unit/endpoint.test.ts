// Where a token request goes: overrides and their order, FIPS and dual-stack, refused values, and URLs made safe for messages.
// Owns no registry names (registry.test.ts).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { endpointUrl, isGlobalSts, isTrue, safeUrl, tokenEndpoint } from '../../src/aws/endpoint.ts';
import { HOST, PUBLIC_HOST, problemFrom, registryOf, sharedConfig } from './fixtures.ts';
import { check } from './property.ts';

type Settings = Readonly<Record<string, string>>;

const shared = sharedConfig(
  {
    p: { endpoint_url: 'https://profile', services: 'v' },
    general: { endpoint_url: 'https://profile' },
    dangling: { services: 'none' },
    ignoring: { endpoint_url: 'https://profile', ignore_configured_endpoint_urls: 'true' },
    fips: { use_fips_endpoint: 'true' },
    dual: { use_dualstack_endpoint: 'TRUE' },
    off: { use_fips_endpoint: 'false', endpoint_url: '' },
    odd: { use_fips_endpoint: 'yes' },
    sts: { sts_regional_endpoints: 'legacy' },
  },
  {
    services: {
      v: { ecr: { endpoint_url: 'https://services-ecr' }, sts: { endpoint_url: 'https://services-sts' } },
    },
  },
);
const settings = (env: Settings, profile = 'none') => ({ env, shared, profile });

const OWN = { AWS_ENDPOINT_URL_ECR: 'https://own' };
const GENERAL = { AWS_ENDPOINT_URL: 'https://general' };

describe('the override of ECR', () => {
  const rows: readonly (readonly [name: string, env: Settings, profile: string, url: string | undefined])[] =
    [
      ['none', {}, 'none', undefined],
      ['its own variable', OWN, 'none', 'https://own'],
      ['the general variable', GENERAL, 'none', 'https://general'],
      ['its own variable first', { ...OWN, ...GENERAL }, 'p', 'https://own'],
      ['the general variable before the profile', GENERAL, 'p', 'https://general'],
      ['the services section before the profile`s general one', {}, 'p', 'https://services-ecr'],
      ['the profile`s general one', {}, 'general', 'https://profile'],
      ['a services section that does not exist', {}, 'dangling', undefined],
      ['an empty variable is unset', { AWS_ENDPOINT_URL_ECR: '' }, 'p', 'https://services-ecr'],
      ['an empty setting is unset', {}, 'off', undefined],
      ['another service`s variable', { AWS_ENDPOINT_URL_STS: 'https://sts' }, 'none', undefined],
      [
        'all ignored by variable',
        { ...OWN, ...GENERAL, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' },
        'p',
        undefined,
      ],
      [
        'all ignored by variable, in another case',
        { ...OWN, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'True' },
        'p',
        undefined,
      ],
      ['all ignored by profile', OWN, 'ignoring', undefined],
      [
        'the variable not to ignore, over the profile',
        { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false' },
        'ignoring',
        'https://profile',
      ],
      [
        'http, a port and a path',
        { AWS_ENDPOINT_URL_ECR: 'http://127.0.0.1:4566/ecr' },
        'none',
        'http://127.0.0.1:4566/ecr',
      ],
      ['IPv6', { AWS_ENDPOINT_URL_ECR: 'https://[::1]:8443' }, 'none', 'https://[::1]:8443'],
    ];
  for (const [name, env, profile, url] of rows)
    test(`${name}: ${url}`, () => assert.equal(endpointUrl('ecr', settings(env, profile)), url));

  test('each service has a variable and a section of its own', () => {
    const services = ['ecr', 'ecr_public', 'sts', 'sso', 'sso_oidc', 'signin'] as const;
    const env = Object.fromEntries(
      services.map((id) => [`AWS_ENDPOINT_URL_${id.toUpperCase()}`, `https://${id}`]),
    );
    for (const id of services) assert.equal(endpointUrl(id, settings(env)), `https://${id}`);
    assert.equal(endpointUrl('sts', settings({}, 'p')), 'https://services-sts');
    assert.equal(endpointUrl('sso', settings({}, 'p')), 'https://profile');
  });

  for (const url of [
    'localhost:4566',
    'ftp://x',
    'https://',
    'https:///x',
    'https:// x',
    'http://x:99999',
    'https://[::1',
    '//x',
    'x',
  ])
    test(`refuses ${JSON.stringify(url)}`, () => {
      const problem = problemFrom(() => endpointUrl('ecr', settings({ AWS_ENDPOINT_URL_ECR: url })));
      assert.ok(problem.kind === 'setting-invalid');
      assert.equal(problem.name, 'AWS_ENDPOINT_URL_ECR');
    });
  test('a refused setting is named as a person wrote it, without its secrets', () => {
    const bad = sharedConfig(
      { p: { services: 'v' }, q: { endpoint_url: 'ftp://user:canary@x?canary' } },
      { services: { v: { ecr: { endpoint_url: 'x' } } } },
    );
    const of = (profile: string) => problemFrom(() => endpointUrl('ecr', { env: {}, shared: bad, profile }));
    assert.match(JSON.stringify(of('p')), /endpoint_url of ecr in \[services v\]/);
    assert.match(JSON.stringify(of('q')), /endpoint_url of profile \\"q\\"/);
    assert.doesNotMatch(JSON.stringify(of('q')), /canary/);
  });
});

describe('the token request', () => {
  const rows: readonly (readonly [
    host: string,
    env: Settings,
    profile: string,
    endpoint: { url?: string; fips?: boolean; dualStack?: boolean; region?: string },
  ])[] = [
    [HOST, {}, 'none', {}],
    [HOST, { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-1' }, 'none', {}],
    ['123456789012.dkr.ecr-fips.us-east-1.amazonaws.com', {}, 'none', { fips: true }],
    ['123456789012.dkr-ecr.us-east-1.on.aws', {}, 'none', { dualStack: true }],
    [HOST, { AWS_USE_FIPS_ENDPOINT: 'true' }, 'none', { fips: true }],
    [HOST, { AWS_USE_DUALSTACK_ENDPOINT: 'True' }, 'none', { dualStack: true }],
    [HOST, {}, 'fips', { fips: true }],
    [HOST, {}, 'dual', { dualStack: true }],
    [HOST, { AWS_USE_FIPS_ENDPOINT: 'false' }, 'fips', {}],
    [HOST, { AWS_USE_FIPS_ENDPOINT: '' }, 'fips', { fips: true }],
    // The host's own form is what the client connects to, so it stays.
    [
      '123456789012.dkr.ecr-fips.us-east-1.amazonaws.com',
      { AWS_USE_FIPS_ENDPOINT: 'false' },
      'none',
      { fips: true },
    ],
    // A URL says it all.
    [
      '123456789012.dkr.ecr-fips.us-east-1.amazonaws.com',
      { ...OWN, AWS_USE_FIPS_ENDPOINT: 'true' },
      'none',
      { url: 'https://own' },
    ],
    [PUBLIC_HOST, { AWS_USE_FIPS_ENDPOINT: 'true', AWS_USE_DUALSTACK_ENDPOINT: 'true' }, 'none', {}],
    [PUBLIC_HOST, OWN, 'none', {}],
    [PUBLIC_HOST, { AWS_ENDPOINT_URL_ECR_PUBLIC: 'https://public' }, 'none', { url: 'https://public' }],
    ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', {}, 'none', { region: 'cn-north-1' }],
  ];
  for (const [host, env, profile, endpoint] of rows)
    test(`${host} with ${JSON.stringify(env)} and profile ${profile}: ${JSON.stringify(endpoint)}`, () => {
      assert.deepEqual(tokenEndpoint(registryOf(host), settings(env, profile)), {
        region: 'us-east-1',
        fips: false,
        dualStack: false,
        ...endpoint,
      });
    });

  test('a registry rule`s endpoint wins over every setting', () => {
    const endpoint = tokenEndpoint(registryOf(HOST), {
      ...settings({ ...OWN, AWS_USE_FIPS_ENDPOINT: 'true' }, 'p'),
      endpoint: 'https://rule',
    });
    assert.deepEqual(endpoint, { region: 'us-east-1', url: 'https://rule', fips: false, dualStack: false });
  });
  test('a switch knows two words', () => {
    for (const value of ['1', 'yes', 'on', ' true'])
      assert.deepEqual(
        problemFrom(() =>
          isTrue('AWS_USE_FIPS_ENDPOINT', 'use_fips_endpoint', settings({ AWS_USE_FIPS_ENDPOINT: value })),
        ),
        { kind: 'setting-invalid', name: 'AWS_USE_FIPS_ENDPOINT', value, wanted: '"true" or "false"' },
      );
    const problem = problemFrom(() => tokenEndpoint(registryOf(HOST), settings({}, 'odd')));
    assert.match(JSON.stringify(problem), /use_fips_endpoint of profile \\"odd\\"/);
  });
});

describe('STS at its global address', () => {
  const rows: readonly (readonly [region: string, env: Settings, profile: string, isGlobal: boolean])[] = [
    ['us-east-1', {}, 'none', false],
    ['us-east-1', { AWS_STS_REGIONAL_ENDPOINTS: 'legacy' }, 'none', true],
    ['eu-west-3', { AWS_STS_REGIONAL_ENDPOINTS: 'LEGACY' }, 'none', true],
    ['us-east-1', { AWS_STS_REGIONAL_ENDPOINTS: '' }, 'none', false],
    ['us-east-1', {}, 'sts', true],
    ['us-east-1', { AWS_STS_REGIONAL_ENDPOINTS: 'regional' }, 'sts', false],
    // Regions that came after the regional endpoints never had the global one.
    ['eu-south-1', { AWS_STS_REGIONAL_ENDPOINTS: 'legacy' }, 'none', false],
    ['cn-north-1', { AWS_STS_REGIONAL_ENDPOINTS: 'legacy' }, 'none', false],
  ];
  for (const [region, env, profile, isGlobal] of rows)
    test(`${region} with ${JSON.stringify(env)} and profile ${profile}: ${isGlobal}`, () =>
      assert.equal(isGlobalSts(region, settings(env, profile)), isGlobal));

  test('the setting knows two words', () => {
    const value = 'global';
    assert.deepEqual(
      problemFrom(() => isGlobalSts('us-east-1', settings({ AWS_STS_REGIONAL_ENDPOINTS: value }))),
      {
        kind: 'setting-invalid',
        name: 'AWS_STS_REGIONAL_ENDPOINTS',
        value,
        wanted: '"regional" or "legacy"',
      },
    );
  });
});

describe('a URL in a message', () => {
  for (const [url, safe] of [
    ['https://x/path', 'https://x/path'],
    ['https://user:pass@x/path', 'https://x/path'],
    ['https://user@x', 'https://x'],
    ['https://x/?token=1#a', 'https://x/'],
    ['https://x#a?b', 'https://x'],
    ['user:pass@x:80', 'x:80'],
    ['HTTP://user:pass@X', 'HTTP://X'],
    ['https://user:p@ss@x', 'https://x'],
    // Passwords that nobody encoded: the URL is refused for them, and the refusal must not show them.
    ['http://user:pa/ss@x', 'http://…'],
    ['http://user:pa?ss@x', 'http://…'],
    ['http://user:pa#ss@x/y', 'http://…'],
    ['https://x/?mail=a@b', 'https://…'],
    ['x/a@b', '…'],
    ['http://user:pa\\ss@x', 'http://x'],
    ['http://user:pa\nss@x', 'http://x'],
    ['', ''],
  ] as const)
    test(`${JSON.stringify(url)}: ${JSON.stringify(safe)}`, () => assert.equal(safeUrl(url), safe));

  test('property: a password is never in it, whatever the password', async (t) => {
    const noise = fc.string({ unit: 'binary', maxLength: 10 });
    await check(
      t,
      fc.property(noise, noise, fc.constantFrom('http://', 'https://', ''), (before, after, scheme) => {
        assert.doesNotMatch(safeUrl(`${scheme}user:${before}canary${after}@host/path`), /canary/);
        assert.doesNotMatch(safeUrl(`${scheme}host/path?${before}canary${after}`), /canary/);
      }),
    );
  });
});
