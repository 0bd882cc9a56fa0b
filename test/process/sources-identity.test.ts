// Owns when a cached token serves: for each way to be somebody, what may change and what must not. A hit is proved by the same
// password and no request, a miss by the next token's owner.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { executables } from '../support/executables.ts';
import { assertOutcome, credentials, explained, operations } from '../support/expect.ts';
import {
  LOGIN_ARN,
  LOGIN_TOKEN_PATH,
  loginFiles,
  NO_KEYS,
  processFiles,
  ssoFiles,
  ssoTokenPath,
  writeAll,
} from '../support/sources.ts';
import { ALICE, type Env, HOST, openWorld, type World } from '../support/world.ts';
import { type IdentityRow, keyIdentities } from './tables/key-identities.ts';
import { sessionIdentities } from './tables/session-identities.ts';

for (const executable of executables) {
  describe(`identity, ${executable.name}`, { concurrency: 2 }, () => {
    for (const { name, arrange, hits = {}, misses = {} } of [...keyIdentities, ...sessionIdentities]) {
      for (const [change, make] of Object.entries(hits))
        test(`${name}: ${change} is a hit`, async (t) => {
          const { world, env } = await served(t, arrange);
          const after = { ...env, ...make(world, env) };
          assertOutcome(await world.get(HOST, after), answer(world, 0));
          assert.deepEqual(asked(world), []);
          assert.equal(world.aws.mintedTokens.length, 1);
        });
      for (const [change, [make, owner]] of Object.entries(misses))
        test(`${name}: ${change} is a miss`, async (t) => {
          const { world, env } = await served(t, arrange);
          const after = { ...env, ...make(world, env) };
          assertOutcome(await world.get(HOST, after), answer(world, 1));
          assert.ok(asked(world).includes('ecr:GetAuthorizationToken'));
          const caller = world.aws.mintedTokens[1]?.arn ?? '';
          if (typeof owner === 'string') assert.equal(caller, owner);
          else assert.match(caller, owner);
          // And back: the first identity's token is still its own.
          assert.notEqual(world.aws.mintedTokens[0]?.password, world.aws.mintedTokens[1]?.password);
        });
    }

    test('SSO: after a logout no token is served, and the sign-in is named', async (t) => {
      const { world, env } = await served(t, (each) => {
        writeAll(each, ssoFiles(each, {}));
        return { AWS_PROFILE: 'dev' };
      });
      world.remove(ssoTokenPath('work'));
      const cause = 'the AWS SSO sign-in of profile "dev" is missing or has expired';
      assertOutcome(await world.get(HOST, env), explained(cause, 'aws sso login --sso-session work'));
    });

    test('a login session: after a logout no token is served, and the sign-in is named', async (t) => {
      const { world, env } = await served(t, (each) => {
        writeAll(each, loginFiles(each, {}));
        return { AWS_PROFILE: 'dev' };
      });
      assert.equal(world.aws.mintedTokens[0]?.arn, LOGIN_ARN);
      world.remove(LOGIN_TOKEN_PATH);
      const cause = 'the AWS sign-in of profile "dev" is missing or has expired';
      assertOutcome(await world.get(HOST, env), explained(cause, 'aws login --profile dev'));
    });

    test('a credential process is asked once a get, also when a token is fetched', async (t) => {
      const { world, env } = await served(t, (each) => {
        writeAll(each, processFiles(each, ALICE));
        return { AWS_PROFILE: 'dev' };
      });
      assert.equal(world.home.read('runs'), 'run\n');
      await world.get(HOST, env);
      assert.equal(world.home.read('runs'), 'run\nrun\n');
    });

    interface Served {
      readonly world: World & { remove(path: string): void };
      readonly env: Env;
    }

    /** A world in which a token has been fetched and nothing was asked since. */
    async function served(
      t: Parameters<typeof openWorld>[0],
      arrange: IdentityRow['arrange'],
    ): Promise<Served> {
      const world = await openWorld(t, executable, { env: NO_KEYS });
      const env = arrange(world);
      assertOutcome(await world.get(HOST, env), answer(world, 0));
      world.aws.requests.length = 0;
      return { world: { ...world, remove: (path) => rmSync(join(world.home.directory, path)) }, env };
    }
  });
}

function answer(world: World, index: number) {
  const token = world.aws.mintedTokens[index];
  assert.ok(token !== undefined, 'no token was fetched');
  return credentials(HOST, token.password);
}

/** Who was asked, the instance's role name aside: that is asked each time. */
function asked(world: World): string[] {
  return operations(world).filter(
    (operation) => !/^imds:(PUT \/latest\/api\/token|GET \S+security-credentials\/)$/.test(operation),
  );
}
