// Owns what a person meets who types a client's verb into a terminal: an answer at once, or what to type instead.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { executables } from '../support/executables.ts';
import { assertOutcome, credentials, NOT_FOUND, onlyPassword, success } from '../support/expect.ts';
import { runInTerminal } from '../support/terminal.ts';
import { HOST, openWorld, SENTINEL } from '../support/world.ts';

const hints = {
  get: `docker-credential-ecr-login get ${HOST}`,
  erase: `echo ${HOST} | docker-credential-ecr-login erase`,
  store: `docker login ${HOST}`,
};

for (const executable of executables) {
  describe(`terminal, ${executable.name}`, { concurrency: 2 }, () => {
    for (const [verb, hint] of Object.entries(hints))
      test(`${verb} says what to type and does not wait`, async (t) => {
        const world = await openWorld(t, executable);
        assertOutcome(await runInTerminal(world, [verb]), {
          stdout: '',
          stderr: `docker-credential-ecr-login: ${verb} reads from standard input, and that is a terminal\nhint: ${hint}\n`,
          code: 1,
        });
        assert.deepEqual(world.aws.requests, []);
      });

    test('get of a registry, and list, answer at once', async (t) => {
      const world = await openWorld(t, executable);
      const got = await runInTerminal(world, ['get', HOST]);
      assertOutcome(got, credentials(HOST, onlyPassword(world)));
      assertOutcome(await runInTerminal(world, ['list']), success(`{"https://${HOST}":"AWS"}\n`));
      assert.equal(world.aws.requests.length, 1);
    });

    test('get of another host says that it is none of ours', async (t) => {
      const world = await openWorld(t, executable);
      assertOutcome(await runInTerminal(world, ['get', 'ghcr.io']), {
        stdout: SENTINEL,
        stderr: `docker-credential-ecr-login: "ghcr.io" is not a registry of Amazon ECR\nhint: name its host, such as ${HOST}, or map the host in the config file\n`,
        code: 1,
      });
      // A script that passes the argument through pipes gets what a client gets.
      assertOutcome(await world.run(['get', 'ghcr.io']), NOT_FOUND);
    });

    test('a command without its argument shows its own usage', async (t) => {
      const world = await openWorld(t, executable);
      assertOutcome(await runInTerminal(world, ['login']), {
        stdout: '',
        stderr:
          "docker-credential-ecr-login: login: missing required argument 'registry'\nhint: docker-credential-ecr-login login [options] <registry...>\n",
        code: 1,
      });
    });

    test('no command at all shows the usage and does not wait', async (t) => {
      const world = await openWorld(t, executable);
      const result = await runInTerminal(world, []);
      assert.match(result.stdout, /^docker-credential-ecr-login: no command given\nUsage: /);
      assertOutcome(result, { stdout: result.stdout, stderr: '', code: 1 });
    });
  });
}
