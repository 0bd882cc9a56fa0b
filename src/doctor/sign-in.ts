// Owns whether what a source rests on still holds: the sign-in of SSO and `aws login`, the token of a web identity, the AWS
// CLI's session of a role that wants an MFA code. Reads files of the AWS CLI, and must not show or use what they hold.
import { readFileSync } from 'node:fs';
import { loginTokenFile, ssoTokenFile } from '../aws/identity.ts';
import type { Source } from '../aws/source.ts';
import { localTime } from '../commands/local-time.ts';
import { isRecord } from './client-entries.ts';
import { broken, type Finding, ok } from './finding.ts';

/** The findings about every link of a source's chain. */
export async function checkSignIn(source: Source, env: NodeJS.ProcessEnv, now: number): Promise<Finding[]> {
  switch (source.kind) {
    case 'sso':
      return [ssoSignIn(source, env, now)];
    case 'login':
      return [loginSignIn(source, env, now)];
    case 'web-identity':
      return webIdentityToken(source.tokenFile, now);
    case 'role':
      return [...(await roleSession(source, env, now)), ...(await checkSignIn(source.base, env, now))];
    default:
      return [];
  }
}

function ssoSignIn(source: Extract<Source, { kind: 'sso' }>, env: NodeJS.ProcessEnv, now: number): Finding {
  const command =
    source.session === undefined
      ? `aws sso login --profile ${source.profile}`
      : `aws sso login --sso-session ${source.session}`;
  const token = readJson(ssoTokenFile(source, env));
  const expiresAt = timeOf(token?.expiresAt);
  if (expiresAt === undefined)
    return broken(`the SSO sign-in of profile "${source.profile}" is missing`, command);
  if (expiresAt > now) return ok(`the SSO sign-in holds until ${localTime(expiresAt)}`);
  // The client that the refresh token belongs to has an end of its own, about ninety days.
  const registeredUntil = timeOf(token?.registrationExpiresAt) ?? Number.POSITIVE_INFINITY;
  return typeof token?.refreshToken === 'string' && registeredUntil > now
    ? ok(`the SSO sign-in ended at ${localTime(expiresAt)} and is renewed without asking`)
    : broken(`the SSO sign-in of profile "${source.profile}" ended at ${localTime(expiresAt)}`, command);
}

function loginSignIn(
  { profile, loginSession }: Extract<Source, { kind: 'login' }>,
  env: NodeJS.ProcessEnv,
  now: number,
): Finding {
  const token = readJson(loginTokenFile(loginSession, env));
  if (token === undefined)
    return broken(`the AWS sign-in of profile "${profile}" is missing`, `aws login --profile ${profile}`);
  const keys = isRecord(token.accessToken) ? token.accessToken : {};
  const expiresAt = timeOf(keys.expiresAt);
  return expiresAt !== undefined && expiresAt > now
    ? ok(`the keys of the AWS sign-in hold until ${localTime(expiresAt)}`)
    : ok('the keys of the AWS sign-in are renewed when asked for');
}

function webIdentityToken(file: string, now: number): Finding[] {
  let expiresAt: number;
  try {
    const payload = readFileSync(file, 'utf8').trim().split('.')[1] ?? '';
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
    expiresAt = isRecord(claims) && typeof claims.exp === 'number' ? claims.exp * 1000 : Number.NaN;
  } catch {
    // Whoever asks AWS with it will say what is wrong.
    return [];
  }
  if (Number.isNaN(expiresAt)) return [];
  return expiresAt > now
    ? [ok(`the web identity token in ${file} holds until ${localTime(expiresAt)}`)]
    : [
        broken(
          `the web identity token in ${file} expired at ${localTime(expiresAt)}`,
          'have the platform write a new one: start the job or the pod again',
        ),
      ];
}

async function roleSession(
  source: Extract<Source, { kind: 'role' }>,
  env: NodeJS.ProcessEnv,
  now: number,
): Promise<Finding[]> {
  if (source.mfaSerial === undefined) return [];
  const { findCliSession } = await import('../token/fetch/providers/cli-session.ts');
  const session = findCliSession(source, env, now);
  return session?.expiresAt === undefined
    ? []
    : [ok(`the AWS CLI has a session of role ${source.roleArn} until ${localTime(session.expiresAt)}`)];
}

function readJson(file: string | undefined): Record<string, unknown> | undefined {
  if (file === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value.replace(/UTC$/, 'Z')) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
