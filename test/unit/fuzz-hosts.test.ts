// Owns the fuzzing of names: server URLs, mapped hosts, images. No host becomes a registry that is none: what says so is
// written anew here, label by label, and the host is the one that every client that speaks HTTP would connect to.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import fc from 'fast-check';
import { findTarget, type Rule } from '../../src/config/rules.ts';
import { parseImage } from '../../src/doctor/image.ts';
import { parseAuthority, parseRegistry } from '../../src/registry.ts';
import { countCases, fuzz } from './fuzz.ts';
import { lookAlike, nasty, realHost } from './fuzz-arbitraries.ts';

countCases(25_000);

const SUFFIXES = [
  'amazonaws.com',
  'amazonaws.com.cn',
  'on.aws',
  'on.amazonwebservices.com.cn',
  'c2s.ic.gov',
  'sc2s.sgov.gov',
  'cloud.adc-e.uk',
  'csp.hci.ic.gov',
  'amazonaws.eu',
];

/** Whether a host is AWS's own, told label by label and not by the expression under test. */
function isAmazons(host: string): boolean {
  if (host === 'public.ecr.aws' || host === 'ecr-public.aws.com') return true;
  const suffix = SUFFIXES.filter((each) => host.endsWith(`.${each}`)).sort((a, b) => b.length - a.length)[0];
  if (suffix === undefined) return false;
  const [account = '', ...rest] = host.slice(0, -suffix.length - 1).split('.');
  const region = rest.pop() ?? '';
  const words = region.split('-');
  const digits = words.pop() ?? '';
  const isAscii = (text: string, from: string, to: string): boolean =>
    text !== '' && [...text].every((letter) => letter >= from && letter <= to);
  return (
    account.length === 12 &&
    isAscii(account, '0', '9') &&
    ['dkr.ecr', 'dkr.ecr-fips', 'dkr-ecr', 'dkr-ecr-fips'].includes(rest.join('.')) &&
    words.length >= 2 &&
    words.every((word) => isAscii(word, 'a', 'z')) &&
    isAscii(digits, '0', '9')
  );
}

/** What a browser, and every client that speaks HTTP, takes for the host of a server URL. */
function hostForClients(serverUrl: string): string | undefined {
  const url = /^https?:\/\//i.test(serverUrl) ? serverUrl : `https://${serverUrl}`;
  return URL.canParse(url) ? new URL(url).hostname.replace(/\.$/, '') : undefined;
}

const decorated = (host: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(
        '',
        'https://',
        'http://',
        'HTTPS://',
        'https:/',
        '//',
        'ftp://',
        'user:pw@',
        'https://AWS:x@',
      ),
      host,
      fc.constantFrom(
        '',
        ':443',
        ':8443',
        ':65536',
        ':',
        '/',
        '/v2/',
        '/a/b',
        '?x=1',
        '#x',
        '.',
        '..',
        ':443/v1/',
        '/@evil.com',
        '\\@evil.com',
      ),
    )
    .map((parts) => parts.join(''));

describe('hosts', () => {
  fuzz('no look-alike becomes a registry', fc.oneof(lookAlike, decorated(lookAlike), nasty), (serverUrl) => {
    const authority = parseAuthority(serverUrl);
    const registry = authority === undefined ? undefined : parseRegistry(authority.host);
    if (authority === undefined || registry === undefined) return;
    assert.ok(isAmazons(authority.host), authority.host);
    assert.equal(authority.host, hostForClients(serverUrl), 'a client would go elsewhere');
    assert.ok(authority.port === undefined || (authority.port >= 0 && authority.port <= 65535));
  });
  fuzz(
    'a real one is one, however it is written',
    fc.tuple(
      realHost,
      fc.constantFrom('', 'https://', 'http://'),
      fc.constantFrom('', ':443', '/', '/v2/', '.', ':443/a/b'),
    ),
    ([host, before, after]) => {
      for (const text of [host, host.toUpperCase()]) {
        const authority = parseAuthority(`${before}${text}${after}`);
        assert.equal(authority?.host, host);
        assert.ok(parseRegistry(host) !== undefined && isAmazons(host));
      }
    },
  );
  const rules: readonly Rule[] = [
    { match: { host: 'Mirror.example.com' }, account: '123456789012', region: 'eu-west-1' },
    { match: { host: 'mirror.example.com:5000' }, account: '123456789012', region: 'eu-west-1' },
    { match: { host: '*' }, profile: 'any' },
    { match: { account: '123456789012' }, profile: 'one' },
  ];
  fuzz(
    'no host is mapped but the one that is named',
    fc.oneof(
      decorated(
        fc.constantFrom(
          'mirror.example.com',
          'mirror.example.com.evil.com',
          'xmirror.example.com',
          'mirror-example.com',
          'm\u0131rror.example.com',
          'mirror.example.com:5000',
          'MIRROR.EXAMPLE.COM',
        ),
      ),
      decorated(nasty),
    ),
    (serverUrl) => {
      const authority = parseAuthority(serverUrl);
      const target = authority === undefined ? undefined : findTarget(authority, rules, {});
      if (target === undefined) return;
      if (isAmazons(authority?.host ?? '')) return;
      assert.equal(authority?.host, 'mirror.example.com');
      assert.ok([undefined, 443, 5000].includes(authority?.port), serverUrl);
      assert.equal(hostForClients(serverUrl), 'mirror.example.com');
    },
  );
  fuzz(
    'an image is a host and a path below it',
    fc.oneof(decorated(fc.oneof(realHost, lookAlike)), nasty),
    (text) => {
      const { registry, repository, reference } = parseImage(text);
      assert.ok(!registry.includes('/') && reference !== '' && repository !== '');
      // What the token would be sent to is what was judged.
      const authority = parseAuthority(registry);
      if (authority === undefined || parseRegistry(authority.host) === undefined) return;
      assert.equal(new URL(`https://${registry}/v2/`).hostname.replace(/\.$/, ''), authority.host);
    },
  );
});
