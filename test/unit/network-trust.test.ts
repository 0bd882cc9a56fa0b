// Whom TLS trusts, by environment and profile, on real files: what replaces, what adds, and what is an error.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { problemOf } from '../../src/errors.ts';
import { readTrust, type Trust } from '../../src/token/fetch/network-trust.ts';
import { makeAuthority } from '../support/network/authority.ts';

const { ca: A } = makeAuthority();
const { ca: B, good } = makeAuthority();
const directory = mkdtempSync(join(tmpdir(), 'ecr-login-trust-'));
after(() => rmSync(directory, { recursive: true }));
mkdirSync(join(directory, 'certs/below'), { recursive: true });
for (const [name, text] of Object.entries({
  'a.pem': A,
  'b.pem': `# Ä comment\r\n\r\n${B.replaceAll('\n', '\r\n')}# the end`,
  'both.pem': A + B,
  'key.pem': good.key,
  'half.pem': A.slice(0, A.length / 2),
  'empty.pem': '',
  'certs/b': B,
  'certs/README': 'not a certificate',
}))
  writeFileSync(join(directory, name), text, 'latin1');

const at = (name: string): string => join(directory, name);

function trust(env: NodeJS.ProcessEnv, caBundle?: string): Trust {
  const values = new Map(caBundle === undefined ? [] : [['ca_bundle', caBundle]]);
  const profiles = new Map([['dev', values]]);
  const shared = { profiles, ssoSessions: new Map(), services: new Map(), files: [] };
  return readTrust({ env, shared, profile: 'dev' });
}

/** Which of the two authorities a PEM text holds. */
function held(pem: string | undefined): string {
  const plain = (pem ?? '').replace(/\s/g, '');
  return [
    ['A', A],
    ['B', B],
  ]
    .filter(([, text = '']) => plain.includes(text.replace(/\s/g, '')))
    .map(([name]) => name)
    .join('');
}

describe('a bundle is all that is trusted', () => {
  const rows: readonly (readonly [env: NodeJS.ProcessEnv, caBundle: string | undefined, held: string])[] = [
    [{ AWS_CA_BUNDLE: at('a.pem') }, undefined, 'A'],
    [{ AWS_CA_BUNDLE: at('b.pem') }, undefined, 'B'],
    [{ AWS_CA_BUNDLE: at('both.pem') }, undefined, 'AB'],
    [{}, at('a.pem'), 'A'],
    [{ AWS_CA_BUNDLE: at('b.pem') }, at('a.pem'), 'B'],
    [{ AWS_CA_BUNDLE: '' }, at('a.pem'), 'A'],
    [{ AWS_CA_BUNDLE: '~/a.pem', HOME: directory }, undefined, 'A'],
    [{ HOME: directory }, '~/b.pem', 'B'],
    [{ SSL_CERT_FILE: at('b.pem'), NODE_EXTRA_CA_CERTS: at('absent') }, at('a.pem'), 'A'],
  ];
  for (const [env, caBundle, expected] of rows)
    test(`${JSON.stringify(env)}, ca_bundle = ${caBundle}`, () => {
      const { authorities, name, widen } = trust(env, caBundle);
      assert.equal(held(authorities), expected);
      assert.equal(widen, undefined);
      assert.match(name, /, alone$/);
    });
});

describe('all else adds, and only where it was needed', () => {
  const rows: readonly (readonly [env: NodeJS.ProcessEnv, held: string])[] = [
    [{}, ''],
    [{ SSL_CERT_FILE: at('a.pem') }, 'A'],
    [{ NODE_EXTRA_CA_CERTS: at('b.pem') }, 'B'],
    [{ SSL_CERT_FILE: at('a.pem'), NODE_EXTRA_CA_CERTS: at('b.pem') }, 'AB'],
    [{ SSL_CERT_DIR: `${at('absent')}:${at('certs')}` }, 'B'],
    [{ SSL_CERT_DIR: at('absent') }, ''],
    [{ SSL_CERT_FILE: '', NODE_EXTRA_CA_CERTS: '', SSL_CERT_DIR: '', AWS_CA_BUNDLE: '' }, ''],
  ];
  for (const [env, expected] of rows)
    test(JSON.stringify(env), () => {
      const { authorities, name, widen } = trust(env);
      assert.equal(authorities, undefined);
      const wider = widen?.();
      assert.equal(held(wider?.authorities), expected);
      assert.equal(wider?.widen, undefined);
      // The public authorities stay: a second server of the same process may be an ordinary one.
      assert.ok((wider?.authorities?.match(/BEGIN CERTIFICATE/g)?.length ?? 0) > 100);
      assert.match(name, /^the public authorities, the system store/);
    });
});

describe('a file that cannot serve is an error with its name', () => {
  const rows = [
    ['absent.pem', 'cannot read it: ENOENT'],
    ['certs', 'cannot read it: EISDIR'],
    ['key.pem', 'it holds no certificate in PEM form'],
    ['half.pem', 'it holds no certificate in PEM form'],
    ['empty.pem', 'it holds no certificate in PEM form'],
  ] as const;
  for (const variable of ['AWS_CA_BUNDLE', 'SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'])
    for (const [name, reason] of rows)
      test(`${variable}: ${name}`, () => {
        assert.throws(
          () => trust({ [variable]: at(name) }),
          (error) => {
            assert.deepEqual(problemOf(error), {
              kind: 'ca-bundle-invalid',
              name: variable,
              file: at(name),
              reason,
            });
            return true;
          },
        );
      });
});
