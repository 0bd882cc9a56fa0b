// Owns the search for programs on PATH, credential helpers above all, as Docker finds them, and the question whether one of them is this program.
// Must not look into the working directory: it belongs to whoever wrote the repository that the user stands in.
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** Every `docker-credential-<name>` on PATH, the one that is run first. */
export function findHelpers(name: string, env: NodeJS.ProcessEnv): string[] {
  return findPrograms(`docker-credential-${name}`, env);
}

/**
 * Every program of a name in the absolute directories of PATH, the one that is run first. What is started by its bare name is
 * looked for in the working directory too: by Windows always, elsewhere where PATH holds `.` or an empty element.
 */
export function findPrograms(name: string, env: NodeJS.ProcessEnv): string[] {
  // Without a shell Windows starts nothing but an .exe.
  const file = `${name}${process.platform === 'win32' ? '.exe' : ''}`;
  return (env.PATH ?? env.Path ?? '')
    .split(delimiter)
    .filter((directory) => isAbsolute(directory))
    .map((directory) => join(directory, file))
    .filter((path, index, all) => all.indexOf(path) === index && isExecutable(path));
}

/** True where a path leads, through whatever links, to the program that is running. */
export function isOurselves(path: string): boolean {
  const target = realPath(path);
  // The npm package is run by node, which is then the executable; the program is the script.
  return target !== undefined && [process.execPath, process.argv[1]].some((own) => realPath(own) === target);
}

function realPath(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
