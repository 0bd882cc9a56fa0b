// Owns temporary home directories: made from an object literal, looked into afterwards, removed at the end of the test.
// It must not know what the files mean.
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A file's text, or text and mode; 0600 where no mode is given. */
export type FileContent = string | { readonly text: string; readonly mode: number };

/** Relative path to content. */
export type Files = Readonly<Record<string, FileContent>>;

/** One thing found below a home. */
export interface FoundFile {
  /** Relative to the home, with `/`. */
  readonly path: string;
  /** Permission bits in octal, such as `600`. */
  readonly mode: string;
  readonly isDirectory: boolean;
  /** Text of a regular file, empty for all else. */
  readonly text: string;
}

/** A temporary home directory. */
export interface Home {
  readonly directory: string;
  write(path: string, content: FileContent): void;
  read(path: string): string;
  chmod(path: string, mode: number): void;
  /** Everything below a directory of the home, sorted by path; empty when there is no such directory. */
  list(below?: string): FoundFile[];
  remove(): void;
}

/** Makes a home directory with the files in it. */
export function makeHome(files: Files = {}): Home {
  const directory = mkdtempSync(join(tmpdir(), 'ecr-login-test-'));
  const home: Home = {
    directory,
    write(path, content) {
      const { text, mode } = typeof content === 'string' ? { text: content, mode: 0o600 } : content;
      const file = join(directory, path);
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(file, text);
      chmodSync(file, mode);
    },
    read: (path) => readFileSync(join(directory, path), 'utf8'),
    chmod: (path, mode) => chmodSync(join(directory, path), mode),
    list: (below = '') => list(directory, below),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
  for (const [path, content] of Object.entries(files)) home.write(path, content);
  return home;
}

function list(root: string, below: string): FoundFile[] {
  let names: string[];
  try {
    names = readdirSync(join(root, below), { recursive: true, encoding: 'utf8' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  return names.sort().flatMap((name) => found(root, join(below, name)) ?? []);
}

/** A parallel process may remove a file between the listing and this look. */
function found(root: string, path: string): FoundFile | undefined {
  try {
    const stats = lstatSync(join(root, path));
    return {
      path,
      mode: (stats.mode & 0o7777).toString(8),
      isDirectory: stats.isDirectory(),
      text: stats.isFile() ? readFileSync(join(root, path), 'utf8') : '',
    };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
