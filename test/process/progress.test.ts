// Specifies what a person hears who waits for `token` or `login`: one line on their terminal after a second, and nothing where
// it is quicker, where nobody watches, or while they themselves are asked.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { executables } from '../support/executables.ts';
import { onlyPassword } from '../support/expect.ts';
import { NO_KEYS, ROLE } from '../support/sources.ts';
import { runWatched } from '../support/terminal.ts';
import { ACCOUNT, ALICE, HOST, keysProfile, openWorld } from '../support/world.ts';

const WAITING = `asking AWS for a token for ${HOST} …\n`;
const SLOW = [{ service: 'ecr' }, { kind: 'slow', delayMs: 1600 }] as const;

for (const executable of executables) {
  describe(`progress, ${executable.name}`, { concurrency: 2 }, () => {
    for (const command of ['token', 'login']) {
      test(`${command}: a line after a second, on stderr`, async (t) => {
        const world = await openWorld(t, executable);
        world.aws.fault(...SLOW);
        const { shown, stdout, code } = await runWatched(world, [command, HOST]);
        assert.deepEqual({ shown, code }, { shown: WAITING, code: 0 });
        if (command === 'token') assert.equal(stdout, `${onlyPassword(world)}\n`);
        else assert.match(stdout, new RegExp(`^${HOST}: signed in with [^\n]+\n$`));
      });

      test(`${command}: stdin may be something else`, async (t) => {
        const world = await openWorld(t, executable);
        world.aws.fault(...SLOW);
        const { shown } = await runWatched(world, [command, HOST], { redirect: '</dev/null' });
        assert.equal(shown, WAITING);
      });

      test(`${command}: nothing where it is quick`, async (t) => {
        const world = await openWorld(t, executable);
        const { shown, code } = await runWatched(world, [command, HOST]);
        assert.deepEqual({ shown, code }, { shown: '', code: 0 });
      });

      test(`${command}: nothing where nobody watches`, async (t) => {
        const world = await openWorld(t, executable);
        world.aws.fault(...SLOW);
        const { stderr, code } = await world.run([command, HOST], { mayAnswer: true });
        assert.deepEqual({ stderr, code }, { stderr: '', code: 0 });
      });

      test(`${command}: nothing between a question and its answer`, async (t) => {
        const world = await openWorld(t, executable, { env: { ...NO_KEYS, AWS_PROFILE: 'dev' } });
        const serial = `arn:aws:iam::${ACCOUNT}:mfa/alice`;
        world.aws.addRole({ arn: ROLE, mfaSerial: serial, mfaCode: '271828' });
        world.write('.aws/credentials', keysProfile('alice', ALICE));
        world.write(
          '.aws/config',
          `[profile dev]\nrole_arn = ${ROLE}\nsource_profile = alice\nmfa_serial = ${serial}\n`,
        );
        const { shown, code } = await runWatched(world, [command, HOST], { answer: '271828\n' });
        // What is typed is shown too: by the terminal, and it may be by `script`.
        assert.equal(
          shown.replace(/\n?(271828\n)+/, ''),
          `MFA code of ${serial} for ${ROLE} (profile "dev"): `,
        );
        assert.equal(code, 0);
      });
    }
  });
}
