// Owns the MFA code of a role: who is asked for it, where, how often, and what happens where nobody can be asked.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cliCacheKey } from '../../src/token/fetch/providers/cli-session.ts';
import { executables } from '../support/executables.ts';
import {
  assertOutcome,
  credentials,
  explained,
  NOT_FOUND,
  onlyPassword,
  operations,
} from '../support/expect.ts';
import { getBeforePerson, getInBackground } from '../support/person.ts';
import { NO_KEYS, processAnswer, ROLE, roleArn } from '../support/sources.ts';
import {
  ACCOUNT,
  ALICE,
  HOST,
  keysProfile,
  openWorld,
  PUBLIC_HOST,
  type World,
  type WorldOptions,
} from '../support/world.ts';

const SERIAL = `arn:aws:iam::${ACCOUNT}:mfa/alice`;
const CODE = '271828';
const QUESTION = /MFA code of \S+ for \S+ \(profile "dev"\): /;
const OTHER_HOSTS = ['111111111111', '222222222222'].map((id) => `${id}.dkr.ecr.us-east-1.amazonaws.com`);
const OTHER_REGION = `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com`;
const HINT = `docker-credential-ecr-login login ${HOST}`;

for (const executable of executables) {
  describe(`MFA, ${executable.name}`, { concurrency: 2 }, () => {
    async function worldOfAlice(
      t: Parameters<typeof openWorld>[0],
      options: WorldOptions = {},
    ): Promise<World> {
      const world = await openWorld(t, executable, {
        ...options,
        env: { ...NO_KEYS, AWS_PROFILE: 'dev', ...options.env },
      });
      world.aws.addRole({ arn: ROLE, mfaSerial: SERIAL, mfaCode: CODE });
      world.write('.aws/credentials', keysProfile('alice', ALICE));
      world.write(
        '.aws/config',
        `[profile dev]\nrole_arn = ${ROLE}\nsource_profile = alice\nmfa_serial = ${SERIAL}\n`,
      );
      return world;
    }

    test('a person is asked on the terminal, and stdout has the answer alone', async (t) => {
      const world = await worldOfAlice(t);
      const { shown, results } = await getBeforePerson(world, [HOST], {
        question: QUESTION,
        answers: [`${CODE}\n`],
      });
      assert.ok(shown.includes(`MFA code of ${SERIAL} for ${ROLE} (profile "dev"): `), shown);
      assert.deepEqual(results, [credentials(HOST, onlyPassword(world))]);
      assert.equal(world.aws.mintedTokens[0]?.arn, roleArn('puller', 'docker-credential-ecr-login'));
      const again = await getBeforePerson(world, [HOST], { question: QUESTION, answers: [] });
      assert.deepEqual({ shown: again.shown, results: again.results }, { shown: '', results });
    });

    test('many calls at the same time ask once, whichever registry they are for', async (t) => {
      const world = await worldOfAlice(t);
      const hosts = [HOST, HOST, HOST, ...OTHER_HOSTS, ...OTHER_HOSTS];
      const person = { question: QUESTION, answers: [`${CODE}\n`], delayMs: 1500 };
      const { shown, results } = await getBeforePerson(world, hosts, person);
      assert.equal(shown.split('MFA code').length - 1, 1, shown);
      const password = onlyPassword(world);
      assert.deepEqual(
        results,
        hosts.map((host) => credentials(host, password)),
      );
    });

    test('two questions that differ are asked one after the other', async (t) => {
      const world = await worldOfAlice(t);
      const person = { question: QUESTION, answers: [`${CODE}\n`, `${CODE}\n`], delayMs: 500 };
      const { shown, results } = await getBeforePerson(world, [HOST, OTHER_REGION], person);
      assert.match(shown, /MFA code[^\n]*: 271828\r\nMFA code[^\n]*: 271828\r\n$/);
      assert.deepEqual(
        results.map(({ code, stderr }) => ({ code, stderr })),
        [
          { code: 0, stderr: '' },
          { code: 0, stderr: '' },
        ],
      );
    });

    test('no code: the others at the same time do not ask again', async (t) => {
      const world = await worldOfAlice(t);
      const person = { question: QUESTION, answers: ['\u0004'], delayMs: 1500 };
      const { shown, results } = await getBeforePerson(world, [HOST, HOST, ...OTHER_HOSTS], person);
      assert.equal(shown.split('MFA code').length - 1, 1, shown);
      for (const { stderr, code } of results) {
        assert.match(
          stderr,
          /: profile "dev" needs the MFA code of \S+: no code was given\nhint: docker-credential-ecr-login login \S+\n$/,
        );
        assert.equal(code, 1);
      }
    });

    test('what is no code is asked for once more, and spaces in a code are none of it', async (t) => {
      const world = await worldOfAlice(t);
      const person = { question: /(MFA code[^\n]*|six digits): /, answers: ['hello\n', ' 271 828\n'] };
      const { shown, results } = await getBeforePerson(world, [HOST], person);
      assert.match(shown, /The code has six digits: /);
      assert.deepEqual(results, [credentials(HOST, onlyPassword(world))]);
    });

    test('a code that AWS does not accept', async (t) => {
      const world = await worldOfAlice(t);
      const { results } = await getBeforePerson(world, [HOST], { question: QUESTION, answers: ['000000\n'] });
      const cause = `profile "dev" needs the MFA code of ${SERIAL}: AWS does not accept the code`;
      assert.deepEqual(results, [explained(cause, HINT)]);
    });

    test("the person's time does not count", async (t) => {
      const world = await worldOfAlice(t, { env: { AWS_ECR_TIMEOUT: '1' } });
      const person = { question: QUESTION, answers: [`${CODE}\n`], delayMs: 2500 };
      const { results } = await getBeforePerson(world, [HOST, HOST], person);
      const answer = credentials(HOST, onlyPassword(world));
      assert.deepEqual(results, [answer, answer]);
    });

    test('CI: nobody is asked, though there is a terminal', async (t) => {
      const world = await worldOfAlice(t);
      for (const CI of ['true', '1', 'yes']) {
        const person = { question: QUESTION, answers: [] };
        const { shown, results } = await getBeforePerson(world, [HOST], person, { CI });
        const cause = `profile "dev" needs the MFA code of ${SERIAL}: CI is set, so nobody is asked`;
        assert.deepEqual({ shown, results }, { shown: '', results: [explained(cause, HINT)] });
      }
      const person = { question: QUESTION, answers: [`${CODE}\n`] };
      const { results } = await getBeforePerson(world, [HOST], person, { CI: 'false' });
      assert.deepEqual(results, [credentials(HOST, onlyPassword(world))]);
    });

    test('no terminal: the command for a terminal is named', async (t) => {
      const world = await worldOfAlice(t);
      const cause = `profile "dev" needs the MFA code of ${SERIAL}: there is no terminal to ask on`;
      const result = await world.get(HOST);
      assertOutcome(result, explained(cause, HINT));
      assert.deepEqual(operations(world), []);
      assert.ok(result.ms < 3000);
    });

    test('a background job is not stopped by its terminal', async (t) => {
      const world = await worldOfAlice(t);
      world.write('request', HOST);
      const { stderr } = await getInBackground(world);
      assert.match(stderr, /it runs in the background, where nobody can be asked\n/);
    });

    test('a command gives the code, in CI too', async (t) => {
      const world = await worldOfAlice(t);
      world.write('code.sh', { mode: 0o700, text: `#!/bin/sh\necho noise >&2\necho ${CODE}\n` });
      const env = { AWS_ECR_MFA_COMMAND: `${world.home.directory}/code.sh`, CI: 'true' };
      assertOutcome(await world.get(HOST, env), credentials(HOST, onlyPassword(world)));
    });

    test('a command that gives none', async (t) => {
      const world = await worldOfAlice(t);
      const hint =
        'run the command of AWS_ECR_MFA_COMMAND yourself: it must print the six digits and nothing else';
      for (const [command, reason] of [
        ['echo canary-output', 'its output is not a code of six digits'],
        ['exit 7', 'it ended with exit code 7'],
      ] as const)
        assertOutcome(
          await world.get(HOST, { AWS_ECR_MFA_COMMAND: command }),
          explained(`cannot get AWS credentials from the MFA command: ${reason}`, hint),
        );
    });

    test('a session that the AWS CLI has kept is taken, and nobody is asked', async (t) => {
      const world = await worldOfAlice(t);
      const key = {
        accessKeyId: 'ASIACLISESSION000001',
        secretAccessKey: 'canary/cli+secret/77',
        sessionToken: 'canary-cli-session',
      };
      const arn = roleArn('puller', 'botocore-session-1');
      world.aws.addAccessKey({ ...key, arn });
      const source = {
        kind: 'role',
        profile: 'dev',
        roleArn: ROLE,
        mfaSerial: SERIAL,
        base: { kind: 'instance' },
      } as const;
      const write = (expiresAt: number): void =>
        world.write(
          `.aws/cli/cache/${cliCacheKey(source)}.json`,
          JSON.stringify({
            Credentials: {
              AccessKeyId: key.accessKeyId,
              SecretAccessKey: key.secretAccessKey,
              SessionToken: key.sessionToken,
              Expiration: new Date(expiresAt).toISOString().replace(/\.\d+Z/, '+00:00'),
            },
            AssumedRoleUser: { AssumedRoleId: 'AROA:botocore-session-1', Arn: arn },
          }),
        );
      write(Date.now() + 30_000);
      assert.match((await world.get(HOST)).stderr, /needs the MFA code/);
      write(Date.now() + 600_000);
      assertOutcome(await world.get(HOST), credentials(HOST, onlyPassword(world)));
      assert.equal(world.aws.mintedTokens[0]?.arn, arn);
      assert.deepEqual(operations(world), ['ecr:GetAuthorizationToken']);
    });

    test('a token in its second half of life is served and nobody is asked', async (t) => {
      const world = await worldOfAlice(t, { aws: { tokenLifeMs: 8000 } });
      const person = { question: QUESTION, answers: [`${CODE}\n`] };
      const { results } = await getBeforePerson(world, [HOST], person);
      await new Promise((resolve) => setTimeout(resolve, 4200));
      const later = await getBeforePerson(world, [HOST], { question: QUESTION, answers: [] });
      assert.deepEqual({ shown: later.shown, results: later.results }, { shown: '', results });
    });

    test('ECR Public asks nobody: it serves without a code', async (t) => {
      const world = await worldOfAlice(t);
      const person = { question: QUESTION, answers: [] };
      const { shown, results } = await getBeforePerson(world, [PUBLIC_HOST], person);
      assert.deepEqual({ shown, results }, { shown: '', results: [NOT_FOUND] });
    });

    test('a credential process may ask on the terminal, and its stderr is seen there alone', async (t) => {
      const world = await worldOfAlice(t);
      const answer = processAnswer(ALICE);
      world.write('ask.sh', {
        mode: 0o700,
        text: `#!/bin/sh\nprintf 'password: ' >&2\nread -r line\n[ "$line" = sesame ] || exit 4\necho '${answer}'\n`,
      });
      world.write('.aws/config', `[profile dev]\ncredential_process = ${world.home.directory}/ask.sh\n`);
      const person = { question: /password: /, answers: ['sesame\n'] };
      const { shown, results } = await getBeforePerson(world, [HOST], person);
      assert.equal(shown, 'password: sesame\r\n');
      assert.deepEqual(results, [credentials(HOST, onlyPassword(world))]);
      const alone = await world.get(HOST);
      assert.match(alone.stderr, /credential_process of profile "dev": it ended with exit code [14]\n/);
    });
  });
}
