// STS over the query protocol: AssumeRole, AssumeRoleWithWebIdentity, GetCallerIdentity.
// Owns trust decisions and session issue; it must not look at signatures.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html

import { randomUUID } from 'node:crypto';
import type { Answer } from './answer.ts';
import { AwsError, commonError, deniedError, escapeXml } from './errors.ts';
import { accountOf, type Caller, type Iam, issueSession } from './iam.ts';
import type { IssuedCredentials, Reply, Role } from './model.ts';
import type { WebIdentityClaims, WebIdentityIssuer } from './webIdentity.ts';

const CHAINED_SESSION_SECONDS = 3600;

/** What STS answers from. */
export interface Sts {
  readonly iam: Iam;
  readonly issuer: WebIdentityIssuer;
}

/** Answers one signed STS action; `form` is the decoded request body. */
export function answerSts(sts: Sts, form: URLSearchParams, caller: Caller): Reply {
  switch (form.get('Action')) {
    case 'AssumeRole':
      return assumeRole(sts.iam, form, caller);
    case 'GetCallerIdentity':
      return xmlReply(
        'GetCallerIdentity',
        element('Arn', caller.arn) +
          element('UserId', caller.key.accessKeyId.replace(/^A[KS]IA/, 'AIDA')) +
          element('Account', caller.account),
      );
    default:
      throw commonError('sts', 'unknown-operation');
  }
}

function assumeRole(iam: Iam, form: URLSearchParams, caller: Caller): Reply {
  const roleArn = required(form, 'RoleArn');
  const sessionName = required(form, 'RoleSessionName');
  const role = iam.roles.get(roleArn);
  // STS gives one sentence for a role that is absent and for one that does not trust the caller.
  const denied = deniedError('sts', caller.arn, 'sts:AssumeRole', roleArn);
  const sentence = denied.message.replace(/ because .*$/, '');
  if (!role || !isTrusted(role, caller)) throw commonError('sts', 'access-denied', sentence);
  if (role.externalId !== undefined && role.externalId !== form.get('ExternalId')) {
    throw commonError('sts', 'access-denied', sentence);
  }
  checkMfa(role, form, sentence);
  const isChained = caller.arn.includes(':assumed-role/');
  const credentials = issueSession(iam, role, sessionName, sessionMs(role, form, isChained));
  return xmlReply('AssumeRole', credentialElements(credentials));
}

function isTrusted(role: Role, caller: Caller): boolean {
  if (!role.trustedArns) return true;
  const [arn, partition = '', , , account = '', resource = ''] = [
    caller.arn,
    ...caller.arn.split(':').slice(1),
  ];
  const [kind, roleName] = resource.split('/');
  const names = [arn, `arn:${partition}:iam::${account}:root`, account];
  if (kind === 'assumed-role') names.push(`arn:${partition}:iam::${account}:role/${roleName}`);
  return role.trustedArns.some((trusted) => names.includes(trusted));
}

function checkMfa(role: Role, form: URLSearchParams, sentence: string): void {
  const code = form.get('TokenCode');
  const serial = form.get('SerialNumber');
  if (role.mfaSerial === undefined) return;
  if (code === null || serial === null) throw commonError('sts', 'access-denied', sentence);
  if (serial !== role.mfaSerial || code !== role.mfaCode) {
    const message = 'MultiFactorAuthentication failed with invalid MFA one time pass code. ';
    throw commonError('sts', 'access-denied', message);
  }
}

/** Answers AssumeRoleWithWebIdentity, which carries its proof in the token and is not signed. */
export function answerWebIdentity(sts: Sts, form: URLSearchParams): Answer {
  const role = sts.iam.roles.get(required(form, 'RoleArn'));
  const sessionName = required(form, 'RoleSessionName');
  const claims = sts.issuer.read(required(form, 'WebIdentityToken'));
  if (!claims) {
    const message =
      "Couldn't retrieve verification key from your identity provider, please reference " +
      'AssumeRoleWithWebIdentity documentation for requirements';
    throw new AwsError('InvalidIdentityToken', 400, message);
  }
  const now = Math.floor(sts.iam.now() / 1000);
  if (claims.exp <= now) {
    const message = `Token expired: current date/time ${now} must be before the expiration date/time ${claims.exp}`;
    throw new AwsError('ExpiredTokenException', 400, message);
  }
  if (!role || !trustsClaims(role, claims)) {
    throw commonError('sts', 'access-denied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity');
  }
  const credentials = issueSession(sts.iam, role, sessionName, sessionMs(role, form, false));
  const issuerName = claims.iss.replace(/^https:\/\//, '');
  const reply = xmlReply(
    'AssumeRoleWithWebIdentity',
    credentialElements(credentials) +
      element('SubjectFromWebIdentityToken', claims.sub) +
      element('Audience', claims.aud) +
      element('Provider', `arn:aws:iam::${accountOf(role.arn)}:oidc-provider/${issuerName}`),
  );
  return { reply, arn: credentials.arn };
}

function trustsClaims(role: Role, claims: WebIdentityClaims): boolean {
  const { iss = claims.iss, sub = claims.sub, aud = claims.aud } = role.webIdentity ?? {};
  return iss === claims.iss && sub === claims.sub && aud === claims.aud;
}

function sessionMs(role: Role, form: URLSearchParams, isChained: boolean): number {
  const text = form.get('DurationSeconds');
  if (text === null) return 3_600_000;
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 900 || seconds > 43_200) {
    const side = seconds < 900 ? 'greater than or equal to 900' : 'less than or equal to 43200';
    const constraint = `Value '${text}' at 'durationSeconds' failed to satisfy constraint: Member must have value`;
    throw new AwsError('ValidationError', 400, `1 validation error detected: ${constraint} ${side}`);
  }
  if (isChained && seconds > CHAINED_SESSION_SECONDS) {
    const limit = 'exceeds the 1 hour session limit for roles assumed by role chaining';
    throw new AwsError('ValidationError', 400, `The requested DurationSeconds ${limit}`);
  }
  if (seconds > (role.maxSessionSeconds ?? 3600)) {
    const limit = 'exceeds the MaxSessionDuration set for this role.';
    throw new AwsError('ValidationError', 400, `The requested DurationSeconds ${limit}`);
  }
  return seconds * 1000;
}

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value) return value;
  const member = name.charAt(0).toLowerCase() + name.slice(1);
  const constraint = `Value null at '${member}' failed to satisfy constraint: Member must not be null`;
  throw new AwsError('ValidationError', 400, `1 validation error detected: ${constraint}`);
}

function credentialElements(issued: IssuedCredentials): string {
  const credentials =
    element('AccessKeyId', issued.accessKeyId) +
    element('SecretAccessKey', issued.secretAccessKey) +
    element('SessionToken', issued.sessionToken) +
    element('Expiration', new Date(issued.expiresAt).toISOString().replace('.000', ''));
  const user =
    element('AssumedRoleId', `AROA${issued.accessKeyId.slice(4)}:${issued.arn.split('/').at(-1)}`) +
    element('Arn', issued.arn);
  return `<Credentials>${credentials}</Credentials><AssumedRoleUser>${user}</AssumedRoleUser>`;
}

function element(name: string, text: string): string {
  return `<${name}>${escapeXml(text)}</${name}>`;
}

function xmlReply(action: string, result: string): Reply {
  const requestId = randomUUID();
  return {
    status: 200,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body:
      `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>${result}` +
      `</${action}Result><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`,
  };
}
