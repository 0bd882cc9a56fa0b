// Owns every way to AWS that works: direct, through a proxy of each kind, past it, with plain HTTP and with a private authority
// that each setting in turn vouches for. A real proxy, real certificates, all three executables.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, type TestContext, test } from 'node:test';
import { executables } from '../support/executables.ts';
import { assertOutcome, credentials, onlyPassword } from '../support/expect.ts';
import { makeAuthority, NAME } from '../support/network/authority.ts';
import { credentialsOf, type ProxyOptions, startProxy, type TestProxy } from '../support/network/proxy.ts';
import { runCommand } from '../support/run.ts';
import { type Env, HOST, openWorld, type World } from '../support/world.ts';

const authority = makeAuthority();
const USER = 'user@corp:canary of a proxy/password';
const ENCODED = 'user%40corp:canary%20of%20a%20proxy%2Fpassword';

/** One way for the bytes to take. */
interface Way {
  readonly name: string;
  readonly proxy?: Omit<ProxyOptions, 'to'>;
  /** Variables, made from the proxy; `scheme` is the endpoint's. */
  readonly env: (proxy: TestProxy | undefined, scheme: string) => Env;
  /** The endpoint's host: a name that only a proxy resolves, or an address of this machine. */
  readonly host: typeof NAME | '127.0.0.1' | '0.0.0.0';
  readonly isProxied: boolean;
}

const ways: readonly Way[] = [
  { name: 'direct', env: () => ({}), host: '127.0.0.1', isProxied: false },
  {
    name: 'upper case',
    proxy: {},
    env: (proxy, scheme) => ({ [`${scheme.toUpperCase()}_PROXY`]: proxy?.url }),
    host: NAME,
    isProxied: true,
  },
  {
    name: 'lower case, without a scheme',
    proxy: {},
    env: (proxy, scheme) => ({ [`${scheme}_proxy`]: `127.0.0.1:${proxy?.port}` }),
    host: NAME,
    isProxied: true,
  },
  {
    name: 'ALL_PROXY with credentials',
    proxy: { credentials: USER },
    env: (proxy) => ({ ALL_PROXY: proxy?.url.replace('//', `//${ENCODED}@`) }),
    host: NAME,
    isProxied: true,
  },
  {
    name: 'upper case before lower case, and a NO_PROXY that names others',
    proxy: {},
    env: (proxy, scheme) => ({
      [`${scheme.toUpperCase()}_PROXY`]: proxy?.url,
      [`${scheme}_proxy`]: 'http://127.0.0.1:1',
      // In Go's rules the dot means subdomains only; Bun by itself would go past the proxy here.
      NO_PROXY: `example.com,.${NAME},${NAME}:1`,
      no_proxy: '*',
    }),
    host: NAME,
    isProxied: true,
  },
  {
    name: 'past the proxy by NO_PROXY',
    proxy: { fail: 502 },
    env: (proxy, scheme) => ({
      [`${scheme.toUpperCase()}_PROXY`]: proxy?.url,
      NO_PROXY: 'example.com, 0.0.0.0/8',
    }),
    host: '0.0.0.0',
    isProxied: false,
  },
  {
    name: 'past the proxy because it is this machine',
    proxy: { fail: 502 },
    env: (proxy) => ({
      HTTP_PROXY: proxy?.url,
      HTTPS_PROXY: proxy?.url,
      ALL_PROXY: proxy?.url,
      NODE_USE_ENV_PROXY: '1',
      // Node 22 says of that variable that it is an experiment.
      NODE_OPTIONS: '--disable-warning=UNDICI-EHPA',
    }),
    host: '127.0.0.1',
    isProxied: false,
  },
];

/** Each setting that can vouch for the authority. */
const trusts: Readonly<Record<string, (world: World) => Env>> = {
  AWS_CA_BUNDLE: ({ home }) => ({ AWS_CA_BUNDLE: `${home.directory}/ca/ca.pem` }),
  ca_bundle: (world) => {
    world.write('.aws/config', '[default]\nca_bundle = ~/ca/ca.pem\n');
    return {};
  },
  SSL_CERT_FILE: ({ home }) => ({ SSL_CERT_FILE: `${home.directory}/ca/ca.pem` }),
  SSL_CERT_DIR: ({ home }) => ({ SSL_CERT_DIR: `/nonexistent:${home.directory}/ca` }),
  NODE_EXTRA_CA_CERTS: ({ home }) => ({ NODE_EXTRA_CA_CERTS: `${home.directory}/ca/ca.pem` }),
};

const files = { 'ca/ca.pem': `A comment, as bundles have them\n${authority.ca}` };

