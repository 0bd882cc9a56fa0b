// Owns the short list of requests that every executable of a release must answer, byte by byte, with the loopback AWS behind it.
// Must not know where and how the executable is run.
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { type LoopbackAws, startLoopbackAws } from '../../../test/support/aws/server.ts';

/** A way to run an executable, with nothing in its environment but what is given. */
export interface Place {
  /** As it stands in the table: "chroot with glibc 2.36". */
  readonly name: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A directory for tokens, as the executable sees it. */
  readonly cache: string;
  /** Takes back what was set up for the place beyond its files. */
  readonly close: () => void;
}

/** What an executable must say of itself. */
export interface Expected {
  readonly version: string;
  readonly commit: string;
  readonly build: string;
  readonly platform: string;
  readonly arch: string;
}

interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

const HOST = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const NOT_FOUND = 'credentials not found in native keychain\n';
const KEY = { accessKeyId: 'AKIARELEASECHECK', secretAccessKey: 'secret-of-the-release-check' };

/** Runs all vectors; returns how many passed and what went wrong. */
export async function runVectors(
  place: Place,
  expected: Expected,
): Promise<{ readonly passed: number; readonly problems: readonly string[] }> {
  const aws = await startLoopbackAws();
  aws.addAccessKey({ ...KEY, arn: 'arn:aws:iam::123456789012:user/release' });
  const problems: string[] = [];
  let passed = 0;
  try {
    for (const [name, check] of vectors(place, expected, aws)) {
      const problem = await check().catch((error: unknown) => String(error));
      if (problem === undefined) passed += 1;
      else problems.push(`${name}: ${problem}`);
    }
  } finally {
    await aws.close();
  }
  return { passed, problems };
}

type Vector = readonly [name: string, check: () => Promise<string | undefined>];

function vectors(place: Place, expected: Expected, aws: LoopbackAws): Vector[] {
  const ask = async (argv: readonly string[], stdin: string, want: Partial<Answer>) => {
    const answer = await answerOf(place, argv, stdin);
    return difference(answer, { stderr: '', ...want });
  };
  const get = async () => {
    const answer = await answerOf(place, ['get'], HOST, {
      ...aws.environment(),
      AWS_ACCESS_KEY_ID: KEY.accessKeyId,
      AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ECR_CACHE_DIR: place.cache,
    });
    const password = aws.mintedTokens[0]?.password ?? '';
    const stdout = `{"ServerURL":"${HOST}","Username":"AWS","Secret":"${password}"}\n`;
    const count = aws.requests.length;
    return (
      difference(answer, { stdout, stderr: '', code: 0 }) ?? (count === 1 ? undefined : `${count} requests`)
    );
  };
  return [
    [
      'version',
      () => ask(['version'], '', { stdout: `docker-credential-ecr-login ${expected.version}\n`, code: 0 }),
    ],
    ['version --json', () => versionReport(place, expected)],
    [
      'get of another registry',
      () => ask(['get'], 'https://index.docker.io/v1/', { stdout: NOT_FOUND, code: 1 }),
    ],
    ['get of nothing', () => ask(['get'], '', { stdout: 'no credentials server URL\n', code: 1 })],
    ['list', () => ask(['list'], '', { stdout: '{}\n', code: 0 })],
    [
      'store',
      () => ask(['store'], `{"ServerURL":"${HOST}","Username":"AWS","Secret":"pw"}`, { stdout: '', code: 0 }),
    ],
    ['erase', () => ask(['erase'], HOST, { stdout: '', code: 0 })],
    ['get from AWS', get],
    ['get from the cache', get],
  ];
}

async function versionReport(place: Place, expected: Expected): Promise<string | undefined> {
  const { stdout, stderr, code } = await answerOf(place, ['version', '--json'], '');
  if (code !== 0) return `exit ${code}: ${stdout}${stderr}`;
  const report = JSON.parse(stdout) as Record<string, unknown>;
  const wrong = Object.entries(expected).filter(([key, value]) => report[key] !== value);
  return wrong.length === 0 ? undefined : wrong.map(([key]) => `${key} is ${String(report[key])}`).join(', ');
}

async function answerOf(
  { command: [program = '', ...prefix], env }: Place,
  argv: readonly string[],
  stdin: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const child = spawn(program, [...prefix, ...argv], { env: { ...env, ...more }, cwd: '/', stdio: 'pipe' });
  const timer = setTimeout(() => child.kill('SIGKILL'), 90_000);
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  clearTimeout(timer);
  return { stdout, stderr, code };
}

function difference(answer: Answer, want: Partial<Answer>): string | undefined {
  for (const key of ['code', 'stdout', 'stderr'] as const)
    if (want[key] !== undefined && answer[key] !== want[key])
      return `${key} ${JSON.stringify(answer[key])}, not ${JSON.stringify(want[key])} (${answer.stderr.trim()})`;
  return undefined;
}
