// Owns the reading of the AWS CLI's own cache of role sessions, ~/.aws/cli/cache: who has just given the CLI an MFA code is
// not asked for another. Must not write there.
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import type { Source } from '../../../aws/source.ts';
import { hashHex, homeDirectory } from '../../../runtime.ts';
import { parseObject, readKeys } from './answer.ts';
import type { SessionKeys } from './role.ts';

type RoleSource = Extract<Source, { kind: 'role' }>;

const FILE_LIMIT = 64 * 1024;

/** The CLI's session of this very role request that lasts beyond `until`, or undefined. */
export function findCliSession(
  source: RoleSource,
  env: NodeJS.ProcessEnv,
  until: number,
): SessionKeys | undefined {
  const home = homeDirectory(env);
  const text = home === undefined ? undefined : read(`${home}/.aws/cli/cache/${cliCacheKey(source)}.json`);
  const { Credentials: credentials, AssumedRoleUser: user } = parseObject(text ?? '') ?? {};
  if (!isRecord(credentials) || !isRecord(user) || !isSessionOf(source.roleArn, user.Arn)) return undefined;
  const expiresAt = parseTime(credentials.Expiration);
  // Not NaN, either.
  if (!(expiresAt > until)) return undefined;
  const keys = readKeys(credentials, { sessionToken: 'SessionToken', isSessionTokenRequired: true }, 0);
  return typeof keys === 'string' ? undefined : { ...keys, expiresAt };
}

/**
 * The name of the file: SHA-1 of the arguments of AssumeRole as Python's `json.dumps(args, sort_keys=True)` writes them, a
 * session name counting only when the profile sets it (botocore/credentials.py, AssumeRoleCredentialFetcher).
 */
export function cliCacheKey(source: RoleSource): string {
  // In the order of their names, as the CLI sorts them.
  const args: readonly (readonly [string, string | number | undefined])[] = [
    ['DurationSeconds', source.durationSeconds],
    ['ExternalId', source.externalId],
    ['RoleArn', source.roleArn],
    ['RoleSessionName', source.sessionName],
    ['SerialNumber', source.mfaSerial],
  ];
  const members = args
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `"${name}": ${asciiJson(value)}`);
  return hashHex('sha1', `{${members.join(', ')}}`);
}

/** JSON with everything beyond ASCII escaped. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The ARN of a session names its role without the path. */
function isSessionOf(roleArn: string, sessionArn: unknown): boolean {
  const role = /^arn:([^:]+):iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(roleArn);
  const session = /^arn:([^:]+):sts::(\d{12}):assumed-role\/([^/]+)\/[^/]+$/.exec(String(sessionArn));
  return role !== null && session !== null && [1, 2, 3].every((part) => role[part] === session[part]);
}

/** `2026-01-31T12:00:00+00:00`, and with `UTC` at the end as older releases wrote it. */
function parseTime(value: unknown): number {
  return typeof value === 'string' ? Date.parse(value.replace(/UTC$/, 'Z')) : Number.NaN;
}

function read(path: string): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stats = fstatSync(descriptor);
    // Keys that another user may have put there would make us pull as that user.
    const isOurs =
      process.getuid === undefined || (stats.uid === process.geteuid?.() && (stats.mode & 0o022) === 0);
    return stats.isFile() && stats.size <= FILE_LIMIT && isOurs
      ? readFileSync(descriptor, 'utf8')
      : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
