// Owns when a person is asked for an MFA code: not while the AWS CLI still has a session of the role, and not for a token that
// need not be had now. Must not keep a session: AWS keys go to no disk of ours; what is kept is the token that they bring.
import type { Endpoint } from '../../../aws/endpoint.ts';
import type { AwsKeys, Source } from '../../../aws/source.ts';
import { HelperError } from '../../../errors.ts';
import { ANSWER_LIMIT_MS } from '../../one-question.ts';
import type { FetchContext } from '../client.ts';
import { findCliSession } from './cli-session.ts';
import { assumeRole } from './role.ts';

/** A session this near its end is not begun with. */
const SESSION_MARGIN_MS = 60_000;

type RoleSource = Extract<Source, { kind: 'role' }>;

/** Session keys of a role that wants an MFA code; `base` gives the keys to take it on with, and is asked only when needed. */
export async function assumeRoleWithMfa(
  source: RoleSource,
  serial: string,
  endpoint: Endpoint,
  context: FetchContext,
  base: () => Promise<AwsKeys>,
): Promise<AwsKeys> {
  const { env } = context.settings;
  const session = findCliSession(source, env, Date.now() + SESSION_MARGIN_MS);
  if (session !== undefined) return session;
  if (!context.interactive)
    throw new HelperError({
      kind: 'mfa-needed',
      profile: source.profile,
      serial,
      reason: 'nobody is asked while a valid token is at hand, or for ECR Public',
    });
  // Before the question: a code must not be asked for in vain.
  const keys = await base();
  const { askMfaCode } = await import('./mfa-code.ts');
  const code = await context.aside(() =>
    askMfaCode({
      serial,
      profile: source.profile,
      roleArn: source.roleArn,
      env,
      limitMs: ANSWER_LIMIT_MS,
      ...(context.mfaCommand === undefined ? {} : { command: context.mfaCommand }),
    }),
  );
  return assumeRole({ source, base: keys, endpoint, code }, context);
}
