// Owns what `docs/errors.md` says of who asks: files, profiles, sign-ins and rights: an example or two of each kind,
// what it means, what mends it. Must not repeat the program's words: they are put in by `errors.ts`.
import type { ErrorEntries } from './errors-table.ts';

const HOME = '/home/me';
const FILES = [`${HOME}/.aws/config`, `${HOME}/.aws/credentials`];
const ALICE = 'arn:aws:iam::123456789012:user/alice';
const ECR = 'Amazon ECR in us-east-1';

/** The kinds of this part. */
export const IDENTITY_ERRORS = {
  'no-credentials': {
    summary: 'nothing says which AWS identity to use',
    examples: [
      {
        kind: 'no-credentials',
        tried: [
          'environment keys',
          'AWS_WEB_IDENTITY_TOKEN_FILE',
          'profile "default" (not in /home/me/.aws/config or /home/me/.aws/credentials)',
          'container endpoint',
          'instance metadata (disabled)',
        ],
      },
    ],
    meaning:
      'Each place that may declare AWS credentials was looked at, in the order of the AWS CLI, and none did.',
    remedy: [
      'Sign in (`aws sso login`, `aws login`, `aws configure`) or set `AWS_PROFILE`.',
      'Under `sudo`, in a service, a container or a CI job, see whose home directory and which variables count there.',
      'On an EC2 instance, give it a role; in a container there, raise the hop limit to 2.',
    ],
  },
  'not-ecr': {
    summary: 'the host is no registry of Amazon ECR',
    examples: [{ kind: 'not-ecr', host: 'registry.example.com' }],
    meaning:
      'A command was given a host that is neither `<account>.dkr.ecr.<region>.amazonaws.com` (or the like in another partition), nor `public.ecr.aws`, nor mapped by a rule. A client that asks for such a host is told "not found" without a message.',
    remedy: ['Correct the name, or map the host in a rule with `account` and `region`.'],
  },
  'profile-not-found': {
    summary: 'a profile that stands in no file',
    examples: [
      { kind: 'profile-not-found', profile: 'prod', known: ['default', 'dev'], files: FILES },
      { kind: 'profile-not-found', profile: 'base', known: ['dev'], files: FILES, namedBy: 'dev' },
      { kind: 'profile-not-found', profile: 'prod', known: ['dev'], files: FILES, byRule: true },
    ],
    meaning:
      '`AWS_PROFILE`, a registry rule or another profile names a profile that neither file holds. No other identity is taken instead.',
    remedy: ['Correct the name where the hint says, or make the profile.'],
  },
  'profile-invalid': {
    summary: 'a profile whose settings do not fit together',
    examples: [{ kind: 'profile-invalid', profile: 'dev', reason: 'its SSO settings lack sso_region' }],
    meaning: 'The profile is there, and what it says is half a declaration, a circle or a contradiction.',
    remedy: ['Mend the profile; the message says what is wrong.'],
  },
  'profile-not-guessed': {
    summary: '`"profile": "auto"` finds none, or more than one',
    examples: [
      { kind: 'profile-not-guessed', account: '123456789012', candidates: ['dev', 'prod'] },
      { kind: 'profile-not-guessed', account: '123456789012', candidates: [] },
    ],
    meaning:
      'The rule asks for the only profile of the account; a guess between two would be another identity.',
    remedy: ['Name the profile in the rule.'],
  },
  'malformed-file': {
    summary: 'a file that cannot be parsed',
    examples: [
      { kind: 'malformed-file', file: `${HOME}/.aws/config`, line: 7, reason: 'expected "key = value"' },
    ],
    meaning:
      "The AWS CLI's files, or a client's config file that is to be changed, hold a line that nobody can read.",
    remedy: ['Mend that line.'],
  },
  'config-invalid': {
    summary: "this program's config file cannot be used",
    examples: [
      {
        kind: 'config-invalid',
        file: `${HOME}/.ecr/config.json`,
        at: ['registries', 0, 'profil'],
        reason: 'unknown key "profil"',
        known: ['match', 'profile', 'roleArn'],
      },
    ],
    meaning: 'An unknown key is an error, because a misspelt rule would mean another identity.',
    remedy: ['Mend that line. `docs/config.schema.json` tells editors what may stand there.'],
  },
  'unreadable-file': {
    summary: 'a file that is not there, or may not be read',
    examples: [
      { kind: 'unreadable-file', file: `${HOME}/.aws/config`, code: 'EACCES' },
      { kind: 'unreadable-file', file: '/etc/ecr.json', code: 'ENOENT', namedBy: 'AWS_ECR_CONFIG_FILE' },
    ],
    meaning: 'A file that counts cannot be read by this user, or a file that is named does not exist.',
    remedy: [
      '`EACCES`: give this user the right to read it; `sudo` may have made it.',
      'No such file: write it, or correct the variable.',
    ],
  },
  'file-not-written': {
    summary: 'a config file that cannot be written',
    examples: [{ kind: 'file-not-written', file: `${HOME}/.docker/config.json`, reason: 'EACCES' }],
    meaning: '`configure` could not write. The file is as it was.',
    remedy: ['Make the file and its directory writable for this user.'],
  },
  'file-changed': {
    summary: 'a config file that somebody else changed meanwhile',
    examples: [{ kind: 'file-changed', file: `${HOME}/.docker/config.json` }],
    meaning: '`configure` found another content than the one that it had read, and wrote nothing.',
    remedy: ['Run it again.'],
  },
  'fallback-failed': {
    summary: 'the helper for other hosts did not answer',
    examples: [
      {
        kind: 'fallback-failed',
        helper: 'docker-credential-pass',
        reason: 'it is not on PATH',
        hint: 'install it, or name another helper in AWS_ECR_FALLBACK',
      },
    ],
    meaning: "With `fallback`, hosts that are not ECR's go to another helper, and that one failed.",
    remedy: ['Run that helper by hand: `echo ghcr.io | docker-credential-pass get`.'],
  },
  'access-denied': {
    summary: 'AWS knows the identity and refuses',
    examples: [
      { kind: 'access-denied', action: 'ecr:GetAuthorizationToken', caller: ALICE },
      { kind: 'access-denied', action: 'sts:AssumeRole', caller: ALICE },
    ],
    meaning:
      "AWS's own sentence stands behind the action. It tells which policy is wanting, or which one denies.",
    remedy: [
      '`{"Effect":"Allow","Action":"ecr:GetAuthorizationToken","Resource":"*"}` in a policy of the identity; for `public.ecr.aws` `ecr-public:GetAuthorizationToken` and `sts:GetServiceBearerToken`.',
      '`sts:AssumeRole` needs both: the right in a policy of the caller, and the caller in the trust policy of the role.',
      'An explicit deny, often in a policy of the organization, is outweighed by no allow.',
    ],
  },
  'credentials-rejected': {
    summary: 'AWS does not know the keys',
    examples: [
      {
        kind: 'credentials-rejected',
        source: 'environment keys',
        service: ECR,
        detail: 'The security token included in the request is invalid',
      },
    ],
    meaning: 'The keys are wrong, deleted, of another partition, or lack their session token.',
    remedy: ['Renew the keys; with temporary ones set `AWS_SESSION_TOKEN` too.'],
  },
  'credentials-expired': {
    summary: 'temporary keys that have ended',
    examples: [
      {
        kind: 'credentials-expired',
        source: 'environment keys',
        detail: 'The security token included in the request is expired',
      },
    ],
    meaning: 'The keys were good and are no more. Keys in the environment renew themselves for nobody.',
    remedy: ['Set them anew, or use a profile, which does.'],
  },
  'sso-expired': {
    summary: 'no SSO sign-in, or one that has ended',
    examples: [
      { kind: 'sso-expired', profile: 'dev' },
      { kind: 'sso-expired', profile: 'dev', session: 'corp' },
    ],
    meaning: 'The program renews a sign-in as long as AWS allows, and never opens a browser.',
    remedy: ['Run the command of the hint; `docker-credential-ecr-login login <registry>` offers to.'],
  },
  'login-expired': {
    summary: 'no `aws login`, or one that has ended',
    examples: [{ kind: 'login-expired', profile: 'dev' }],
    meaning: 'As with SSO: a person has to sign in anew.',
    remedy: ['Run the command of the hint.'],
  },
  'source-failed': {
    summary: 'a source of credentials that gave none',
    examples: [
      {
        kind: 'source-failed',
        source: 'credential_process of profile "dev"',
        reason: 'it ended with exit code 2',
        hint: 'run the command yourself and see what it says: aws configure get credential_process --profile dev',
      },
      {
        kind: 'source-failed',
        source: 'instance metadata',
        reason: 'this instance has no role',
        hint: 'aws ec2 associate-iam-instance-profile --instance-id <id> --iam-instance-profile Name=<name>',
      },
    ],
    meaning: 'What was declared was asked, and failed. No other source is tried in its place.',
    remedy: [
      'A process: run it by hand, as the user and with the environment of the client.',
      'Instance metadata in a container: raise the hop limit to 2.',
    ],
  },
  'mfa-needed': {
    summary: 'a role that wants an MFA code, and nobody to ask',
    examples: [
      {
        kind: 'mfa-needed',
        profile: 'dev',
        serial: 'arn:aws:iam::123456789012:mfa/alice',
        reason: 'there is no terminal to ask on',
      },
    ],
    meaning: 'The code is asked for on the terminal. Where there is none, or `CI` is set, it cannot be.',
    remedy: [
      'Run the command of the hint in a terminal beforehand.',
      'Or let `AWS_ECR_MFA_COMMAND` print the code.',
    ],
  },
} satisfies Partial<ErrorEntries>;
