// Owns running another program to its end, for the release. Must not know what is run.
import { spawn, spawnSync } from 'node:child_process';
import { buffer, text } from 'node:stream/consumers';

/** How a program is run. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Runs a program and returns its stdout; throws what it said when it fails. */
export function run(command: string, argv: readonly string[], options: RunOptions = {}): string {
  const { status, stdout, stderr, error } = spawnSync(command, argv, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0)
    throw new Error(
      `cannot run ${[command, ...argv].join(' ')}: ${error?.message ?? ''}\n${stdout}${stderr}`,
    );
  return stdout;
}

/** The same for programs that take long, so that others can run beside them. */
export async function runBeside(
  command: string,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<void> {
  const env = { ...process.env, ...options.env };
  const child = spawn(command, argv, { cwd: options.cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [said, status] = await Promise.all([text(child.stderr), ended]);
  if (status !== 0) throw new Error(`cannot run ${[command, ...argv].join(' ')}: ${said}`);
}

/** Whether a program is there. */
export function has(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v "$0"`, command]).status === 0;
}

/** Sends bytes through a program. */
export async function filter(command: string, argv: readonly string[], input: Uint8Array): Promise<Buffer> {
  const child = spawn(command, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const output = await Promise.race([buffer(child.stdout), failed]);
  if ((await ended) !== 0) throw new Error(`cannot run ${command}`);
  return output;
}

/** Works on all items, so many at a time, and keeps their order. */
export async function inParallel<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: limit }, worker));
  return results;
}
