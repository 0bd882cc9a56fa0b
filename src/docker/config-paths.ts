// Owns where Docker and Podman keep their configuration. Must not read it.
import { statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { homeDirectory } from '../runtime.ts';

/** Docker's config file: of the directory or file that was named, of `DOCKER_CONFIG`, of `~/.docker`. */
export function dockerConfigPath(env: NodeJS.ProcessEnv, named?: string): string | undefined {
  if (named !== undefined) return fileIn(resolve(named));
  if (env.DOCKER_CONFIG) return resolve(env.DOCKER_CONFIG, 'config.json');
  const home = homeDirectory(env);
  return home === undefined ? undefined : join(home, '.docker', 'config.json');
}

/**
 * Podman's auth.json (containers-auth.json(5)): the one named by `REGISTRY_AUTH_FILE`, else the user's lasting one. The one
 * in `XDG_RUNTIME_DIR`, where `podman login` writes, is gone after a logout, and Podman reads both.
 */
export function containersAuthPath(env: NodeJS.ProcessEnv): string | undefined {
  if (env.REGISTRY_AUTH_FILE) return resolve(env.REGISTRY_AUTH_FILE);
  const home = homeDirectory(env);
  const directory = env.XDG_CONFIG_HOME || (home && join(home, '.config'));
  return directory ? join(directory, 'containers', 'auth.json') : undefined;
}

/** The auth.json of this login session, which Podman reads before the lasting one. */
export function sessionAuthPath(env: NodeJS.ProcessEnv): string | undefined {
  if (env.REGISTRY_AUTH_FILE || !env.XDG_RUNTIME_DIR) return undefined;
  return join(env.XDG_RUNTIME_DIR, 'containers', 'auth.json');
}

function fileIn(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return join(path, 'config.json');
  return stats === undefined && !basename(path).endsWith('.json') ? join(path, 'config.json') : path;
}
