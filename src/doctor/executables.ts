// Owns the search for every `docker-credential-ecr-login` on PATH: Docker Desktop, a package and a download may each have
// left one, and the first wins. Runs each with `version`, and nothing else.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { PROGRAM, VERSION } from '../version.ts';
import { broken, type Finding, ok, warning } from './finding.ts';

/** An executable of our name. */
export interface Executable {
  readonly path: string;
  /** Behind links, for telling two names of one file. */
  readonly target: string;
  /** First line of what it says to `version`. */
  readonly version: string;
  readonly isOurs: boolean;
}

/** Every executable of a name on PATH, in the order of the search; a directory that is not absolute is passed over, as Go does. */
export function findOnPath(name: string, env: NodeJS.ProcessEnv): string[] {
  const suffixes = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  return (env.PATH ?? env.Path ?? '')
    .split(delimiter)
    .filter((directory) => isAbsolute(directory))
    .flatMap((directory) => suffixes.map((suffix) => join(directory, `${name}${suffix}`)))
    .filter((path, index, all) => all.indexOf(path) === index && isExecutable(path));
}

/** The findings about the executables on PATH. */
export function checkExecutables(env: NodeJS.ProcessEnv): Finding[] {
  const found = findOnPath(PROGRAM, env).map((path) => describe(path, env));
  const [first, ...others] = found;
  if (first === undefined)
    return [
      broken(
        `${PROGRAM} is not on PATH, so no client finds it`,
        `put it into a directory of PATH: sudo install ${process.execPath} /usr/local/bin/${PROGRAM}`,
      ),
    ];
  return [
    winner(first),
    ...others.filter(({ target }) => target !== first.target).map((other) => loser(other, first)),
  ];
}

function winner(executable: Executable): Finding {
  const text = `clients run ${executable.path}: ${executable.version}`;
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
  return executable.isOurs && executable.version === first.version
    ? ok(`the same version stands in ${executable.path} too`)
    : warning(
        `${executable.path} stands behind it: ${executable.version}`,
        'a client with another PATH runs that one; remove it where nobody needs it',
      );
}

function describe(path: string, env: NodeJS.ProcessEnv): Executable {
  // Only what finds the program and its runtime: a copy that is not ours must not get anybody's keys.
  const { stdout, error } = spawnSync(path, ['version'], {
    encoding: 'utf8',
    timeout: 5000,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: env.PATH, HOME: env.HOME, SystemRoot: env.SystemRoot },
  });
  const version =
    error === undefined ? (stdout.split('\n')[0]?.trim() ?? '') : `does not run (${error.message})`;
  return {
    path,
    target: realpathSync(path),
    version: version === '' ? 'says no version' : version.slice(0, 200),
    isOurs: version.startsWith(`${PROGRAM} `),
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
