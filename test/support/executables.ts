// Owns the list of built executables under test and how each is started.
// It must not build them: a missing one is a failure of every test, never a skip.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** One way to run the program. */
export interface Executable {
  readonly name: 'native' | 'npm' | 'pkg';
  /** Absolute path of what is executed. */
  readonly command: string;
  /** What stands before the program's own arguments. */
  readonly prefix: readonly string[];
}

const root = join(import.meta.dirname, '../..');
const suffix = process.platform === 'win32' ? '.exe' : '';

/** The native executable, the npm package on the project's own Node, and the executable with Node inside. */
export const executables: readonly Executable[] = [
  { name: 'native', command: built(`dist/docker-credential-ecr-login${suffix}`), prefix: [] },
  {
    name: 'npm',
    // Not the machine's Node, which may be too old for the program.
    command: built(`node_modules/node/bin/node${suffix}`),
    prefix: [built('bin/docker-credential-ecr-login.js')],
  },
  { name: 'pkg', command: built(`dist/pkg/docker-credential-ecr-login${suffix}`), prefix: [] },
];
built('dist/node/main.js');

function built(path: string): string {
  const file = join(root, path);
  if (!existsSync(file)) throw new Error(`${path} is missing: run "npm ci" and "npm run build:all" first`);
  return file;
}
