// Owns the check of every `docker-credential-ecr-login` on PATH: Docker Desktop, a package and a download may each have left
// one, and the first wins. Runs each with `version`, and must not run it with anything else, nor with anybody's keys.
import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { findHelpers } from '../docker/search-path.ts';
import { PROGRAM, VERSION } from '../version.ts';
import { broken, type Finding, ok, warning } from './finding.ts';

/** An executable of our name. */
interface Executable {
  readonly path: string;
  /** Behind links, for telling two names of one file. */
  readonly target: string;
  /** First line of what it says to `version`, or what became of it. */
  readonly version: string;
  readonly isOurs: boolean;
}

const VERSION_LIMIT_MS = 3000;
const OUTPUT_LIMIT = 4096;

/** `docker-credential-ecr-login 0.1.0`; the Go helper puts the name of its repository between the two. */
const OWN_VERSION = new RegExp(`^${PROGRAM} \\d+\\.\\d+\\.\\d+`);

/** The findings about the executables on PATH. */
export async function checkExecutables(env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const paths = findHelpers('ecr-login', env);
  const [first, ...others] = await Promise.all(paths.map((path) => describe(path, env)));
  if (first === undefined)
    return [
      broken(
        `${PROGRAM} is not on PATH, so no client finds it`,
        `put it into a directory of PATH: sudo install ${process.execPath} /usr/local/bin/${PROGRAM}`,
      ),
    ];
  // One file is often reached by several names: /bin is /usr/bin on many systems.
  const targets = [first, ...others].map(({ target }) => target);
  const behind = others.filter(({ target }, index) => targets.indexOf(target) === index + 1);
  return [winner(first), ...behind.map((other) => loser(other, first))];
}

function winner(executable: Executable): Finding {
  const text = `clients run ${place(executable)}: ${executable.version}`;
  if (!executable.isOurs)
    return broken(
      `${text}, which is another program`,
      'put the directory of this one before it in PATH, or remove the other; Docker Desktop brings an old copy in /usr/local/bin',
    );
  if (!executable.version.endsWith(` ${VERSION}`))
    return warning(
      `${text}, which is not this version (${VERSION})`,
      'install one version, or put the newer one first in PATH',
    );
  return ok(text);
}

function loser(executable: Executable, first: Executable): Finding {
  if (executable.isOurs && executable.version === first.version)
    return ok(`the same version stands in ${executable.path} too`);
  // Where the winner is another program, its line tells what to do, and that is not to remove this one.
  if (executable.isOurs && executable.version.endsWith(` ${VERSION}`))
    return ok(`${executable.path} stands behind it: ${executable.version}, which is this version`);
  return warning(
    `${place(executable)} stands behind it: ${executable.version}`,
    'a client with another PATH runs that one; remove it where nobody needs it',
  );
}

/** Docker Desktop links its copy into /usr/local/bin, again with each update. */
function place({ path, target }: Executable): string {
  return /[\\/]Docker\.app[\\/]|[\\/]docker-desktop[\\/]|[\\/]Docker[\\/]Docker[\\/]/.test(target)
    ? `${path} (from Docker Desktop)`
    : path;
}

async function describe(path: string, env: NodeJS.ProcessEnv): Promise<Executable> {
  const version = await versionOf(path, env);
  return { path, target: realpathSync(path), version, isOurs: OWN_VERSION.test(version) };
}

function versionOf(path: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(path, ['version'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      // Only what finds the program and its runtime.
      env: { PATH: env.PATH ?? env.Path, HOME: env.HOME, SystemRoot: env.SystemRoot },
      windowsHide: true,
    });
    let said = '';
    const end = (text: string): void => {
      clearTimeout(timer);
      resolve(text);
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      // It may have handed its output to somebody who holds it open.
      child.stdout.destroy();
      end(`does not answer within ${VERSION_LIMIT_MS / 1000} s`);
    }, VERSION_LIMIT_MS);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < OUTPUT_LIMIT) said += text;
    });
    child.once('error', (error: NodeJS.ErrnoException) =>
      end(`does not run (${error.code ?? 'unknown error'})`),
    );
    child.once('close', () => end(said.split('\n')[0]?.trim().slice(0, 200) || 'says no version'));
  });
}
