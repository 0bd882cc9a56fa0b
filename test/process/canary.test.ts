// Owns the search for secrets behind every source of credentials and every command, when all goes well and when AWS says back
// what it was sent. Every run is searched by the world itself: streams, log, cache, names, temporary files.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { assertAbsent, assertNoSecretInProcesses } from '../support/canary.ts';
import { type Executable, executables } from '../support/executables.ts';
import { credentials } from '../support/expect.ts';
import { loginFiles, NO_KEYS, processFiles, ROLE, ssoFiles, writeAll } from '../support/sources.ts';
import { foreignPassword, storeMessage } from '../support/stored.ts';
import { ALICE, type Env, HOST, keysProfile, openWorld, PUBLIC_HOST, type World } from '../support/world.ts';

const SERIAL = 'arn:aws:iam::123456789012:mfa/alice';
const MFA_CODE = '271828';
const URL_SECRETS = ['canary-of-a-user-info-0001', 'canary-of-a-query-00000001'];
const PROXY_PASSWORD = 'canary-of-a-proxy-password';
/** What a login without a helper leaves in Docker's config file. */
const DOCKER_LOGIN = btoa('me:canary-of-a-login-in-plain-text');
const CONTAINER_TOKEN = 'canary-of-a-container-token';
const SESSION = {
  ...ALICE,
  accessKeyId: 'ASIASESSIONCANARY001',
  sessionToken: 'canary/of+a/session/token/0123456789abcdef',
};

/** Makes a source ready in a world; gives its variables, and the secrets that AWS could say back. */
type Arrange = (world: World) => { readonly env: Env; readonly echo: readonly string[] };

const SOURCES: Readonly<Record<string, Arrange>> = {
  'environment keys with a session token': ({ aws, addSecret }) => {
    aws.addAccessKey(SESSION);
    addSecret(SESSION.sessionToken);
    return {
      env: { AWS_ACCESS_KEY_ID: SESSION.accessKeyId, AWS_SESSION_TOKEN: SESSION.sessionToken },
      echo: [SESSION.sessionToken],
    };
  },
  'a role with an MFA code of a command': ({ aws, write }) => {
    aws.addRole({ arn: ROLE, mfaSerial: SERIAL, mfaCode: MFA_CODE });
    write('.aws/credentials', keysProfile('alice', ALICE));
    write(
      '.aws/config',
      `[profile dev]\nrole_arn = ${ROLE}\nsource_profile = alice\nmfa_serial = ${SERIAL}\n`,
    );
    const env = { ...NO_KEYS, AWS_PROFILE: 'dev', AWS_ECR_MFA_COMMAND: `echo ${MFA_CODE}` };
    return { env, echo: [] };
  },
  'SSO with a refresh token': (world) => {
    const files = ssoFiles(world, { accessTokenLifeMs: -1000 });
    writeAll(world, files);
    const token: unknown = JSON.parse(
      Object.entries(files).find(([name]) => name.endsWith('.json'))?.[1] ?? '',
    );
    const echo = Object.entries(token as object).flatMap(([name, value]) =>
      /token|secret/i.test(name) && typeof value === 'string' ? [value] : [],
    );
    return { env: { ...NO_KEYS, AWS_PROFILE: 'dev' }, echo };
  },
  'aws login': (world) => {
    writeAll(world, loginFiles(world, {}));
    return { env: { ...NO_KEYS, AWS_PROFILE: 'dev' }, echo: [] };
  },
  credential_process: (world) => {
    writeAll(world, processFiles(world, ALICE));
    return { env: { ...NO_KEYS, AWS_PROFILE: 'dev' }, echo: [] };
  },
  'web identity': ({ aws, write, home, addSecret }) => {
    const token = aws.signWebIdentityToken({ sub: 'system:serviceaccount:canary:puller' });
    aws.addRole({ arn: ROLE });
    addSecret(token);
    write('token', token);
    const file = `${home.directory}/token`;
    return { env: { ...NO_KEYS, AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: ROLE }, echo: [token] };
  },
  'a container with a token': ({ aws, addSecret }) => {
    addSecret(CONTAINER_TOKEN);
    const uri = aws.addContainerCredentials({ roleArn: ROLE, authorizationToken: CONTAINER_TOKEN });
    const env = {
      ...NO_KEYS,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: uri,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: CONTAINER_TOKEN,
    };
    return { env, echo: [CONTAINER_TOKEN] };
  },
  'endpoints with user info and query': ({ aws, write, addSecret }) => {
    for (const secret of URL_SECRETS) addSecret(secret);
    aws.addRole({ arn: ROLE });
    write('.aws/credentials', keysProfile('alice', ALICE));
    write('.aws/config', `[profile dev]\nrole_arn = ${ROLE}\nsource_profile = alice\n`);
    const url = `${aws.url.replace('//', `//user:${URL_SECRETS[0]}@`)}/?token=${URL_SECRETS[1]}`;
    const env = { ...NO_KEYS, AWS_PROFILE: 'dev', AWS_ENDPOINT_URL_ECR: url, AWS_ENDPOINT_URL_STS: url };
    return { env, echo: [] };
  },
};

