// Owns what the credential sources need in a home directory: profiles, SSO and sign-in token files, credential processes.
// It must not run anything and must not judge.
import { createHash } from 'node:crypto';
import type { LoopbackAws } from './aws/server.ts';
import type { FileContent, Files } from './home.ts';
import { ACCOUNT, type ALICE, type Env, type World } from './world.ts';

/** What arranging a source needs of a world. */
export type SourceWorld = Pick<World, 'aws' | 'home' | 'write' | 'addSecret'>;

/** No keys in the environment. */
export const NO_KEYS: Env = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };

export const ROLE = `arn:aws:iam::${ACCOUNT}:role/puller`;
export const POD_ROLE = `arn:aws:iam::${ACCOUNT}:role/pod`;
export const INSTANCE_ARN = `arn:aws:sts::${ACCOUNT}:assumed-role/node/i-0123456789abcdef0`;
export const LOGIN_ARN = `arn:aws:iam::${ACCOUNT}:user/carol`;
export const SSO_ACCOUNT = '210987654321';

/** The ARN of a role's session. */
export function roleArn(role: string, session: string): string {
  return `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${session}`;
}

/** Writes every file. */
export function writeAll({ write }: SourceWorld, files: Files): void {
  for (const [path, text] of Object.entries(files)) write(path, text);
}

/** How an SSO profile differs from the usual one. */
export interface SsoProfile {
  readonly profile?: string;
  readonly session?: string;
  readonly startUrl?: string;
  readonly roleName?: string;
  readonly accountId?: string;
  readonly isLegacy?: boolean;
  readonly accessTokenLifeMs?: number;
  readonly refreshLifeMs?: number;
  readonly userName?: string;
}

/** A profile, its session, and the token of a person who is signed in. */
export function ssoFiles(
  { aws, addSecret }: SourceWorld,
  options: SsoProfile,
): Record<'.aws/config', string> & Record<string, string> {
  const {
    profile = 'dev',
    session = 'work',
    startUrl = 'https://work.awsapps.com/start',
    roleName = 'Pull',
    accountId = SSO_ACCOUNT,
    isLegacy = false,
    accessTokenLifeMs,
    refreshLifeMs,
    userName,
  } = options;
  const token = aws.addSsoSession({
    startUrl,
    assignments: ['Pull', 'Push'].flatMap((name) =>
      [SSO_ACCOUNT, ACCOUNT].map((account) => ({ accountId: account, roleName: name })),
    ),
    ...(isLegacy ? { refreshLifeMs: 0 } : {}),
    ...(accessTokenLifeMs === undefined ? {} : { accessTokenLifeMs }),
    ...(refreshLifeMs === undefined ? {} : { refreshLifeMs }),
    ...(userName === undefined ? {} : { userName }),
  });
  for (const secret of [token.accessToken, token.refreshToken, token.clientSecret])
    if (secret !== undefined) addSecret(secret);
  const place = `sso_region = us-east-1\nsso_start_url = ${startUrl}\n`;
  const role = `sso_account_id = ${accountId}\nsso_role_name = ${roleName}\n`;
  return {
    '.aws/config': isLegacy
      ? `[profile ${profile}]\n${place}${role}`
      : `[profile ${profile}]\nsso_session = ${session}\n${role}[sso-session ${session}]\n${place}`,
    [ssoTokenPath(isLegacy ? startUrl : session)]: JSON.stringify(token),
  };
}

/** Where the AWS CLI keeps the token of a session, or in the legacy style of a start URL. */
export function ssoTokenPath(name: string): string {
  return `.aws/sso/cache/${createHash('sha1').update(name).digest('hex')}.json`;
}

/** A profile of `aws login`, and the token of a person who is signed in. */
export function loginFiles(
  { aws, addSecret }: SourceWorld,
  session: Omit<Parameters<LoopbackAws['addLogin']>[0], 'arn'>,
): Record<'.aws/config', string> & Record<string, string> {
  const token = aws.addLogin({ arn: LOGIN_ARN, ...session });
  const { secretAccessKey, sessionToken } = token.accessToken;
  for (const secret of [secretAccessKey, sessionToken, token.refreshToken]) addSecret(secret);
  return {
    '.aws/config': `[profile dev]\nregion = us-east-1\nlogin_session = ${LOGIN_ARN}\n`,
    [LOGIN_TOKEN_PATH]: JSON.stringify(token),
  };
}

/** Where the AWS CLI keeps the token of the login session. */
export const LOGIN_TOKEN_PATH = `.aws/login/cache/${createHash('sha256').update(LOGIN_ARN).digest('hex')}.json`;

/** A profile whose process answers a person's keys, with white space in its path and in an argument; it counts its runs. */
export function processFiles(
  { home }: SourceWorld,
  key: typeof ALICE,
): { '.aws/config': string; 'answer.json': string } & Record<string, FileContent> {
  const directory = home.directory;
  return {
    '.aws/config': `[profile dev]\ncredential_process = "${directory}/bin dir/answer.sh" "two words" 'and $HOME'\n`,
    'bin dir/answer.sh': {
      mode: 0o700,
      text: `#!/bin/sh\n[ "$1" = "two words" ] && [ "$2" = 'and $HOME' ] || exit 3\necho run >>"${directory}/runs"\necho "canary on stderr: $(cat "${directory}/answer.json")" >&2\ncat "${directory}/answer.json"\n`,
    },
    'answer.json': `\uFEFF${processAnswer(key)}\r\n`,
  };
}

/** What a credential process says. */
export function processAnswer(key: typeof ALICE, more: object = {}): string {
  return JSON.stringify({
    Version: 1,
    AccessKeyId: key.accessKeyId,
    SecretAccessKey: key.secretAccessKey,
    ...more,
  });
}
