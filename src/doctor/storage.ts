// Owns the checks of where this program keeps things: cache and log directory, and the entries of a registry.
// Must not show what an entry holds.
import { accessSync, constants, lstatSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import type { Settings } from '../config/settings.ts';
import { errorCode } from '../runtime.ts';
import { broken, type Finding, ok, warning } from './finding.ts';

/** The findings about the directories. */
export function checkStorage(settings: Settings): Finding[] {
  const { directory } = settings;
  if (directory === undefined)
    return [
      warning(
        'there is no home directory, so nothing is cached and nothing logged',
        'set AWS_ECR_CACHE_DIR to a directory of this user',
      ),
    ];
  const cache = settings.cacheEnabled
    ? checkDirectory('cache', `${directory}/tokens-v1`)
    : warning(
        'the cache is switched off: every pull asks AWS',
        'unset AWS_ECR_DISABLE_CACHE, or remove "cache": false from the config file',
      );
  const log =
    settings.logLevel === 'off' ? ok('the log is switched off') : checkDirectory('log', `${directory}/log`);
  return [cache, log];
}

function checkDirectory(what: string, path: string): Finding {
  let stats: Stats;
  try {
    stats = lstatSync(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') return cannotUse(what, path, errorCode(error));
    return canBeMade(path)
      ? ok(`${what} directory ${path} will be made when needed`)
      : cannotUse(what, path, 'its parent cannot be written');
  }
  if (!stats.isDirectory()) return cannotUse(what, path, 'it is not a directory');
  if (process.geteuid !== undefined && stats.uid !== process.geteuid())
    return cannotUse(
      what,
      path,
      `it belongs to user ${stats.uid}, not to this one (${process.geteuid()}); was sudo used?`,
    );
  if (process.platform !== 'win32' && (stats.mode & 0o077) !== 0 && what === 'cache')
    return warning(`${what} directory ${path} is open to others and is not used`, `chmod 700 ${path}`);
  return isWritable(path) ? ok(`${what} directory ${path}`) : cannotUse(what, path, 'it cannot be written');
}

function cannotUse(what: string, path: string, reason: string): Finding {
  return what === 'cache'
    ? broken(
        `${what} directory ${path} cannot be used: ${reason}`,
        'mend its owner and mode, or set AWS_ECR_CACHE_DIR; until then every pull asks AWS',
      )
    : warning(
        `${what} directory ${path} cannot be used: ${reason}`,
        'mend its owner and mode, or set AWS_ECR_LOG_LEVEL=off',
      );
}

/** The nearest directory above that exists decides. */
function canBeMade(path: string): boolean {
  for (let parent = dirname(path); ; parent = dirname(parent)) {
    try {
      if (!lstatSync(parent).isDirectory()) return false;
      return isWritable(parent);
    } catch {
      if (parent === dirname(parent)) return false;
    }
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
