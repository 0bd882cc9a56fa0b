// Owns the words of failures that AWS or a file causes: the exact two lines on stderr and the sentinel on stdout, the same from
// every executable. What goes wrong on the way to AWS is in network.test.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { executables } from '../support/executables.ts';
import { assertOutcome, explained } from '../support/expect.ts';
import type { Files } from '../support/home.ts';
import {
  ACCOUNT,
  ALICE,
  BOB,
  type Env,
  HOST,
  keysOf,
  keysProfile,
  openWorld,
  type World,
} from '../support/world.ts';

const NO_KEYS: Env = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
const ROLE = `arn:aws:iam::${ACCOUNT}:role/puller`;
const ECR = 'Amazon ECR in us-east-1';
const RENEW = (source: string): string =>
  `renew the credentials from ${source}; test them with "aws sts get-caller-identity"`;
const SIGN_IN =
  'run "aws configure" or "aws sso login", or set AWS_PROFILE to a profile that has credentials';

interface Row {
  readonly name: string;
  readonly env?: Env;
  readonly files?: Files;
  readonly arrange?: (world: World) => void;
  readonly cause: (home: string, url: string) => string;
  readonly hint: (home: string) => string;
}

const rows: readonly Row[] = [
  {
    name: 'no credentials, with the sources in the order of their trial',
    env: NO_KEYS,
    cause: (home) =>
      'no AWS credentials found: tried environment keys, AWS_WEB_IDENTITY_TOKEN_FILE, ' +
      `profile "default" (not in ${home}/.aws/config or ${home}/.aws/credentials), container endpoint, ` +
      'instance metadata (disabled)',
    hint: () => SIGN_IN,
  },
  {
    name: 'half a pair of keys and a profile without credentials',
    env: { AWS_SECRET_ACCESS_KEY: undefined },
    files: { '.aws/config': '[default]\nregion = us-east-1\n' },
    cause: () =>
      'no AWS credentials found: tried environment keys (AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY), ' +
      'AWS_WEB_IDENTITY_TOKEN_FILE, profile "default" (holds no credentials), container endpoint, instance metadata (disabled)',
    hint: () => SIGN_IN,
  },
  {
    name: 'a profile that does not exist',
    env: { ...NO_KEYS, AWS_PROFILE: 'prod' },
    files: {
      '.aws/config': '[profile dev]\nregion = us-east-1\n',
      '.aws/credentials': keysProfile('alice', ALICE),
    },
    cause: (home) =>
      `AWS profile "prod" not found in ${home}/.aws/config and ${home}/.aws/credentials: there is dev, alice`,
    hint: () => 'set AWS_PROFILE to one of them, or run "aws configure --profile prod"',
  },
  {
    name: 'access denied',
    arrange: ({ aws }) => aws.addAccessKey({ ...ALICE, mayGetToken: false }),
    cause: () =>
      `access denied: ${ALICE.arn} may not call ecr:GetAuthorizationToken (User: ${ALICE.arn} is not authorized to perform: ` +
      'ecr:GetAuthorizationToken on resource: * because no identity-based policy allows the ecr:GetAuthorizationToken action)',
    hint: () =>
      `allow ecr:GetAuthorizationToken on "*" in a policy of ${ALICE.arn}; see who you are with "aws sts get-caller-identity"`,
  },
  {
    name: 'a role that does not trust the caller',
    env: { ...NO_KEYS, AWS_PROFILE: 'role' },
    files: {
      '.aws/config': `[profile role]\nrole_arn = ${ROLE}\nsource_profile = bob\n`,
      '.aws/credentials': keysProfile('bob', BOB),
    },
    arrange: ({ aws }) => aws.addRole({ arn: ROLE, trustedArns: [ALICE.arn] }),
    cause: () =>
      `access denied: ${BOB.arn} may not call sts:AssumeRole (User: ${BOB.arn} is not authorized to perform: ` +
      `sts:AssumeRole on resource: ${ROLE})`,
    hint: () =>
      `allow sts:AssumeRole on the role in a policy of ${BOB.arn}, and ${BOB.arn} in the role's trust policy; see who you are with "aws sts get-caller-identity"`,
  },
  {
    name: 'expired credentials',
    arrange: ({ aws }) => aws.addAccessKey({ ...ALICE, expired: true }),
    cause: () =>
      'the AWS credentials from environment keys have expired: The security token included in the request is expired',
    hint: () => RENEW('environment keys'),
  },
  {
    name: 'a key that AWS does not know',
    env: { AWS_ACCESS_KEY_ID: 'AKIANOBODY' },
    cause: () =>
      `${ECR} does not accept the AWS credentials from environment keys: The security token included in the request is invalid`,
    hint: () => RENEW('environment keys'),
  },
  {
    name: 'a wrong secret in a profile',
    env: { ...NO_KEYS, AWS_PROFILE: 'alice' },
    files: { '.aws/credentials': keysProfile('alice', { ...ALICE, secretAccessKey: 'a-guess' }) },
    cause: () =>
      `${ECR} does not accept the AWS credentials from profile "alice": The request signature we calculated does not match ` +
      'the signature you provided. Check your AWS Secret Access Key and signing method. ' +
      'Consult the service documentation for details',
    hint: () => RENEW('profile "alice"'),
  },
  {
    name: 'throttling',
    arrange: ({ aws }) => aws.fault({ service: 'ecr' }, { kind: 'throttled' }),
    cause: () => `${ECR} throttles this account's requests`,
    hint: () =>
      'try again in a minute; keep the cache on (AWS_ECR_DISABLE_CACHE unset) so that parallel jobs share one token',
  },
  {
    name: 'an outage',
    arrange: ({ aws }) => aws.fault({ service: 'ecr' }, { kind: 'unavailable' }),
    cause: () =>
      `${ECR} failed: ServiceUnavailable (status 503): The request has failed due to a temporary failure of the server`,
    hint: () => 'try again in a minute; https://health.aws.amazon.com/health/status tells of outages',
  },
  {
    name: 'the sign-in page of a network',
    arrange: ({ aws }) => aws.fault({ service: 'ecr' }, { kind: 'html-page' }),
    cause: (_, url) =>
      `${ECR} gave an answer that cannot be used (${url}): it is an HTML page, as a proxy or the sign-in page of a network sends it`,
    hint: () => 'check AWS_ENDPOINT_URL and any proxy in between',
  },
  {
    name: 'an answer that is cut',
    arrange: ({ aws }) => aws.fault({ service: 'ecr' }, { kind: 'malformed-body' }),
    cause: () =>
      `${ECR} gave an answer that cannot be used: it is not of the form that this service answers in`,
    hint: () => 'check AWS_ENDPOINT_URL and any proxy in between',
  },
  {
    name: 'an answer without a token',
    arrange: ({ aws }) => aws.fault({ service: 'ecr' }, { kind: 'empty-data' }),
    cause: () => `${ECR} gave an answer that cannot be used: it holds no authorization token`,
    hint: () => 'check AWS_ENDPOINT_URL and any proxy in between',
  },
  {
    name: 'a redirect, which is not followed',
    arrange: ({ aws }) => aws.fault({ service: 'ecr' }, { kind: 'redirect' }),
    cause: () => `${ECR} gave an answer that cannot be used: it redirects elsewhere (status 302)`,
    hint: () => 'check AWS_ENDPOINT_URL and any proxy in between',
  },
  {
    name: 'a config file of AWS with a mistake',
    env: { ...NO_KEYS },
    files: { '.aws/config': '[profile dev]\nregion = us-east-1\n\n[profile broken\n' },
    cause: (home) => `cannot parse ${home}/.aws/config:4: a section header must look like [profile name]`,
    hint: (home) => `mend ${home}/.aws/config:4`,
  },
  {
    name: 'a config file of AWS that is a directory',
    env: { ...NO_KEYS },
    files: { '.aws/config/file': '' },
    cause: (home) => `cannot read ${home}/.aws/config: EISDIR`,
    hint: (home) => `make it readable for this user: ls -l ${home}/.aws/config`,
  },
  {
    name: 'a config file of ours with a mistake',
    files: { '.ecr/config.json': '{\n  "timeout": 5,\n  "onEror": "fail"\n}\n' },
    cause: (home) => `cannot use ${home}/.ecr/config.json:3: unknown key "onEror"; did you mean "onError"?`,
    hint: (home) => `mend ${home}/.ecr/config.json:3`,
  },
  ...(
    [
      ['AWS_ECR_TIMEOUT', '0', 'a number of seconds from 1 to 600'],
      ['AWS_ECR_TIMEOUT', 'soon', 'a number of seconds from 1 to 600'],
      ['AWS_ECR_ON_ERROR', 'panic', '"fail" or "not-found"'],
      ['AWS_ECR_LOG_LEVEL', 'loud', 'one of off, error, warn, info, debug'],
    ] as const
  ).map(([name, value, wanted]) => ({
    name: `${name}=${value}`,
    env: { [name]: value },
    cause: () => `cannot use ${name} "${value}": must be ${wanted}`,
    hint: () => `correct ${name}`,
  })),
  {
    name: 'an endpoint that is no URL, without its user and query',
    env: { AWS_ENDPOINT_URL_ECR: 'gopher://user:canary-of-a-user-info@host/?canary-of-a-query' },
    cause: () =>
      'cannot use AWS_ENDPOINT_URL_ECR "gopher://host/": must be a URL that begins with https:// or http://',
    hint: () => 'correct AWS_ENDPOINT_URL_ECR',
  },
];

for (const executable of executables) {
  describe(`failures, ${executable.name}`, { concurrency: 2 }, () => {
    for (const { name, env = {}, files = {}, arrange, cause, hint } of rows)
      test(name, async (t) => {
        const world = await openWorld(t, executable, { env, files });
        for (const canary of ['canary-of-a-user-info', 'canary-of-a-query']) world.addSecret(canary);
        arrange?.(world);
        const { directory } = world.home;
        assertOutcome(await world.get(HOST), explained(cause(directory, world.aws.url), hint(directory)));
      });

    test('a second try a moment later asks again', async (t) => {
      const world = await openWorld(t, executable);
      world.aws.fault({ service: 'ecr', times: 1 }, { kind: 'access-denied' });
      assert.equal((await world.get(HOST)).code, 1);
      assert.equal((await world.get(HOST)).code, 0);
      // And a person's failure is nobody else's.
      world.aws.fault({ service: 'ecr', times: 1 }, { kind: 'access-denied' });
      const denied = await world.get(HOST, keysOf(BOB));
      assert.match(denied.stderr, /user\/bob may not call/);
      assert.equal((await world.get(HOST)).code, 0);
    });
  });
}
