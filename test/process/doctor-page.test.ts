// Owns how `doctor` tells what it found, and what it must not do on the way: colour and marks, JSON, no secret, no question, no
// keys for other programs, an end in time.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { assertAbsent } from '../support/canary.ts';
import { type Clinic, openClinic, readPage } from '../support/doctor/clinic.ts';
import { executables } from '../support/executables.ts';
import { quote, runCommand } from '../support/run.ts';
import { NO_KEYS, ROLE } from '../support/sources.ts';
import { ACCOUNT, ALICE, type Env, HOST, keysProfile, PUBLIC_HOST } from '../support/world.ts';

const COLOR = /\x1b\[\d+m/;
const SERIAL = `arn:aws:iam::${ACCOUNT}:mfa/alice`;

/** The page as a terminal shows it. */
async function onTerminal({ executable, home, env }: Clinic, changes: Env = {}): Promise<string> {
  const command = [executable.command, ...executable.prefix, 'doctor'].map(quote).join(' ');
  const { stdout } = await runCommand(
    ['/usr/bin/script', '--quiet', '--return', '--command', command, '/dev/null'],
    { cwd: home.directory, env: { ...env(changes), SHELL: '/bin/sh' } },
  );
  return stdout;
}

function withoutColor(text: string): string {
  return text.replace(new RegExp(COLOR, 'g'), '');
}

for (const executable of executables) {
  describe(`doctor's page, ${executable.name}`, { concurrency: 2 }, () => {
    test('a terminal gets marks in colour, NO_COLOR marks without, a dumb one words', async (t) => {
      const clinic = await openClinic(t, executable);
      clinic.writeDocker({ credStore: 'x', auths: { [HOST]: { auth: 'QVdTOmNhbmFyeQ==' } } });
      const colored = await onTerminal(clinic);
      for (const mark of ['\x1b[32m✓\x1b[0m ', '\x1b[33m!\x1b[0m ', '\x1b[31m✗\x1b[0m '])
        assert.ok(colored.includes(`  ${mark}`), colored);
      const plain = await onTerminal(clinic, { NO_COLOR: '1' });
      assert.doesNotMatch(plain, COLOR);
      assert.equal(plain, withoutColor(colored));
      const dumb = await onTerminal(clinic, { TERM: 'dumb' });
      assert.doesNotMatch(dumb, /[✓✗]|\x1b/);
      assert.match(dumb, /^ {2}ok: /m);
    });

    test('a pipe gets words', async (t) => {
      const clinic = await openClinic(t, executable);
      clinic.writeDocker({ credStore: 'x' });
      const { stdout, code } = await clinic.run(['doctor']);
      assert.match(
        stdout,
        /^ {2}broken: \S+ has the key "credStore", which no client reads\n {6}fix: call it "credsStore"$/m,
      );
      assert.doesNotMatch(stdout, /[✓✗]|\x1b/);
      assert.match(stdout, /^1 problem$/m);
      assert.equal(code, 1);
    });

    test('--json holds the same, and says at once whether all is well', async (t) => {
      const clinic = await openClinic(t, executable);
      const image = `${clinic.registry.host}/team/app:1.0`;
      const { stdout, stderr, code } = await clinic.run(['doctor', '--json', image]);
      const report = JSON.parse(stdout);
      assert.deepEqual(
        [report.healthy, report.program, code, stderr],
        [true, 'docker-credential-ecr-login', 0, ''],
      );
      const titles = ['executables', 'settings', 'clients', 'storage', 'identity', 'network', 'registry'];
      assert.deepEqual(
        report.sections.map(({ title }: { title: string }) => title),
        titles,
      );
      const broken = await clinic.run(['doctor', '--json', `${clinic.registry.host}/nothing:1`]);
      const { healthy, sections } = JSON.parse(broken.stdout);
      assert.deepEqual([healthy, broken.code], [false, 1]);
      assert.equal(sections.at(-1).findings.at(-1).status, 'broken');
      assert.match(sections.at(-1).findings.at(-1).fix, /describe-repositories/);
    });
  });
}

const [native] = executables;
assert.ok(native !== undefined);

describe('doctor on the way', { concurrency: 2 }, () => {
  const mfa = (clinic: Clinic): Env => {
    clinic.aws.addRole({ arn: ROLE, mfaSerial: SERIAL, mfaCode: '271828' });
    clinic.write('.aws/credentials', keysProfile('alice', ALICE));
    const profile = `[profile dev]\nrole_arn = ${ROLE}\nsource_profile = alice\nmfa_serial = ${SERIAL}\n`;
    clinic.write('.aws/config', profile);
    return { ...NO_KEYS, AWS_PROFILE: 'dev' };
  };

  test('a role with MFA is a warning while a token is cached, and that token is tried at the registry', async (t) => {
    const clinic = await openClinic(t, native);
    const env = mfa(clinic);
    const { host } = clinic.registry;
    const code = { AWS_ECR_MFA_COMMAND: 'echo 271828', PATH: `${clinic.home.directory}/bin:/usr/bin:/bin` };
    assert.equal((await clinic.run(['get'], { stdin: host, env: { ...env, ...code } })).code, 0);
    const result = await clinic.run(['doctor', `${host}/team/app:1.0`], { env });
    const flaws = readPage(result).filter(({ status }) => status !== 'ok');
    assert.equal(flaws.length, 1, result.stdout);
    assert.match(
      flaws[0]?.text ?? '',
      /needs the MFA code of \S+mfa\/alice, and doctor asks nobody for it; the cached token serves until /,
    );
    assert.deepEqual(
      [flaws[0]?.status, flaws[0]?.fix],
      ['warning', `docker-credential-ecr-login login ${host}`],
    );
    assert.match(result.stdout, /\/team\/app:1\.0 is there/);
    assert.equal(result.code, 0);
  });

  test('nobody is asked for an MFA code, at a terminal neither', async (t) => {
    const clinic = await openClinic(t, native);
    const env = mfa(clinic);
    const command = [native.command, 'doctor', clinic.registry.host].map(quote).join(' ');
    const { stdout, signal } = await runCommand(
      ['/usr/bin/script', '--quiet', '--return', '--command', command, '/dev/null'],
      { cwd: clinic.home.directory, env: { ...clinic.env(env), SHELL: '/bin/sh' }, stdinKind: 'hold' },
    );
    assert.match(stdout, /doctor asks nobody for it; there is no token in the cache/);
    assert.doesNotMatch(stdout, /MFA code of \S+ for/);
    assert.equal(signal, null);
  });

  test('other programs of that name get no keys, and their escape sequences go nowhere', async (t) => {
    const clinic = await openClinic(t, native);
    const out = join(clinic.home.directory, 'other/env');
    clinic.writeScript(
      'old/docker-credential-ecr-login',
      `/usr/bin/env >${out}`,
      `printf '\\033[2Jold \\007 helper\\n'`,
    );
    const { stdout } = await clinic.run(['doctor'], {
      env: { PATH: `${clinic.home.directory}/bin:${clinic.home.directory}/old` },
    });
    assert.match(stdout, /stands behind it: \[2Jold helper$/m);
    const environment = readFileSync(out, 'utf8');
    assertAbsent(clinic.secrets.aws, environment, 'the environment of another program');
    assert.doesNotMatch(environment, /^AWS_/m);
  });

  test('a login in DOCKER_AUTH_CONFIG and in auths is named and not shown', async (t) => {
    const clinic = await openClinic(t, native);
    const secret = Buffer.from('AWS:canary-password-of-docker-login').toString('base64');
    clinic.addSecret(secret);
    const auths = { [HOST]: { auth: secret } };
    clinic.writeDocker({ auths, HttpHeaders: { Authorization: secret } });
    for (const argv of [['doctor'], ['doctor', '--json']]) {
      const { stdout } = await clinic.run(argv, { env: { DOCKER_AUTH_CONFIG: JSON.stringify({ auths }) } });
      assert.match(stdout, /DOCKER_AUTH_CONFIG is set/);
      assert.match(stdout, /holds an old token/);
    }
  });

  test('a password in the URL of a proxy or an endpoint is not shown', async (t) => {
    const clinic = await openClinic(t, native);
    clinic.addSecret('canary-password-of-proxy');
    const env = {
      HTTPS_PROXY: 'http://me:canary-password-of-proxy@127.0.0.1:9',
      AWS_ENDPOINT_URL_ECR: 'https://me:canary-password-of-proxy@ecr.test/x?k=canary-password-of-proxy',
    };
    for (const argv of [
      ['doctor', HOST],
      ['doctor', '--json', HOST],
    ]) {
      const { stdout } = await clinic.run(argv, { env });
      assert.match(stdout, /the proxy http:\/\/127\.0\.0\.1:9 is used for the registry/);
    }
  });

  test('ECR Public without credentials is a warning: anybody may pull there', async (t) => {
    const clinic = await openClinic(t, native);
    clinic.writeDocker({ credHelpers: { [PUBLIC_HOST]: 'ecr-login' } });
    const result = await clinic.run(['doctor', PUBLIC_HOST], { env: NO_KEYS });
    const flaws = readPage(result).filter(({ status }) => status !== 'ok');
    assert.deepEqual(
      flaws.map(({ status }) => status),
      ['warning'],
      result.stdout,
    );
    assert.match(flaws[0]?.text ?? '', /^no AWS credentials found/);
    assert.equal(result.code, 0);
  });

  test('a variable for one account is named as the reason', async (t) => {
    const clinic = await openClinic(t, native);
    clinic.write('.aws/credentials', keysProfile('bob', ALICE));
    const { stdout } = await clinic.run(['doctor', HOST], {
      env: { [`AWS_ECR_PROFILE_${ACCOUNT}`]: 'bob', HTTPS_PROXY: 'http://127.0.0.1:9' },
    });
    assert.match(
      stdout,
      new RegExp(`ok: the variable AWS_ECR_PROFILE_${ACCOUNT} decides for ${HOST}, before any rule$`, 'm'),
    );
    assert.match(
      stdout,
      new RegExp(
        `credentials come from profile "bob", because AWS_ECR_PROFILE_${ACCOUNT} names the profile$`,
        'm',
      ),
    );
  });

  test('services that never answer do not hold it up', async (t) => {
    const clinic = await openClinic(t, native);
    for (const service of ['sts', 'ecr'] as const)
      clinic.aws.fault({ service }, { kind: 'hang-before-headers' });
    const result = await clinic.run(['doctor', HOST], { env: { AWS_ECR_TIMEOUT: '2' }, timeoutMs: 20_000 });
    assert.match(result.stdout, /broken: timed out after 2 s: asking /);
    assert.ok(result.ms < 10_000, `${result.ms} ms`);
    assert.equal(result.code, 1);
  });
});
