// Owns the demonstration: a loopback AWS, the native executable, and what a user would see of both. Run by `npm run demo`.
// Must not need an AWS account, Docker or a network, and must leave nothing behind.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { styleText } from 'node:util';
import { type LoopbackAws, startLoopbackAws } from '../test/support/aws/server.ts';

const PROGRAM = 'docker-credential-ecr-login';
const REGISTRY = '123456789012.dkr.ecr.us-east-1.amazonaws.com';

const root = join(import.meta.dirname, '..');
const executable = join(root, 'dist', process.platform === 'win32' ? `${PROGRAM}.exe` : PROGRAM);

const ALICE = {
  accessKeyId: 'AKIADEMOALICE',
  secretAccessKey: 'demo-secret-of-alice',
  arn: 'arn:aws:iam::123456789012:user/alice',
};
const BOB = {
  accessKeyId: 'AKIADEMOBOB',
  secretAccessKey: 'demo-secret-of-bob',
  arn: 'arn:aws:iam::123456789012:user/bob',
  mayGetToken: false,
};

interface Run {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
  readonly milliseconds: number;
  readonly requests: number;
}

interface Demonstration {
  readonly aws: LoopbackAws;
  readonly home: string;
}

async function demonstrate({ aws, home }: Demonstration): Promise<void> {
  aws.addAccessKey(ALICE);
  aws.addAccessKey(BOB);
  const get = (keys: typeof ALICE): Promise<Run> =>
    runHelper(['get'], REGISTRY, { ...keysOf(keys), ...aws.environment(), ...homeOf(home) }, aws);

  const { stdout: version } = await runHelper(['version'], '', homeOf(home), aws);
  say(`${version.trim()}, with an AWS that runs inside this demo: no account, no Docker, no network.`);
  heading('1. Docker asks for credentials. Nothing is cached, so AWS is asked.');
  show(await get(ALICE), 0);
  heading('2. Docker asks again. The token comes from the cache; AWS hears nothing.');
  show(await get(ALICE), 0);
  heading('3. An identity without the permission asks. The terminal says why, and what to do.');
  show(await get(BOB), 1);
}

/** Runs the executable as Docker does: one argument, the request on stdin, both streams read to their end. */
function runHelper(
  argv: readonly string[],
  stdin: string,
  env: NodeJS.ProcessEnv,
  aws: LoopbackAws,
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const before = aws.requests.length;
    const startedAt = performance.now();
    const child = spawn(executable, argv, { env: { ...systemEnvironment(), ...env }, stdio: 'pipe' });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', reject);
    child.once('close', (exitCode) => {
      const milliseconds = performance.now() - startedAt;
      resolve({ stdout, stderr, exitCode, milliseconds, requests: aws.requests.length - before });
    });
    child.stdin.end(stdin);
  });
}

/** What Windows needs to start a program at all; nothing of the user's AWS settings comes in. */
function systemEnvironment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TEMP, TMP } = process.env;
  return process.platform === 'win32' ? { PATH, SystemRoot, TEMP, TMP } : { PATH };
}

function homeOf(home: string): NodeJS.ProcessEnv {
  return { HOME: home, USERPROFILE: home };
}

function keysOf(keys: typeof ALICE): NodeJS.ProcessEnv {
  return { AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey };
}

function show(run: Run, expectedExit: 0 | 1): void {
  console.log(styleText('cyan', `   $ echo ${REGISTRY} | ${PROGRAM} get`));
  for (const line of [...lines(run.stderr), ...lines(run.stdout)]) console.log(`   ${shortenSecret(line)}`);
  const requests = run.requests === 1 ? '1 request' : `${run.requests} requests`;
  say(`exit code ${run.exitCode}, ${run.milliseconds.toFixed(0)} ms, ${requests} to AWS`);
  if (run.exitCode !== expectedExit)
    throw new Error(`the demo expected exit code ${expectedExit}, not ${run.exitCode}`);
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

function shortenSecret(line: string): string {
  return line.replace(
    /("Secret":")([^"]{12})([^"]*)/,
    (_, key, start, rest) => `${key}${start}… (${start.length + rest.length} characters)`,
  );
}

function heading(text: string): void {
  console.log(`\n${styleText('bold', text)}\n`);
}

function say(text: string): void {
  console.log(`   ${styleText('dim', text)}`);
}

function explainRealUse(): void {
  const path = relative(process.cwd(), executable);
  const install =
    process.platform === 'win32'
      ? `copy ${path} to a folder on the PATH`
      : `sudo install -m 0755 ${path} /usr/local/bin/`;
  heading('For real use');
  console.log(`   Put the executable on the PATH:

     ${install}

   Name it for your registry in ~/.docker/config.json, beside what stands there already:

     {
       "credHelpers": {
         "${REGISTRY}": "ecr-login"
       }
     }

   Then pull; there is no "docker login":

     docker pull ${REGISTRY}/app:1

   README.md says the rest.
`);
}

if (!existsSync(executable)) {
  console.error(`${relative(process.cwd(), executable)} is missing: run "npm run build" first`);
  process.exit(1);
}
const home = mkdtempSync(join(tmpdir(), 'ecr-login-demo-'));
const aws = await startLoopbackAws();
try {
  await demonstrate({ aws, home });
  explainRealUse();
} finally {
  await aws.close();
  rmSync(home, { recursive: true, force: true });
}
