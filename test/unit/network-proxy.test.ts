// The rules for proxies as a table: which URL goes through which proxy, each rule with a twin that it must not reach.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { problemOf } from '../../src/errors.ts';
import { proxyFor } from '../../src/token/fetch/network-proxy.ts';
import { check } from './property.ts';
import { ECR, PROXIES, PROXY } from './tables/proxies.ts';

for (const [name, rows] of Object.entries(PROXIES))
  describe(name, () => {
    for (const [url, env, origin] of rows)
      test(`${url} ${JSON.stringify(env)} → ${origin ?? 'direct'}`, () => {
        assert.equal(proxyFor(url, env)?.origin, origin);
      });
  });

describe('credentials', () => {
  const rows: readonly (readonly [userInfo: string, text: string | undefined])[] = [
    ['', undefined],
    ['user:password@', 'user:password'],
    ['user@', 'user:'],
    [':password@', ':password'],
    ['us%40er:p%3Ass%2Fw%20%C3%B6@', 'us@er:p:ss/w ö'],
    ['user:100%@', 'user:100%'],
    ['user:p@ss@', 'user:p@ss'],
  ];
  for (const [userInfo, text] of rows)
    test(`${userInfo || 'none'}`, () => {
      const proxy = proxyFor(ECR, { HTTPS_PROXY: `http://${userInfo}proxy.test:3128` });
      const expected = text === undefined ? undefined : `Basic ${Buffer.from(text).toString('base64')}`;
      assert.equal(proxy?.authorization, expected);
      assert.equal(proxy?.origin, PROXY);
    });
});

describe('a value that is no proxy is an error without its credentials', () => {
  const rows: readonly (readonly [value: string, shown: string])[] = [
    ['socks5://user:secret@proxy.test', 'socks5://…@proxy.test'],
    ['ftp://proxy.test', 'ftp://proxy.test'],
    ['http://user:se/cret@proxy.test', 'http://…@proxy.test'],
    ['http://user:12#secret@proxy.test', 'http://…@proxy.test'],
    ['http://user:12?secret@proxy.test', 'http://…@proxy.test'],
    ['user:secret@', '…@'],
    ['http://proxy.test:99999', 'http://proxy.test:99999'],
    ['http://', 'http://'],
  ];
  for (const [value, shown] of rows)
    test(value, () => {
      assert.throws(
        () => proxyFor(ECR, { HTTPS_PROXY: value }),
        (error) => {
          const problem = problemOf(error);
          return (
            problem.kind === 'setting-invalid' && problem.name === 'HTTPS_PROXY' && problem.value === shown
          );
        },
      );
    });

  test('unless it is not asked for', () => {
    assert.equal(proxyFor(ECR, { HTTPS_PROXY: 'socks5://x', NO_PROXY: 'amazonaws.com' }), undefined);
    assert.equal(proxyFor('http://169.254.169.254/', { ALL_PROXY: 'ftp://x' }), undefined);
  });
});

test('an entry of NO_PROXY that names nothing is passed over', () => {
  for (const entry of ['@0:?', '::1]@x:1', '1:2?', '[::1', ':::', '/', '10.0.0.0/33'])
    assert.equal(proxyFor(ECR, { HTTPS_PROXY: PROXY, NO_PROXY: entry })?.origin, PROXY, entry);
});

describe('whatever the variables hold', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.webUrl(),
    fc.constantFrom('*', '10.0.0.0/8', '::/0', '[::1', ':', '/', '%', 'a:b:c', '.'),
  );
  const env = fc.dictionary(
    fc.constantFrom(
      'HTTPS_PROXY',
      'https_proxy',
      'HTTP_PROXY',
      'http_proxy',
      'ALL_PROXY',
      'NO_PROXY',
      'no_proxy',
    ),
    text,
  );
  const local = fc.constantFrom(
    'http://169.254.169.254/latest',
    'http://169.254.170.23/v1/credentials',
    'http://[fd00:ec2::254]/latest',
    'http://127.0.0.1:51679/',
    'https://localhost/',
  );

  test('a URL gets a proxy, none, or an error that names the variable', async (t) => {
    await check(
      t,
      fc.property(fc.webUrl({ validSchemes: ['http', 'https'] }), env, (url, variables) => {
        try {
          const proxy = proxyFor(url, variables);
          assert.ok(proxy === undefined || /^https?:\/\/[^/@]+:\d+$/.test(proxy.origin));
        } catch (error) {
          const problem = problemOf(error);
          assert.equal(problem.kind, 'setting-invalid');
        }
      }),
    );
  });

  test('this machine and its link get none', async (t) => {
    await check(
      t,
      fc.property(local, env, (url, variables) => assert.equal(proxyFor(url, variables), undefined)),
    );
  });

  test('a host that NO_PROXY names gets none, whatever else it names', async (t) => {
    await check(
      t,
      fc.property(fc.domain(), fc.array(text), (host, others) => {
        const NO_PROXY = [...others.map((each) => each.replace(/[\s,]/g, '')), host].join(',');
        assert.equal(proxyFor(`https://${host}/`, { HTTPS_PROXY: PROXY, NO_PROXY }), undefined);
      }),
    );
  });
});
