// Specifies the forms of `token`: what each holds, and that every secret in it is told to whoever masks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FORMAT_NAMES, formatOf, type Token } from '../../src/commands/token-formats.ts';

const one: Token = {
  registry: 'a.test',
  username: 'AWS',
  password: 'c2VjcmV0+/c2VjcmV0c2VjcmV0==',
  expiresAt: Date.UTC(2026, 0, 31, 12),
};
const two: Token = { ...one, registry: 'b.test:5000', password: 'b3RoZXI=', expiresAt: one.expiresAt - 1000 };

test('with its secrets taken out, no form tells a password in any encoding', () => {
  for (const name of FORMAT_NAMES) {
    const { text, secrets } = formatOf(name).print([one], {});
    assert.ok(secrets.includes(one.password), name);
    const left = secrets
      .toSorted((a, b) => b.length - a.length)
      .reduce((rest, secret) => rest.replaceAll(secret, ''), text);
    for (const encoded of [one.password, btoa(one.password), btoa(`AWS:${one.password}`).slice(8, -4)])
      assert.ok(!left.includes(encoded), name);
  }
});

test('a pull secret ends with the first of its tokens', () => {
  const { text } = formatOf('k8s-secret').print([one, two], {});
  assert.match(text, /expires-at: "2026-01-31T11:59:59.000Z"/);
  assert.match(text, /\n {2}name: "ecr-credentials"\n {2}annotations:/);
});

test('several registries where the form has room for them', () => {
  for (const name of FORMAT_NAMES) {
    const format = formatOf(name);
    assert.equal(format.takesSeveral, ['json', 'docker-config', 'k8s-secret'].includes(name));
    if (!format.takesSeveral) continue;
    const { secrets } = format.print([one, two], {});
    assert.ok(secrets.includes(one.password) && secrets.includes(two.password), name);
  }
});

test('no value of env is read by a shell', () => {
  const { text } = formatOf('env').print([two], {});
  for (const line of text.split('\n')) assert.match(line, /^ECR_[A-Z_]+=[A-Za-z0-9+/=:.-]+$/);
});

test('names as Kubernetes takes them', () => {
  const check = formatOf('k8s-secret').check;
  assert.ok(check !== undefined);
  for (const name of ['a', 'ecr-1.pull', 'a'.repeat(253)]) assert.equal(check({ name }), undefined);
  for (const name of ['', 'A', '-a', 'a-', 'a b', 'a"', 'a'.repeat(254), 'ä']) assert.ok(check({ name }));
  for (const namespace of ['a', 'kube-system', 'a'.repeat(63)]) assert.equal(check({ namespace }), undefined);
  for (const namespace of ['', 'a.b', 'A', 'a'.repeat(64)]) assert.ok(check({ namespace }));
});
