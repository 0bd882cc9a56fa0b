// Owns one problem of every kind, each with what its cause line must say. TypeScript refuses a table that lacks a kind.
// Values are as users would meet them; what damage does to them is in the test.
import type { Problem } from '../../../src/errors.ts';

type Kind = Problem['kind'];

/** A problem and what its cause and its hint must hold. */
export type Rows = {
  readonly [K in Kind]: readonly (readonly [
    problem: Extract<Problem, { kind: K }>,
    cause: RegExp,
    hint: RegExp,
  ])[];
};

const ARN = 'arn:aws:iam::123456789012:role/pull';
const FILES = ['/home/me/.aws/config', '/home/me/.aws/credentials'];

export const PROBLEMS: Rows = {
  'no-credentials': [
    [
      { kind: 'no-credentials', tried: ['environment keys', 'instance metadata'] },
      /tried environment keys, instance metadata/,
      /aws sso login/,
    ],
    [{ kind: 'no-credentials', tried: ['a'], hint: 'do this' }, /tried a/, /^do this$/],
  ],
  'not-ecr': [
    [{ kind: 'not-ecr', host: 'ghcr.io' }, /"ghcr\.io" is not a registry/, /./],
    [{ kind: 'not-ecr', host: 'me:pw@ghcr.io' }, /^"ghcr\.io" is asked for with a user name/, /./],
  ],
  'profile-not-found': [
    [
      { kind: 'profile-not-found', profile: 'devv', known: ['dev', 'prod'], files: FILES },
      /"devv".* not found in .*config and .*credentials.*dev, prod/,
      /AWS_PROFILE/,
    ],
    [
      { kind: 'profile-not-found', profile: 'b', known: [], files: FILES, namedBy: 'a' },
      /"b", the source_profile of "a",.*no profiles/,
      /aws configure --profile b/,
    ],
    [
      {
        kind: 'profile-not-found',
        profile: 'x',
        known: Array.from({ length: 20 }, (_, index) => `p${index}`),
        files: FILES,
      },
      /p11 and 8 more/,
      /./,
    ],
  ],
  'profile-invalid': [
    [
      { kind: 'profile-invalid', profile: 'a', reason: 'it has a flaw' },
      /"a" cannot be used: it has a flaw/,
      /aws configure --profile a/,
    ],
    [
      { kind: 'profile-invalid', profile: 'a', reason: 'r', hint: 'aws configure sso' },
      /"a"/,
      /^aws configure sso$/,
    ],
  ],
  'malformed-file': [
    [{ kind: 'malformed-file', file: '/f', line: 3, reason: 'r' }, /\/f:3: r$/, /\/f:3/],
    [{ kind: 'malformed-file', file: '/f', reason: 'r' }, /\/f: r$/, /\/f$/],
  ],
  'config-invalid': [
    [
      {
        kind: 'config-invalid',
        file: '/nowhere/config.json',
        at: ['registries', 0, 'profil'],
        reason: 'unknown key "profil"',
        known: ['profile', 'roleArn'],
      },
      /unknown key "profil"; did you mean "profile"\?/,
      /\/nowhere\/config\.json/,
    ],
  ],
  'profile-not-guessed': [
    [
      { kind: 'profile-not-guessed', account: '123456789012', candidates: [] },
      /no AWS profile for account 123456789012/,
      /rule/,
    ],
    [
      { kind: 'profile-not-guessed', account: '123456789012', candidates: ['a', 'b'] },
      /more than one .*a, b/,
      /rule/,
    ],
  ],
  'unreadable-file': [
    [{ kind: 'unreadable-file', file: '/f', code: 'EACCES' }, /cannot read \/f: EACCES/, /ls -l \/f/],
  ],
  'file-not-written': [
    [{ kind: 'file-not-written', file: '/f', reason: 'EROFS' }, /cannot write \/f: EROFS/, /\/f/],
  ],
  'file-changed': [[{ kind: 'file-changed', file: '/f' }, /\/f/, /again/]],
  'fallback-failed': [
    [
      { kind: 'fallback-failed', helper: 'docker-credential-pass', reason: 'r', hint: 'h' },
      /docker-credential-pass/,
      /^h$/,
    ],
  ],
  'access-denied': [
    [
      { kind: 'access-denied', action: 'ecr:GetAuthorizationToken', caller: ARN, detail: 'd' },
      /role\/pull may not call ecr:GetAuthorizationToken \(d\)/,
      /policy of arn:aws:iam/,
    ],
    [
      { kind: 'access-denied', action: 'sts:AssumeRole' },
      /identity in use may not call sts:AssumeRole$/,
      /get-caller-identity/,
    ],
  ],
  'credentials-rejected': [
    [
      { kind: 'credentials-rejected', source: 'profile "a"', service: 'Amazon ECR', detail: 'd' },
      /does not accept .* profile "a": d/,
      /renew/,
    ],
  ],
  'credentials-expired': [
    [
      { kind: 'credentials-expired', source: 'profile "a"', detail: 'd' },
      /profile "a" have expired/,
      /renew/,
    ],
  ],
  'sso-expired': [
    [{ kind: 'sso-expired', profile: 'a' }, /profile "a"/, /^aws sso login --profile a$/],
    [{ kind: 'sso-expired', profile: 'a', session: 's' }, /profile "a"/, /^aws sso login --sso-session s$/],
  ],
  'login-expired': [[{ kind: 'login-expired', profile: 'a' }, /profile "a"/, /^aws login --profile a$/]],
  'source-failed': [
    [{ kind: 'source-failed', source: 'instance metadata', reason: 'r' }, /from instance metadata: r/, /./],
    [{ kind: 'source-failed', source: 's', reason: 'r', hint: 'h' }, /from s: r/, /^h$/],
  ],
  'mfa-needed': [
    [
      { kind: 'mfa-needed', profile: 'a', serial: 'arn:mfa', reason: 'r' },
      /profile "a" needs the MFA code of arn:mfa: r/,
      /docker-credential-ecr-login login registry\.test/,
    ],
    [
      { kind: 'mfa-needed', profile: '', serial: 'arn:mfa', reason: 'r' },
      /needs the MFA code of arn:mfa: r/,
      /login registry\.test/,
    ],
  ],
  'clock-skew': [[{ kind: 'clock-skew', detail: 'd' }, /clock .*: d/, /clock/]],
  'name-not-resolved': [
    [
      { kind: 'name-not-resolved', host: 'api.ecr.xx-none-1.amazonaws.com', region: 'xx-none-1' },
      /no such host; either region "xx-none-1"/,
      /getent hosts api/,
    ],
    [{ kind: 'name-not-resolved', host: 'h', code: 'EAI_AGAIN' }, /cannot resolve h: .*EAI_AGAIN/, /h/],
  ],
  'connection-failed': [
    [
      { kind: 'connection-failed', endpoint: 'https://e', reason: 'connection refused' },
      /https:\/\/e: connection refused/,
      /HTTPS_PROXY/,
    ],
    [
      { kind: 'connection-failed', endpoint: 'https://e', reason: 'r', proxy: 'http://p:3128' },
      /through the proxy http:\/\/p:3128: r/,
      /NO_PROXY/,
    ],
  ],
  'tls-failed': (
    ['untrusted', 'expired', 'not-yet-valid', 'other-host', 'no-handshake', 'of-a-later-release'] as const
  ).map((flaw) => [
    { kind: 'tls-failed', endpoint: 'https://e', flaw, code: 'CERT_X', authorities: 'the system store' },
    flaw === 'untrusted'
      ? /https:\/\/e: .*trusted: the system store/
      : flaw === 'of-a-later-release'
        ? /CERT_X/
        : /https:\/\/e: /,
    /./,
  ]),
  'ca-bundle-invalid': [
    [
      { kind: 'ca-bundle-invalid', name: 'AWS_CA_BUNDLE', file: '/ca.pem', reason: 'r' },
      /\/ca\.pem.*AWS_CA_BUNDLE: r/,
      /PEM/,
    ],
  ],
  'proxy-failed': [
    [
      { kind: 'proxy-failed', proxy: 'http://p:3128', endpoint: 'https://e', reason: '407' },
      /http:\/\/p:3128 .* https:\/\/e: 407/,
      /HTTPS_PROXY/,
    ],
  ],
  'timed-out': [
    [
      { kind: 'timed-out', step: 'asking STS', limitMs: 20_000 },
      /after 20 s: asking STS$/,
      /AWS_ECR_TIMEOUT/,
    ],
    [
      { kind: 'timed-out', step: 'asking STS', limitMs: 1540, endpoint: 'https://e', proxy: 'http://p' },
      /after 1\.5 s: asking STS \(https:\/\/e through the proxy http:\/\/p\)/,
      /./,
    ],
  ],
  throttled: [[{ kind: 'throttled', service: 'Amazon ECR' }, /Amazon ECR throttles/, /again/]],
  'bad-response': [
    [{ kind: 'bad-response', service: 'Amazon ECR', reason: 'r' }, /cannot be used: r/, /./],
    [
      { kind: 'bad-response', service: 'Amazon ECR', reason: 'r', endpoint: 'https://e' },
      /\(https:\/\/e\): r/,
      /./,
    ],
  ],
  'service-failed': [
    [
      { kind: 'service-failed', service: 'Amazon ECR', code: 'ServerException (status 500)', detail: 'd' },
      /ServerException \(status 500\): d/,
      /again/,
    ],
  ],
  'setting-invalid': [
    [
      { kind: 'setting-invalid', name: 'AWS_ECR_TIMEOUT', value: 'x', wanted: 'a number' },
      /AWS_ECR_TIMEOUT "x": must be a number/,
      /AWS_ECR_TIMEOUT/,
    ],
  ],
  internal: [[{ kind: 'internal', detail: 'TypeError: x' }, /internal error: TypeError: x/, /report/]],
};
