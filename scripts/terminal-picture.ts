// Owns the recording behind docs/terminal.svg: `configure`, `docker pull` and `doctor`, run for real with the built executable, a
// Docker daemon, a registry and a loopback AWS. Usage, as root on Debian: npm run build && node scripts/terminal-picture.ts
// Must not write words of its own: only the paths of the temporary home and the loopback's ports are put in other words.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertSucceeded, runClient, runDocker } from '../test/support/containers/client.ts';
import { image, registryHost, startWorld } from '../test/support/containers/harness.ts';
import { trustFolder } from '../test/support/containers/names.ts';
import { dockerClients } from '../test/support/containers/prerequisites.ts';
import { run } from '../test/support/containers/run.ts';
import { drawTerminal, type Scene } from './terminal-svg.ts';

const PROGRAM = 'docker-credential-ecr-login';
const root = join(import.meta.dirname, '..');

const world = await startWorld({ withDaemon: true });
try {
  const home = world.home({ helperFor: [], awsEnvironment: world.allowed });
  // A user who has Docker and nothing else: no helper, none of the files of Podman, no second program of this name on PATH.
  writeFileSync(join(home.directory, 'docker-config/config.json'), '{}\n');
  const { REGISTRY_AUTH_FILE: _, ...kept } = home.environment;
  const environment = {
    ...kept,
    PATH: join(home.directory, 'bin'),
    // Docker is told of the registry's authority below /etc; `doctor` looks where programs look.
    SSL_CERT_FILE: join(world.directory, trustFolder, 'ca.crt'),
  };
  const person = { ...home, environment };
  const [cli = 'docker'] = dockerClients;

  const scenes: Scene[] = [];
  const record = async (command: string, outcome: ReturnType<typeof runClient>): Promise<void> => {
    const { stdout, stderr } = assertSucceeded(await outcome);
    scenes.push({ command, output: inOtherWords(stdout + stderr, home.directory) });
  };
  const program = (...words: string[]): ReturnType<typeof runClient> =>
    runClient(world, person, [PROGRAM, ...words]);

  await run(cli, ['--host', world.dockerHost(), 'image', 'rm', '--force', image], {
    environment,
    cwd: home.directory,
  });
  await record(`${PROGRAM} configure --yes ${registryHost}`, program('configure', '--yes', registryHost));
  await record(`docker pull ${image}`, runDocker(world, person, cli, ['pull', image]));
  await record(`${PROGRAM} doctor ${registryHost}`, program('doctor', registryHost));
  writeFileSync(join(root, 'docs/terminal.svg'), drawTerminal(scenes));
  console.log('docs/terminal.svg');
} finally {
  await world.close();
}

/** The same on every machine. */
function inOtherWords(text: string, directory: string): string {
  return text
    .replaceAll(`${directory}/docker-config`, '~/.docker')
    .replaceAll(`${directory}/bin`, '/usr/local/bin')
    .replaceAll(directory, '~')
    .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'http://127.0.0.1:…')
    .replaceAll(join(world.directory, trustFolder), '/etc/ssl');
}