for (const executable of executables) {
  describe(`ways to AWS, ${executable.name}`, { concurrency: 2 }, () => {
    for (const way of ways) {
      test(`http, ${way.name}`, async (t) => {
        await travel(t, way, await openWorld(t, executable), () => ({}));
      });
      for (const [trust, env] of Object.entries(trusts))
        test(`https, ${way.name}, ${trust}`, async (t) => {
          await travel(t, way, await openWorld(t, executable, { aws: { tls: authority.good }, files }), env);
        });
    }

    test('https through a proxy that speaks TLS itself', async (t) => {
      const world = await openWorld(t, executable, { aws: { tls: authority.good }, files });
      const way: Way = {
        name: '',
        proxy: { tls: authority.good, credentials: USER },
        env: (proxy) => ({ HTTPS_PROXY: proxy?.url.replace('//', `//${ENCODED}@`) }),
        host: NAME,
        isProxied: true,
      };
      await travel(t, way, world, ({ home }) => ({ AWS_CA_BUNDLE: `${home.directory}/ca/ca.pem` }));
    });

    test("https, the system's store", async (t) => {
      const store = '/etc/ssl/certs/ca-certificates.crt';
      if (spawnSync('unshare', ['--mount', 'test', '-f', store]).status !== 0)
        return t.skip('needs the right to make a mount namespace, and a store as in Debian');
      const world = await openWorld(t, executable, { aws: { tls: authority.good }, files });
      const mount = 'mount --bind "$1" "$2" && shift 2 && exec "$@"';
      const command = [executable.command, ...executable.prefix, 'get'];
      const result = await runCommand(
        [
          'unshare',
          '--mount',
          'sh',
          '-c',
          mount,
          'sh',
          `${world.home.directory}/ca/ca.pem`,
          store,
          ...command,
        ],
        { env: world.env(), cwd: world.home.directory, stdin: HOST },
      );
      assertOutcome(result, credentials(HOST, onlyPassword(world)));
    });

    test('in a CGI program HTTP_PROXY is not read', async (t) => {
      const proxy = await startProxy(t, { fail: 502 });
      const world = await openWorld(t, executable);
      const env = { AWS_ENDPOINT_URL_ECR: world.aws.url.replace('127.0.0.1', '0.0.0.0') };
      const result = await world.get(HOST, { ...env, HTTP_PROXY: proxy.url, REQUEST_METHOD: 'GET' });
      assertOutcome(result, credentials(HOST, onlyPassword(world)));
      assert.deepEqual(proxy.asked, []);
    });

    test('instance metadata and the container endpoint see no proxy', async (t) => {
      const proxy = await startProxy(t, { fail: 502 });
      const world = await openWorld(t, executable);
      const env = {
        AWS_ACCESS_KEY_ID: undefined,
        HTTP_PROXY: proxy.url,
        ALL_PROXY: proxy.url,
        NODE_USE_ENV_PROXY: '1',
      };
      world.aws.setInstance({ roleArn: 'arn:aws:iam::123456789012:role/builder' });
      await world.get(HOST, {
        ...env,
        AWS_EC2_METADATA_DISABLED: undefined,
        AWS_EC2_METADATA_SERVICE_ENDPOINT: world.aws.url.replace('127.0.0.1', '0.0.0.0'),
        AWS_SECRET_ACCESS_KEY: undefined,
      });
      await world.get(HOST, {
        ...env,
        AWS_SECRET_ACCESS_KEY: undefined,
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${world.aws.url}/container/none`,
      });
      assert.deepEqual(proxy.asked, []);
      assert.ok(world.aws.requests.some(({ service }) => service === 'imds'));
      assert.ok(world.aws.requests.some(({ path }) => path.startsWith('/container/none')));
    });
  });
}

async function travel(t: TestContext, way: Way, world: World, trust: (world: World) => Env): Promise<void> {
  const { protocol, port } = new URL(world.aws.url);
  const proxy = way.proxy === undefined ? undefined : await startProxy(t, { ...way.proxy, to: Number(port) });
  world.addSecret('canary of a proxy/password');
  world.addSecret('canary%20of%20a%20proxy%2Fpassword');
  const endpoint = `${protocol}//${way.host}${way.host === NAME ? '' : `:${port}`}`;
  const env = { AWS_ENDPOINT_URL_ECR: endpoint, ...trust(world), ...way.env(proxy, protocol.slice(0, -1)) };
  const result = await world.get(HOST, env);
  assertOutcome(result, credentials(HOST, onlyPassword(world)));
  // A trust that the runtime had not by itself costs a second connection, never a second request.
  assert.equal(world.aws.requests.length, 1);
  assert.equal((proxy?.asked.length ?? 0) > 0, way.isProxied);
  for (const { method, target, authorization } of proxy?.asked ?? []) {
    assert.deepEqual(
      { method, target },
      protocol === 'https:'
        ? { method: 'CONNECT', target: `${NAME}:443` }
        : { method: 'POST', target: `http://${NAME}/` },
    );
    assert.equal(credentialsOf(authorization), way.proxy?.credentials ?? '');
  }
}
