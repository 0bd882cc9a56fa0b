// Owns working directories that are no place to be: removed, closed to everybody, deeper than any path may be long.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { executables } from '../support/executables.ts';
import { quote, runCommand } from '../support/run.ts';
import { HOST, openWorld } from '../support/world.ts';

const KUBELET = `{"kind":"CredentialProviderRequest","apiVersion":"credentialprovider.kubelet.k8s.io/v1","image":"${HOST}/app"}`;

/** How a shell gets there. */
const PLACES: Readonly<Record<string, string>> = {
  removed: 'mkdir gone && cd gone && rmdir ../gone',
  closed: 'mkdir shut && cd shut && chmod 0 .',
  'deeper than a path may be long':
    'i=0; while [ $i -lt 120 ]; do mkdir dddddddddddddddddddddddddddddddddddddddd; cd -P dddddddddddddddddddddddddddddddddddddddd || break; i=$((i+1)); done 2>/dev/null',
};

const DEEDS: readonly (readonly [argv: readonly string[], stdin?: string])[] = [
  [['version']],
  [['get'], HOST],
  [['get'], HOST],
  [['list'], 'unused'],
  [['token', HOST]],
  [['login', HOST]],
  [['kubelet'], KUBELET],
  [['configure', HOST, '--yes']],
  [['erase'], HOST],
];

for (const executable of executables)
  describe(`working directories that are no place to be, ${executable.name}`, () => {
    for (const [name, way] of Object.entries(PLACES))
      test(name, async (t) => {
        const world = await openWorld(t, executable);
        for (const [argv, stdin = ''] of DEEDS) {
          const command = [executable.command, ...executable.prefix, ...argv].map(quote).join(' ');
          const result = await runCommand(['/bin/sh', '-c', `${way}; exec ${command}`], {
            cwd: world.home.directory,
            env: world.env(),
            stdin,
          });
          const { code, stdout, stderr } = result;
          const what = `${argv.join(' ')}: ${stderr}`;
          if (name !== 'closed' && executable.name === 'native') {
            // Bun ends before our first line where the directory has no path: SECURITY.md.
            assert.deepEqual([code, stdout], [1, ''], what);
            assert.match(
              stderr,
              /^error: (The current working directory was deleted|An unknown error)[^\n]*\n+$/,
            );
            continue;
          }
          assert.equal(code, 0, what);
          if (!['configure'].includes(argv[0] ?? '')) assert.equal(stderr, '', what);
          for (const directory of ['shut', 'gone'])
            await runCommand(['/bin/rm', '-rf', directory], { cwd: world.home.directory, env: {} });
        }
        await runCommand(['/bin/rm', '-rf', 'dddddddddddddddddddddddddddddddddddddddd'], {
          cwd: world.home.directory,
          env: {},
        });
      });
  });
