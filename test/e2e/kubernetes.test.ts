// `token --format k8s-secret` before the real kubectl: it takes the manifest, sends it to an API server as it is, and makes
// the same content from the same password by itself. What the Secret holds pulls from the registry.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import {
  assertSucceeded,
  assertUsedMintedToken,
  newestToken,
  runClient,
} from '../support/containers/client.ts';
import { image, registryHost, startWorld, type World } from '../support/containers/harness.ts';
import type { Home } from '../support/containers/home.ts';
import { type Outcome, run } from '../support/containers/run.ts';
import { type KubernetesApi, startKubernetesApi } from '../support/kubernetes-api.ts';

const TOKEN = 'docker-credential-ecr-login token --format k8s-secret';

let world: World;
let api: KubernetesApi;

before(async () => {
  world = await startWorld({ withDaemon: false });
  api = await startKubernetesApi();
});

after(async () => {
  await api?.close();
  await world?.close();
});

function shell(home: Home, script: string): Promise<Outcome> {
  const environment = { ...home.environment, registry: registryHost };
  return run('bash', ['--norc', '-euo', 'pipefail', '-c', script], { environment, cwd: home.directory });
}

function homeWithoutHelper(): Home {
  return world.home({ awsEnvironment: world.allowed, helperFor: [] });
}

test('kubectl apply --dry-run=client takes it', async () => {
  const home = homeWithoutHelper();
  const before = api.created.length;
  const apply = `kubectl --server ${api.url} apply --validate=false --dry-run=client -f -`;
  const { stdout } = assertSucceeded(await shell(home, `${TOKEN} --namespace apps $registry | ${apply}`));
  assert.equal(stdout, 'secret/ecr-credentials created (dry run)\n');
  assert.equal(api.created.length, before);
});

test('kubectl apply sends a Secret, and its content pulls', async (t) => {
  const home = homeWithoutHelper();
  const apply = `kubectl --server ${api.url} apply --validate=false -f -`;
  const script = `${TOKEN} --name pull.ecr --namespace apps $registry | ${apply}`;
  assert.equal(assertSucceeded(await shell(home, script)).stdout, 'secret/pull.ecr created\n');
  const sent = api.created.at(-1);
  assert.equal(sent?.path, '/api/v1/namespaces/apps/secrets');
  const { kind, type, data, metadata } = sent.object as {
    readonly kind: string;
    readonly type: string;
    readonly data: Readonly<Record<string, string>>;
    readonly metadata: { readonly name: string; readonly annotations: Readonly<Record<string, string>> };
  };
  assert.deepEqual([kind, type, metadata.name], ['Secret', 'kubernetes.io/dockerconfigjson', 'pull.ecr']);
  assert.ok(Date.parse(metadata.annotations['docker-credential-ecr-login/expires-at'] ?? '') > Date.now());
  assert.deepEqual(Object.keys(data), ['.dockerconfigjson']);
  const authFile = join(home.directory, 'pulled.json');
  writeFileSync(authFile, Buffer.from(data['.dockerconfigjson'] ?? '', 'base64'));
  const inspect = ['skopeo', 'inspect', '--authfile', authFile, `docker://${image}`] as const;
  assertSucceeded(await runClient(world, home, inspect));
  assertUsedMintedToken(t, world, home, 'skopeo with the content of the Secret', {
    userAgent: /skopeo/,
    request: /^GET \/v2\/team\/tiny\/manifests\/1$/,
  });
});

test('kubectl makes the same content itself', async () => {
  const home = homeWithoutHelper();
  const annotate = 'kubectl annotate --local -o json -f - a=b';
  const ours = assertSucceeded(await shell(home, `${TOKEN} $registry | ${annotate}`));
  const { password } = newestToken(world);
  const create = `kubectl create secret docker-registry ecr-credentials --docker-server $registry --docker-username AWS --docker-password '${password}' --dry-run=client -o json`;
  const theirs = assertSucceeded(await shell(home, create));
  assert.deepEqual(contentOf(ours), contentOf(theirs));
});

function contentOf({ stdout }: Outcome): unknown {
  const { data } = JSON.parse(stdout) as { readonly data: Readonly<Record<string, string>> };
  return JSON.parse(Buffer.from(data['.dockerconfigjson'] ?? '', 'base64').toString());
}
