// Owns what the clients and the daemon write outside of the directories that they are given, and no option prevents.
// It must not remove anything that was there before, nor a file that it does not know by name.

import { existsSync, readdirSync, rmdirSync, statSync, unlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

import { undoAtExit } from './undo.ts';

// The key of daemons older than 25; what containers/image has seen where; runtime directories without files.
const places = [
  '/etc/docker/key.json',
  '/opt/containerd',
  '/run/containers',
  '/run/docker',
  '/run/libpod',
  '/var/lib/containers',
];
const knownFiles = /^(key\.json|blob-info-cache-v1\.(boltdb|sqlite)|alive|alive\.lck)$/;

/** Notes which of the places are absent now; the answer makes those absent again. */
export function removeLeftovers(): () => void {
  const absent = places.filter((place) => !existsSync(place));
  return undoAtExit(() => {
    for (const place of absent) if (existsSync(place)) remove(place);
  });
}

/** Removes known files and the directories that are empty without them; true when the path is gone. */
function remove(path: string): boolean {
  if (!statSync(path).isDirectory()) {
    if (!knownFiles.test(basename(path))) return false;
    unlinkSync(path);
    return true;
  }
  const gone = readdirSync(path).map((name) => remove(join(path, name)));
  if (gone.includes(false)) return false;
  rmdirSync(path);
  return true;
}
