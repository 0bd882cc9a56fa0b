// Owns one change to the runtime inside a native executable: it no longer finds the variables that would make it run other code
// than ours. Bun has no option for that. Must not change what the runtime does otherwise, and must not know how it was made.
import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Variables that every program compiled by Bun obeys before its first line: `BUN_OPTIONS="--preload ./x.js"` runs a file of the
 * working directory, `BUN_BE_BUN=1` makes it Bun itself, which runs scripts of the `package.json` there, and `BUN_INSPECT…`
 * opens a debugger. Docker hands us the environment of whoever called it, and the directory of a repository somebody cloned.
 */
const NAMES: readonly string[] = ['BUN_OPTIONS', 'BUN_BE_BUN', 'BUN_INSPECT'];

/** Takes the place of a name's first letter: no shell and no file of variables can write such a name. */
const UNWRITABLE = 0x01;

/** Changes the executable in place; throws where a name is not found, because then the runtime has got it from elsewhere. */
export function deafen(path: string): void {
  const executable = readFileSync(path);
  for (const name of NAMES) {
    let count = 0;
    for (let at = executable.indexOf(name); at !== -1; at = executable.indexOf(name, at + 1)) {
      executable[at] = UNWRITABLE;
      count += 1;
    }
    if (count === 0)
      throw new Error(`cannot make ${path} deaf to ${name}: the runtime does not hold the name`);
  }
  writeFileSync(path, executable);
}
