// Owns what one executable must answer before it ships: its version, a cold, a cached and a refused `get`, and nothing to a stranger.
// Must not know where the executable comes from; it fails with the first answer that is not as it should be.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import type { LoopbackAws } from '../../test/support/aws/server.ts';

const HOST = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const SENTINEL = 'credentials not found in native keychain';
const ALICE = {
  accessKeyId: 'AKIATRIALALICE',
  secretAccessKey: 'trial-secret-of-alice',
  arn: 'arn:aws:iam::123456789012:user/alice',
};
const BOB = {
  accessKeyId: 'AKIATRIALBOB',
  secretAccessKey: 'trial-secret-of-bob',
  arn: 'arn:aws:iam::123456789012:user/bob',
  mayGetToken: false,
};

/** What a trial stands on. */
export interface Surroundings {
  readonly aws: LoopbackAws;
  /** An empty home directory, made here. */
  readonly home: string;
  /** The version that the executable must be of. */
  readonly version: string;
}

interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
  readonly requests: number;
}

/** Has an executable answer, and prints how long it took. */
export async function tryExecutable(executable: string, { aws, home, version }: Surroundings): Promise<void> {
  mkdirSync(home, { recursive: true });
  aws.addAccessKey(ALICE);
  aws.addAccessKey(BOB);

  const ask = async (argv: readonly string[], stdin: string, keys = ALICE): Promise<Answer> => {
    const before = aws.requests.length;
    const startedAt = performance.now();
    const answer = await run(executable, argv, stdin, {
      ...aws.environment(),
      ...systemOf(home),
      ...keysOf(keys),
    });
    const requests = aws.requests.length - before;
    const took = Math.round(performance.now() - startedAt);
    console.log(`  ${argv.join(' ')}: exit ${answer.exitCode}, ${requests} requests, ${took} ms`);
    return { ...answer, requests };
  };

  const told = await ask(['version', '--json'], '');
  assert.equal((JSON.parse(told.stdout) as { version: string }).version, version);

  const cold = await ask(['get'], HOST);
  assert.equal(cold.exitCode, 0, cold.stderr);
  assert.equal(cold.requests, 1);
  const { Username, Secret } = JSON.parse(cold.stdout) as Record<string, string>;
  assert.equal(Username, 'AWS');
  assert.ok(Secret);

  const cached = await ask(['get'], HOST);
  assert.equal(cached.stdout, cold.stdout);
  assert.equal(cached.requests, 0);

  const refused = await ask(['get'], HOST, BOB);
  assert.equal(refused.exitCode, 1);
  assert.equal(refused.stdout.trim(), SENTINEL);
  assert.match(refused.stderr, /access denied: .*user\/bob/);

  const stranger = await ask(['get'], 'registry.example.com');
  assert.deepEqual(
    { ...stranger, stdout: stranger.stdout.trim() },
    { stdout: SENTINEL, stderr: '', exitCode: 1, requests: 0 },
  );
}

function run(
  executable: string,
  argv: readonly string[],
  stdin: string,
  env: NodeJS.ProcessEnv,
): Promise<Omit<Answer, 'requests'>> {
  return new Promise((resolve, reject) => {
    const child = spawn(executable, argv, { env, stdio: 'pipe' });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ stdout, stderr, exitCode }));
    child.stdin.end(stdin);
  });
}

function keysOf(keys: typeof ALICE): NodeJS.ProcessEnv {
  return { AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey };
}

/** A home, and what Windows needs to start a program at all; nothing of the user's AWS settings comes in. */
function systemOf(home: string): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TEMP, TMP } = process.env;
  const system = process.platform === 'win32' ? { PATH, SystemRoot, TEMP, TMP } : { PATH };
  return { ...system, HOME: home, USERPROFILE: home };
}
