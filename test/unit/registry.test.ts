// The mapping from server URL to registry, as tables: what names one, and the look-alike twins that must not.
// Owns no rows (tables/registries.ts); registry rules of the config file are tested elsewhere.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseAuthority, parseHost, parseRegistry, partitionOf, type Registry } from '../../src/registry.ts';
import { HOST, registryOf } from './fixtures.ts';
import { check } from './property.ts';
import { NOT_REGISTRIES, PRIVATE_HOSTS, PUBLIC_SPELLINGS, SPELLINGS } from './tables/registries.ts';

function registryFor(serverUrl: string): Registry | undefined {
  const host = parseHost(serverUrl);
  return host === undefined ? undefined : parseRegistry(host);
}

describe('private registries', () => {
  for (const [serverUrl, region, partition, options = ''] of PRIVATE_HOSTS) {
    test(`${serverUrl} is in ${partition}`, () => {
      assert.deepEqual(registryFor(serverUrl), {
        host: serverUrl,
        service: 'ecr',
        accountId: serverUrl.slice(0, 12),
        region,
        partition,
        fips: options.includes('fips'),
        dualStack: options.includes('dual-stack'),
      });
    });
  }

  for (const serverUrl of SPELLINGS) {
    test(`${serverUrl} is the same registry`, () => {
      assert.deepEqual(registryFor(serverUrl), registryOf(HOST));
    });
  }

  // As the Go helper's pattern; both names are under Amazon's own suffixes, so no one else can own them.
  for (const [host, dualStack] of [
    ['123456789012.dkr-ecr.us-east-1.amazonaws.com', false],
    ['123456789012.dkr.ecr.us-east-1.on.aws', true],
  ] as const) {
    test(`${host}, which Amazon does not use, is still Amazon's`, () => {
      assert.equal(registryFor(host)?.dualStack, dualStack);
    });
  }
});

describe('ECR Public', () => {
  for (const [serverUrl, host] of PUBLIC_SPELLINGS) {
    test(`${serverUrl} is ${host}, asked for in us-east-1`, () => {
      assert.deepEqual(registryFor(serverUrl), {
        host,
        service: 'ecr-public',
        region: 'us-east-1',
        partition: 'aws',
        fips: false,
        dualStack: false,
      });
    });
  }
});

describe('not a registry', () => {
  for (const [serverUrl, why] of NOT_REGISTRIES) {
    test(`${why}: ${JSON.stringify(serverUrl).slice(0, 90)}`, () => {
      assert.equal(registryFor(serverUrl), undefined);
    });
  }
});

test('the port is kept beside the host, for rules that map one', () => {
  assert.deepEqual(parseAuthority('https://Registry.Corp.Test:5000/v2/'), {
    host: 'registry.corp.test',
    port: 5000,
  });
  assert.deepEqual(parseAuthority('registry.corp.test'), { host: 'registry.corp.test' });
});

test('a region that no partition claims counts as aws, a longer prefix beats a shorter one', () => {
  assert.equal(partitionOf('zz-new-1'), 'aws');
  assert.equal(partitionOf('us-east-1'), 'aws');
  assert.equal(partitionOf('us-isob-east-1'), 'aws-iso-b');
  assert.equal(partitionOf('us-iso-west-1'), 'aws-iso');
  assert.equal(partitionOf('us-gov-west-1'), 'aws-us-gov');
  assert.equal(partitionOf('cn-north-1'), 'aws-cn');
});

// Whatever is put around, into or behind a real name: when it still names a registry, a URL parser must agree on the host.
const damage = fc.constantFrom(
  '',
  '.',
  '..',
  '/',
  '\\',
  '@',
  ':',
  '?',
  '#',
  '%2e',
  '\0',
  ' ',
  '-',
  'a',
  '。',
  '٤',
);
const pieces = fc.array(fc.oneof(damage, fc.string({ unit: 'binary', maxLength: 6 }), fc.constant(HOST)), {
  maxLength: 6,
});

test('property: a look-alike never becomes a registry', async (t) => {
  await check(
    t,
    fc.property(pieces, fc.constantFrom('', 'https://', 'http://'), (parts, scheme) => {
      const serverUrl = scheme + parts.join('');
      const registry = registryFor(serverUrl);
      if (registry === undefined) return;
      const url = new URL(scheme === '' ? `https://${serverUrl.replace(/^https?:\/\//i, '')}` : serverUrl);
      assert.equal(url.hostname.replace(/\.$/, ''), registry.host);
      assert.equal(url.username + url.password, '');
      assert.match(
        registry.host,
        /^(public\.ecr\.aws|ecr-public\.aws\.com|\d{12}\.dkr[.-]ecr(-fips)?\.[a-z0-9-]+\.(amazonaws\.(com|com\.cn|eu)|on\.aws|on\.amazonwebservices\.com\.cn|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov))$/,
      );
    }),
  );
});

test('property: any account and region of aws, in any case, is read back', async (t) => {
  const account = fc.stringMatching(/^[0-9]{12}$/);
  const region = fc.stringMatching(/^(us|eu|ap|sa|me|af)-(east|west|central|southeast)-[1-9]$/);
  await check(
    t,
    fc.property(account, region, fc.boolean(), (accountId, name, upper) => {
      const host = `${accountId}.dkr.ecr.${name}.amazonaws.com`;
      const registry = registryFor(upper ? host.toUpperCase() : host);
      assert.equal(registry?.accountId, accountId);
      assert.equal(registry?.region, name);
      assert.equal(registry?.host, host);
    }),
  );
});