const KUBELET = `{"kind":"CredentialProviderRequest","apiVersion":"credentialprovider.kubelet.k8s.io/v1","image":"${HOST}/app"}`;

/** Commands with their stdin; those that may answer with a password are named. */
const COMMANDS: readonly (readonly [argv: readonly string[], stdin?: string])[] = [
  [['get'], HOST],
  [['get'], HOST],
  [['get'], PUBLIC_HOST],
  [['list'], 'unused'],
  [['doctor', `${HOST}/app`]],
  [['doctor', '--json', HOST]],
  [['login', HOST]],
  [['token', HOST]],
  [['kubelet'], KUBELET],
  [['configure', HOST, '--yes']],
  [['configure', '--remove', '--yes']],
  [['store'], storeMessage(foreignPassword())],
  [['erase'], HOST],
  [['no-such-command']],
];
const ANSWERS = ['get', 'token', 'kubelet'];

async function open(t: TestContext, executable: Executable, arrange: Arrange) {
  const world = await openWorld(t, executable);
  const { env, echo } = arrange(world);
  world.addSecret(PROXY_PASSWORD);
  world.write('.docker/config.json', JSON.stringify({ auths: { 'ghcr.io': { auth: DOCKER_LOGIN } } }));
  const changes: Env = {
    ...env,
    HTTPS_PROXY: `http://user:${PROXY_PASSWORD}@127.0.0.1:9`,
    TMPDIR: world.home.directory,
  };
  const each = async (work: (text: string, code: number | null) => void): Promise<void> => {
    for (const [argv, stdin = ''] of COMMANDS) {
      const mayAnswer = ANSWERS.includes(argv[0] ?? '');
      const { stdout, stderr, code } = await world.run(argv, { stdin, env: changes, mayAnswer });
      // Its backup may hold it, like the file itself, and is private.
      assertAbsent(
        [DOCKER_LOGIN],
        stdout + stderr + world.home.list('.ecr').map(({ text }) => text),
        'an output',
      );
      for (const { path, mode } of world.home.list('.docker'))
        if (/ecr-login/.test(path)) assert.equal(mode, '600', path);
      work(`${argv.join(' ')}\n${stdout}\n${stderr}`, code);
    }
  };
  return { world, echo, each, changes };
}

