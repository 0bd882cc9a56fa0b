// Owns what one process-level test stands on: an executable, a loopback AWS and a home directory of its own, and the search
// for secrets after every run. It must not judge what a run answered.
import type { TestContext } from 'node:test';
import { type LoopbackAws, type LoopbackOptions, startLoopbackAws } from './aws/server.ts';
import { assertNoSecret, type Secrets } from './canary.ts';
import type { Executable } from './executables.ts';
import { type FileContent, type Files, type Home, makeHome } from './home.ts';
import { type RunOptions, type RunResult, run, SYSTEM_PATH } from './run.ts';

/** A registry, and the account that it belongs to. */
export const ACCOUNT = '123456789012';
export const HOST = `${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com`;
export const PUBLIC_HOST = 'public.ecr.aws';

/** What clients compare stdout with. */
export const SENTINEL = 'credentials not found in native keychain\n';

/** Two people with keys; their secrets are canaries. */
export const ALICE = {
  accessKeyId: 'AKIAALICECANARY00001',
  secretAccessKey: 'canary/alice+secret/9f86d081884c7d659a2f',
  arn: `arn:aws:iam::${ACCOUNT}:user/alice`,
};
export const BOB = {
  accessKeyId: 'AKIABOBCANARY0000002',
  secretAccessKey: 'canary/bob+secret/60303ae22b998861bce3b2',
  arn: `arn:aws:iam::${ACCOUNT}:user/bob`,
};

/** The variables of a person's keys. */
export function keysOf(key: typeof ALICE): Record<string, string> {
  return { AWS_ACCESS_KEY_ID: key.accessKeyId, AWS_SECRET_ACCESS_KEY: key.secretAccessKey };
}

/** A profile with a person's keys, as in `~/.aws/credentials`. */
export function keysProfile(name: string, key: typeof ALICE): string {
  return `[${name}]\naws_access_key_id = ${key.accessKeyId}\naws_secret_access_key = ${key.secretAccessKey}\n`;
}

/** Variables on top of others; undefined takes one away. */
export type Env = Readonly<Record<string, string | undefined>>;

/** What a test may set. */
export interface WorldOptions {
  readonly env?: Env;
  readonly files?: Files;
  readonly aws?: LoopbackOptions;
}

/** How one run differs from the world's usual one. */
export interface WorldRunOptions extends Partial<Omit<RunOptions, 'env'>> {
  readonly env?: Env;
  /** Whether stdout may hold a password; true for `get` when left out. */
  readonly mayAnswer?: boolean;
}

/** A test's surroundings. */
export interface World {
  readonly executable: Executable;
  readonly aws: LoopbackAws;
  readonly home: Home;
  /** The environment of a run, with changes on top. */
  env(changes?: Env): Record<string, string>;
  /** Runs the executable and searches all that it left for secrets. */
  run(argv: readonly string[], options?: WorldRunOptions): Promise<RunResult>;
  /** `get` with a server URL on stdin. */
  get(serverUrl: string, env?: Env): Promise<RunResult>;
  /** Adds a file that the search for secrets then leaves alone. */
  write(path: string, content: FileContent): void;
  /** Adds a secret to search for. */
  addSecret(secret: string): void;
  readonly secrets: Secrets;
}

/** Makes a world that ends with the test. Alice's keys are in the environment, and the log is on at its most talkative. */
export async function openWorld(
  t: TestContext,
  executable: Executable,
  options: WorldOptions = {},
): Promise<World> {
  const aws = await startLoopbackAws(options.aws);
  const home = makeHome(options.files);
  t.after(async () => {
    await aws.close();
    home.remove();
  });
  for (const key of [ALICE, BOB]) aws.addAccessKey(key);
  const written = new Set(Object.keys(options.files ?? {}));
  const added: string[] = [];
  const usual: Env = {
    HOME: home.directory,
    PATH: SYSTEM_PATH,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ECR_LOG_LEVEL: 'debug',
    ...aws.environment(),
    ...keysOf(ALICE),
    ...options.env,
  };
  const secrets: Secrets = {
    get aws() {
      const sessions = aws.requests.flatMap(({ headers }) => headers['x-amz-security-token'] ?? []);
      const keys = [ALICE, BOB].flatMap((key) => [key.accessKeyId, key.secretAccessKey]);
      return [...new Set([...keys, ...added, ...sessions])];
    },
    get passwords() {
      return aws.mintedTokens.map(({ password }) => password);
    },
  };
  const world: World = {
    executable,
    aws,
    home,
    env: (changes) => defined({ ...usual, ...changes }),
    async run(argv, { env, mayAnswer = argv[0] === 'get', ...rest } = {}) {
      const result = await run(executable, argv, { cwd: home.directory, ...rest, env: world.env(env) });
      assertNoSecret(secrets, { result, home, written, mayAnswer });
      return result;
    },
    get: (serverUrl, env = {}) => world.run(['get'], { stdin: serverUrl, env }),
    write(path, content) {
      written.add(path);
      home.write(path, content);
    },
    addSecret: (secret) => void added.push(secret),
    secrets,
  };
  return world;
}

function defined(env: Env): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}
