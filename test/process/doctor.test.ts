// Owns what `doctor` finds: for each staged fault its line and its fix and no other fault, and nothing where all is well.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ClinicOptions, openClinic, readPage } from '../support/doctor/clinic.ts';
import { IDENTITY_FAULTS } from '../support/doctor/faults-identity.ts';
import { MACHINE_FAULTS } from '../support/doctor/faults-machine.ts';
import { NETWORK_FAULTS } from '../support/doctor/faults-network.ts';
import { REGISTRY_FAULTS } from '../support/doctor/faults-registry.ts';
import { HEALTHY } from '../support/doctor/healthy.ts';
import type { FaultRow } from '../support/doctor/row.ts';
import { type Executable, executables } from '../support/executables.ts';

/** Told apart by what differs between the runtimes: sockets, TLS, child processes, files. */
const EVERYWHERE: readonly string[] = [
  'the Go helper stands before it',
  'credStore for credsStore',
  'no right to a token',
  'instance metadata behind a hop limit',
  'the sign-in page of a network',
  'an authority that is not trusted',
  "the repository's policy",
];

const FAULTS: readonly FaultRow[] = [
  ...MACHINE_FAULTS,
  ...IDENTITY_FAULTS,
  ...NETWORK_FAULTS,
  ...REGISTRY_FAULTS,
];

for (const executable of executables) {
  const isNative = executable.name === 'native';
  const rows = isNative ? FAULTS : FAULTS.filter(({ name }) => EVERYWHERE.includes(name));

  describe(`doctor, ${executable.name}: what is broken`, { concurrency: 2 }, () => {
    for (const row of rows) test(row.name, (t) => checkFault(t, executable, row));
  });

  describe(`doctor, ${executable.name}: what is well`, { concurrency: 2 }, () => {
    for (const { name, options, arrange, argument, says } of isNative ? HEALTHY : HEALTHY.slice(0, 3))
      test(name, async (t) => {
        const clinic = await openClinic(t, executable, options);
        const env = (await arrange?.(clinic)) ?? {};
        const result = await clinic.run(['doctor', ...(argument?.(clinic) ?? [])], {
          env,
          timeoutMs: 30_000,
        });
        const flaws = readPage(result).filter(({ status }) => status !== 'ok');
        assert.deepEqual(flaws, [], result.stdout);
        assert.match(result.stdout, /^no problems found$/m);
        for (const words of says) assert.match(result.stdout, words);
        assert.deepEqual([result.code, result.stderr], [0, '']);
      });
  });
}

test('thirty faults at least, each under a name of its own', () => {
  assert.ok(FAULTS.length >= 30, String(FAULTS.length));
  assert.equal(new Set(FAULTS.map(({ name }) => name)).size, FAULTS.length);
  for (const name of EVERYWHERE)
    assert.ok(
      FAULTS.some((row) => row.name === name),
      name,
    );
});

async function checkFault(
  t: Parameters<typeof openClinic>[0],
  executable: Executable,
  row: FaultRow,
): Promise<void> {
  const options: ClinicOptions = row.options ?? {};
  const clinic = await openClinic(t, executable, options);
  const env = (await row.arrange?.(clinic)) ?? {};
  const asked = row.path === undefined ? [] : [`${row.host ?? clinic.registry.host}${row.path}`];
  const result = await clinic.run(['doctor', ...asked], { env, timeoutMs: 30_000 });
  const page = readPage(result);
  const found = page.filter(({ text }) => row.text.test(text));
  assert.equal(found.length, 1, `${result.stdout}${result.stderr}`);
  assert.equal(found[0]?.status, row.status, result.stdout);
  assert.match(found[0]?.fix ?? '', row.fix, result.stdout);
  const others = page.filter((line) => line !== found[0] && line.status !== 'ok');
  assert.deepEqual(others, [], result.stdout);
  assert.deepEqual([result.code, result.stderr], [row.status === 'broken' ? 1 : 0, ''], result.stdout);
  assert.ok(result.ms < 20_000, `${result.ms} ms`);
}