for (const executable of executables) {
  describe(`canary, ${executable.name}`, { concurrency: 2 }, () => {
    for (const [name, arrange] of Object.entries(SOURCES)) {
      test(`${name}: every command, all well`, async (t) => {
        const { world, each } = await open(t, executable, arrange);
        let answered = 0;
        await each((text, code) => {
          assert.doesNotMatch(text, /internal error|\n\s+at /);
          answered += code === 0 ? 1 : 0;
        });
        assert.ok(answered >= 9, `only ${answered} commands succeeded`);
        const log = world.home.read('.ecr/log/ecr-login.log');
        assert.ok(!log.includes(MFA_CODE), 'the MFA code stands in the log');
      });

      test(`${name}: every command, AWS says back what it was sent`, async (t) => {
        const { world, echo, each } = await open(t, executable, arrange);
        const message = `No such thing: ${echo.join(' or ')}`;
        const services = ['ecr', 'ecr-public', 'sts', 'sso', 'oidc', 'signin', 'container'] as const;
        for (const service of services)
          world.aws.fault({ service }, { kind: 'status', status: 400, code: 'ValidationError', message });
        await each((text) => assert.doesNotMatch(text, /internal error|\n\s+at /));
        // The search was not in vain.
        assert.ok(world.home.read('.ecr/log/ecr-login.log').length > 200);
      });
    }

    test('no command line holds a secret, of us or of those that we start', async (t) => {
      const { world, changes } = await open(t, executable, (given) => {
        given.write('.aws/config', '[profile dev]\ncredential_process = sleep 1; cat answer.json\n');
        return { env: { ...NO_KEYS, AWS_PROFILE: 'dev' }, echo: [] };
      });
      world.write(
        'answer.json',
        JSON.stringify({
          Version: 1,
          AccessKeyId: ALICE.accessKeyId,
          SecretAccessKey: ALICE.secretAccessKey,
        }),
      );
      world.aws.fault({ service: 'ecr' }, { kind: 'slow', delayMs: 700 });
      let looked = 0;
      for (const [argv, stdin] of [
        [['get'], HOST],
        [['login', HOST], ''],
        [['token', HOST], ''],
        [['kubelet'], KUBELET],
        [['doctor', HOST], ''],
      ] as const)
        await world.run(argv, {
          stdin,
          env: { ...changes, AWS_ECR_DISABLE_CACHE: '1' },
          mayAnswer: ANSWERS.includes(argv[0]),
          onStart: async ({ pid }) => {
            for (let step = 0; step < 6; step += 1) {
              await delay(200);
              assert.ok(pid !== undefined);
              assertNoSecretInProcesses(world.secrets, pid);
              looked += 1;
            }
          },
        });
      assert.ok(looked >= 20, `looked ${looked} times`);
    });

    test('a session token that no header can carry is not repeated', async (t) => {
      for (const token of [
        `${SESSION.sessionToken}\n`,
        `${SESSION.sessionToken}\u0001x`,
        `${SESSION.sessionToken}\u6f22`,
      ]) {
        const world = await openWorld(t, executable, { env: { AWS_SESSION_TOKEN: token } });
        world.addSecret(SESSION.sessionToken);
        const { code, stderr } = await world.get(HOST);
        assert.equal(code, 1);
        assert.match(stderr, /^docker-credential-ecr-login: [^\n]+\nhint: [^\n]+\n$/);
      }
    });

    test('names of registries lose user info and query', async (t) => {
      const world = await openWorld(t, executable);
      const [userInfo = '', query = ''] = URL_SECRETS;
      for (const secret of URL_SECRETS) world.addSecret(secret);
      const url = `https://AWS:${userInfo}@ghcr.io?x=${query}`;
      const image = JSON.stringify({ ...JSON.parse(KUBELET), image: `AWS:${userInfo}@ghcr.io/x` });
      for (const [argv, stdin] of [
        [['get'], url],
        [['erase'], url],
        [['login', url], ''],
        [['token', url], ''],
        [['doctor', url], ''],
        [['configure', url, '--yes'], ''],
        [['kubelet'], image],
        [['store'], storeMessage(userInfo, { serverUrl: url })],
      ] as const)
        await world.run(argv, { stdin, env: { AWS_ECR_ON_ERROR: 'fail' } });
    });

    test('the answers themselves hold the password, so the search can find one', async (t) => {
      const world = await openWorld(t, executable);
      const { stdout } = await world.get(HOST);
      assert.equal(stdout, credentials(HOST, world.aws.mintedTokens[0]?.password ?? '').stdout);
      await assert.rejects(
        world.run(['get'], { stdin: HOST, mayAnswer: false }),
        /secret number \d+ stands in stdout/,
      );
    });
  });
}
