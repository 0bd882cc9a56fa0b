// Owns the requests that real clients send, byte by byte, and the answers that they count on.
// Each was seen on the wire or stands in a client's source.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { executables } from '../support/executables.ts';
import { assertOutcome, credentials, NOT_FOUND, onlyPassword, refusal, success } from '../support/expect.ts';
import type { StdinKind } from '../support/run.ts';
import { HOST, openWorld } from '../support/world.ts';

const MIXED_CASE = '123456789012.DKR.ECR.us-east-1.Amazonaws.com';

/** Everything that names the registry; `echo` is the ServerURL of the answer, the trimmed request where left out. */
const served: readonly { readonly from: string; readonly stdin: string; readonly echo?: string }[] = [
  { from: 'docker, podman, oras, BuildKit, jib', stdin: HOST },
  { from: 'testcontainers-node, rules_oci, .NET on Linux', stdin: `${HOST}\n` },
  { from: '.NET on Windows', stdin: `${HOST}\r\n` },
  { from: 'rules_oci on Windows', stdin: `${HOST} \r\n` },
  { from: '.NET Framework, with a BOM', stdin: `\uFEFF${HOST}`, echo: HOST },
  { from: 'keys of list, JKube, jib, regclient', stdin: `https://${HOST}` },
  { from: 'nerdctl', stdin: `http://${HOST}` },
  { from: 'keys of credHelpers', stdin: `https://${HOST}/v2/` },
  { from: 'nerdctl first, Concourse', stdin: `${HOST}:443` },
  { from: 'nerdctl second', stdin: `https://${HOST}:443` },
  { from: 'crane, ko and kaniko with credsStore', stdin: `${HOST}/team/app` },
  { from: 'docker, which passes case through', stdin: MIXED_CASE },
  {
    from: 'a person with too many white spaces',
    stdin: `${' \t\r\n'.repeat(500)}${HOST}${'\n \t'.repeat(500)}`,
  },
];

/** What looks like the registry and is not, and what other registries are called. */
const notOurs: readonly { readonly from: string; readonly stdin: string }[] = [
  { from: 'docker for Docker Hub', stdin: 'https://index.docker.io/v1/' },
  { from: 'podman for Docker Hub', stdin: 'docker.io' },
  { from: 'crane for Docker Hub', stdin: 'index.docker.io/library/ubuntu' },
  { from: 'docker logout', stdin: 'https://index.docker.io/v1/refresh-token' },
  { from: 'any client for GitHub', stdin: 'ghcr.io' },
  { from: 'any client for a registry on this machine', stdin: '127.0.0.1:5999' },
  { from: 'an attacker: suffix', stdin: `${HOST}.evil.test` },
  { from: 'an attacker: prefix', stdin: `evil.test/${HOST}` },
  { from: 'an attacker: user info', stdin: `https://${HOST}@evil.test` },
  { from: 'an attacker: user info before the host', stdin: `https://user:pw@${HOST}` },
  { from: 'an attacker: fragment', stdin: `https://evil.test#${HOST}` },
  { from: 'nobody: eleven digits', stdin: HOST.slice(1) },
  { from: 'nobody: thirteen digits', stdin: `1${HOST}` },
  { from: 'nobody: a port out of range', stdin: `${HOST}:65536` },
  { from: 'nobody: another scheme', stdin: `ftp://${HOST}` },
];

for (const executable of executables) {
  describe(`vectors, ${executable.name}`, { concurrency: 2 }, () => {
    test('get answers every form of the registry with one token from one request', async (t) => {
      const world = await openWorld(t, executable);
      const first = await world.get(HOST);
      const password = onlyPassword(world);
      assertOutcome(first, credentials(HOST, password));
      for (const { from, stdin, echo = stdin.trim() } of served)
        await t.test(from, async () => {
          assertOutcome(await world.get(stdin), credentials(echo, password));
        });
      assert.equal(world.aws.requests.length, 1);
    });

    test('get has nothing to say about other hosts and asks nobody', async (t) => {
      const world = await openWorld(t, executable);
      for (const { from, stdin } of notOurs)
        await t.test(`${from}: ${stdin}`, async () => {
          assertOutcome(await world.get(stdin), NOT_FOUND);
        });
      assert.deepEqual(world.aws.requests, []);
    });

    for (const verb of ['get', 'erase'])
      for (const stdin of ['', '\n', ' \r\n\t', '\uFEFF'])
        test(`${verb} of ${JSON.stringify(stdin)}`, async (t) => {
          const world = await openWorld(t, executable);
          assertOutcome(await world.run([verb], { stdin }), refusal('no credentials server URL\n'));
        });

    for (const stdin of ['unused', '', '\n'])
      test(`list of ${JSON.stringify(stdin)}: empty, then the registry`, async (t) => {
        const world = await openWorld(t, executable);
        assertOutcome(await world.run(['list'], { stdin }), success('{}\n'));
        await world.get(HOST);
        assertOutcome(await world.run(['list'], { stdin }), success(`{"https://${HOST}":"AWS"}\n`));
      });

    test('store for another host says why it cannot', async (t) => {
      const world = await openWorld(t, executable);
      for (const username of ['AWS', '\\u003ctoken\\u003e']) {
        const stdin = `{"ServerURL":"127.0.0.1:5999","Username":"${username}","Secret":"pw-canary"}\n`;
        const { stdout, stderr, code } = await world.run(['store'], { stdin });
        assert.match(stdout, /^cannot store credentials: [^\n]+\n$/);
        assert.doesNotMatch(stdout, /pw-canary|credentials not found/);
        assert.deepEqual({ stderr, code }, { stderr: '', code: 1 });
      }
    });

    for (const stdin of [
      `{"ServerURL":"${HOST}","Username":"AWS","Secret":"pw"}\n`,
      `{"ServerURL":"https://${HOST}","Username":"AWS","Secret":"pw"}`,
      `{"ServerURL":"${HOST}","Username":"\\u003ctoken\\u003e","Secret":"pw"}\n`,
      `{"serverurl":"${HOST}","USERNAME":"AWS","secret":"pw","more":1}\n`,
    ])
      test(`store of ${stdin.trim()} succeeds in silence`, async (t) => {
        const world = await openWorld(t, executable);
        assertOutcome(await world.run(['store'], { stdin }), success(''));
      });

    test('erase succeeds in silence for every URL that docker logout sends', async (t) => {
      const world = await openWorld(t, executable);
      for (const stdin of [
        HOST,
        HOST,
        `http://${HOST}`,
        `https://${HOST}`,
        'https://index.docker.io/v1/',
        'no host at all',
        `${HOST}\0`,
        '\xff',
      ])
        assertOutcome(await world.run(['erase'], { stdin }), success(''));
    });

    for (const stdinKind of ['end', 'closed', 'null', 'hold'] satisfies StdinKind[])
      test(`version with stdin: ${stdinKind}`, async (t) => {
        const world = await openWorld(t, executable);
        for (const argv of [['version'], ['--version'], ['-v']]) {
          const result = await world.run(argv, { stdinKind, timeoutMs: 5000 });
          assert.match(result.stdout, /^docker-credential-ecr-login \d+\.\d+\.\d+\S*\n$/);
          assertOutcome(result, success(result.stdout));
        }
      });
  });
}
