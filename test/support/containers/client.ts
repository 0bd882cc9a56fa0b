// Owns running a container client in a home and the checks that hold for every client command: no secret is shown.
// What the single commands must do is the tests' business.

import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { type Minted, registryHost, type World } from './harness.ts';
import type { Home } from './home.ts';
import type { AuthorizedRequest } from './registry.ts';
import { describeOutcome, type Outcome, run } from './run.ts';

/** Runs a client command and checks that neither its output nor its configuration shows a secret. */
export async function runClient(
  world: World,
  home: Home,
  command: readonly [string, ...string[]],
  stdin?: string,
): Promise<Outcome> {
  const [program, ...args] = command;
  const options = {
    environment: home.environment,
    cwd: home.directory,
    ...(stdin !== undefined && { stdin }),
  };
  const outcome = await run(program, args, options);
  const shown = { ...outcome, dockerConfig: home.dockerConfig(), authFile: home.authFile() };
  for (const secret of world.secrets()) {
    for (const [where, text] of Object.entries(shown)) {
      // The message must not show it either.
      assert.ok(!String(text).includes(secret), `${where} of "${outcome.command}" shows a secret`);
    }
  }
  return outcome;
}

/** As `runClient`, for the Docker CLI at `cli` and the daemon of the world. */
export function runDocker(
  world: World,
  home: Home,
  cli: string,
  args: readonly string[],
  stdin?: string,
): Promise<Outcome> {
  return runClient(world, home, [cli, '--host', world.dockerHost(), ...args], stdin);
}

/** What `aws ecr get-login-password` would print, asked from the executable in the home. */
export async function getPassword(home: Home): Promise<string> {
  const options = { environment: home.environment, cwd: home.directory, stdin: registryHost };
  const outcome = assertSucceeded(await run('docker-credential-ecr-login', ['get'], options));
  const reply: { readonly Secret: string } = JSON.parse(outcome.stdout);
  return reply.Secret;
}

/** Checks that the command succeeded and gives its outcome back. */
export function assertSucceeded(outcome: Outcome): Outcome {
  assert.equal(outcome.code, 0, describeOutcome(outcome));
  return outcome;
}

/** Checks that the command failed and that the user was shown our cause for this registry and a hint; says so in the log. */
export function assertExplained(t: TestContext, outcome: Outcome, registry: string): void {
  assert.notEqual(outcome.code, 0, describeOutcome(outcome));
  const cause = `docker-credential-ecr-login: ${registry}: `;
  const lines = outcome.stderr.split('\n').map((line) => line.trimEnd());
  const index = lines.findIndex((line) => line.startsWith(cause) && line.length > cause.length);
  assert.notEqual(index, -1, `no line "${cause}…"\n${describeOutcome(outcome)}`);
  assert.match(lines[index + 1] ?? '', /^hint: \S/, describeOutcome(outcome));
  for (const line of lines.slice(index, index + 2)) t.diagnostic(line);
}

/**
 * Checks that the registry let the command in with the newest minted token, the only one that it accepts, and that
 * the token came from our executable through `home`; says so in the test's log.
 */
export function assertUsedMintedToken(
  t: TestContext,
  world: World,
  home: Home,
  what: string,
  expected: { readonly userAgent: RegExp; readonly request: RegExp },
): void {
  const token = newestToken(world);
  const requests = world.registry.authorized();
  const isExpected = ({ userAgent, method, uri }: AuthorizedRequest) =>
    expected.userAgent.test(userAgent) && expected.request.test(`${method} ${uri}`);
  const request = requests.find(isExpected);
  assert.ok(request, `no authorized ${expected.request} among ${JSON.stringify(requests, null, 1)}`);
  // Another program of the same name, such as the Go helper, keeps its tokens in cache.json.
  const cache = join(home.directory, '.ecr');
  assert.ok(existsSync(join(cache, 'tokens-v1')), 'the token did not go through the cache of our executable');
  assert.ok(!readdirSync(cache).includes('cache.json'), 'another credential helper answered');
  t.diagnostic(
    `${what} used the token minted for ${token.arn} at ${token.at.toISOString()}: the registry let in "${request.method} ${request.uri}"`,
  );
}

/** The token that AWS handed out last. */
export function newestToken(world: World): Minted {
  const token = world.minted.at(-1);
  assert.ok(token, 'AWS handed out no token');
  return token;
}
