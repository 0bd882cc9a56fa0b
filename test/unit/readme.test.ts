// The promises of the documents that a program can check: the README's tables against the code in both directions, its
// examples against the reader of shared config files, its errors against the words that users see, and every path and link.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { declareSource } from '../../src/aws/declare.ts';
import { parseIni } from '../../src/aws/ini.ts';
import type { SharedConfig } from '../../src/aws/shared-config.ts';
import type { Source } from '../../src/aws/source.ts';
import type { Problem } from '../../src/errors.ts';
import { explain } from '../../src/explain.ts';
import { VERSION } from '../../src/version.ts';

const root = join(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const documents = [
  'README.md',
  '.github/CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(join(root, 'src', path), 'utf8'));

/** One of each kind, as a user may meet it; `no-credentials` is shortened in the table. */
const PROBLEMS: Readonly<Record<string, Problem>> = {
  'no-credentials': { kind: 'no-credentials', tried: ['environment keys', 'AWS_WEB_IDENTITY_TOKEN_FILE'] },
  'profile-not-found': {
    kind: 'profile-not-found',
    profile: 'prod',
    known: ['default', 'dev'],
    files: ['/home/me/.aws/config', '/home/me/.aws/credentials'],
  },
  'profile-invalid': { kind: 'profile-invalid', profile: 'dev', reason: 'its SSO settings lack sso_region' },
  'profile-not-guessed': {
    kind: 'profile-not-guessed',
    account: '123456789012',
    candidates: ['dev', 'prod'],
  },
  'config-invalid': {
    kind: 'config-invalid',
    file: '/home/me/.ecr/config.json',
    at: ['registries', 0, 'profil'],
    reason: 'unknown key "profil"',
    known: ['match', 'profile', 'roleArn'],
  },
  'malformed-file': {
    kind: 'malformed-file',
    file: '/home/me/.aws/config',
    line: 7,
    reason: 'expected "key = value"',
  },
  'unreadable-file': { kind: 'unreadable-file', file: '/home/me/.aws/config', code: 'EACCES' },
  'access-denied': {
    kind: 'access-denied',
    action: 'ecr:GetAuthorizationToken',
    caller: 'arn:aws:iam::123456789012:user/bob',
  },
  'credentials-rejected': {
    kind: 'credentials-rejected',
    source: 'environment keys',
    service: 'Amazon ECR in us-east-1',
    detail: 'The security token included in the request is invalid',
  },
  'credentials-expired': {
    kind: 'credentials-expired',
    source: 'environment keys',
    detail: 'The security token included in the request is expired',
  },
  'sso-expired': { kind: 'sso-expired', profile: 'dev' },
  'login-expired': { kind: 'login-expired', profile: 'dev' },
  'source-failed': {
    kind: 'source-failed',
    source: 'credential_process of profile "dev"',
    reason: 'it ended with exit code 2',
  },
  'mfa-needed': {
    kind: 'mfa-needed',
    profile: 'dev',
    serial: 'arn:aws:iam::123456789012:mfa/alice',
    reason: 'there is no terminal to ask on',
  },
  'clock-skew': { kind: 'clock-skew', detail: 'Signature expired' },
  'name-not-resolved': {
    kind: 'name-not-resolved',
    host: 'api.ecr.us-esat-1.amazonaws.com',
    region: 'us-esat-1',
  },
  'connection-failed': {
    kind: 'connection-failed',
    endpoint: 'https://api.ecr.us-east-1.amazonaws.com',
    reason: 'connection refused',
  },
  'tls-failed': {
    kind: 'tls-failed',
    endpoint: 'https://api.ecr.us-east-1.amazonaws.com',
    flaw: 'untrusted',
    code: 'SELF_SIGNED_CERT_IN_CHAIN',
    authorities: 'the public authorities, the system store',
  },
  'ca-bundle-invalid': {
    kind: 'ca-bundle-invalid',
    name: 'AWS_CA_BUNDLE',
    file: '/etc/corp.pem',
    reason: 'it holds no certificate in PEM form',
  },
  'proxy-failed': {
    kind: 'proxy-failed',
    proxy: 'http://proxy.example.com:3128',
    endpoint: 'https://api.ecr.us-east-1.amazonaws.com',
    reason: 'it wants a user and a password (status 407)',
  },
  'timed-out': {
    kind: 'timed-out',
    step: 'asking Amazon ECR in us-east-1 for an authorization token',
    limitMs: 20_000,
  },
  throttled: { kind: 'throttled', service: 'Amazon ECR in us-east-1' },
  'bad-response': {
    kind: 'bad-response',
    service: 'Amazon ECR in us-east-1',
    reason: 'it is not of the form that this service answers in',
  },
  'service-failed': {
    kind: 'service-failed',
    service: 'Amazon ECR in us-east-1',
    code: 'ServerException (status 500)',
    detail: 'no reason given',
  },
  'setting-invalid': {
    kind: 'setting-invalid',
    name: 'AWS_ECR_TIMEOUT',
    value: 'soon',
    wanted: 'a number of seconds from 1 to 600',
  },
  'not-ecr': { kind: 'not-ecr', host: 'registry.example.com' },
  'file-not-written': {
    kind: 'file-not-written',
    file: '/home/me/.docker/config.json',
    reason: 'EACCES',
  },
  'file-changed': { kind: 'file-changed', file: '/home/me/.docker/config.json' },
  'fallback-failed': {
    kind: 'fallback-failed',
    helper: 'docker-credential-pass',
    reason: 'it is not on PATH',
    hint: 'install docker-credential-pass',
  },
  internal: { kind: 'internal', detail: 'TypeError: x is undefined' },
};

describe('environment variables', () => {
  const documented = rowsOf(section('Environment variables')).flatMap(([names = '']) => inBackticks(names));
  const read = new Set(sources.flatMap(variablesOf));

  test('the table and the code are both found', () => {
    assert.ok(documented.length > 20 && read.size > 20, `${documented.length} rows, ${read.size} names`);
  });

  test('every variable that the code reads is in the table', () => {
    assert.deepEqual(
      [...read].filter((name) => !documented.includes(name)),
      [],
    );
  });

  test('the code reads every variable of the table', () => {
    assert.deepEqual(
      documented.filter((name) => !read.has(name)),
      [],
    );
  });

  test('no variable stands there twice', () => {
    assert.deepEqual(documented, [...new Set(documented)]);
  });
});

describe('errors', () => {
  const causes = rowsOf(section('Errors and what to do')).map(([cause = '']) => inBackticks(cause)[0] ?? '');
  test('there is an example here of every kind that the program can end with', () => {
    const inCode = matches(read('src/errors.ts'), /readonly kind: '([a-z-]+)'/g);
    // A kind is raised where another file makes one of it; `internal` is made beside the declaration.
    const raised = inCode.filter(
      (kind) => kind === 'internal' || sources.filter((text) => text.includes(`kind: '${kind}'`)).length > 1,
    );
    assert.deepEqual(
      raised.filter((kind) => !(kind in PROBLEMS)),
      [],
    );
    assert.deepEqual(
      Object.keys(PROBLEMS).filter((kind) => !inCode.includes(kind)),
      [],
    );
  });

  for (const [kind, problem] of Object.entries(PROBLEMS)) {
    test(`${kind}: the README has it in the program's words`, () => {
      const { cause } = explain(problem);
      assert.ok(
        causes.some((row) => (row.endsWith('…') ? cause.startsWith(row.slice(0, -1)) : row === cause)),
        `no row with: ${cause}`,
      );
    });
  }

  test('every row is the cause of one of them', () => {
    const words = Object.values(PROBLEMS).map((problem) => explain(problem).cause);
    const strangers = causes.filter(
      (row) =>
        !words.some((cause) => (row.endsWith('…') ? cause.startsWith(row.slice(0, -1)) : row === cause)),
    );
    assert.deepEqual(strangers, []);
  });
});

const NO_PROFILES = sharedConfigOf('');

describe('profiles', () => {
  const shared = sharedConfigOf(codeBlocks(readme, 'ini')[0] ?? '');
  const keys = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret' };
  const expected: Readonly<Record<string, { kinds: string; env?: NodeJS.ProcessEnv }>> = {
    keys: { kinds: 'static' },
    role: { kinds: 'role static' },
    'role-over-ecs': {
      kinds: 'role container',
      env: { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/1' },
    },
    'role-over-ec2': { kinds: 'role instance' },
    'web-identity': { kinds: 'web-identity' },
    sso: { kinds: 'sso' },
    'sso-legacy': { kinds: 'sso' },
    login: { kinds: 'login' },
    process: { kinds: 'process' },
  };
  for (const [profile, { kinds, env }] of Object.entries(expected)) {
    test(`${profile} declares ${kinds}`, () => {
      const source = declareSource({ env: { ...env, AWS_PROFILE: profile }, shared });
      assert.equal(kindsOf(source), kinds);
    });
  }

  // Environment keys alone would win over any profile; this profile is reached through another's source_profile.
  test('role-over-environment declares role environment', () => {
    const chained = sharedConfigOf(
      `${codeBlocks(readme, 'ini')[0]}\n[profile outer]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = role-over-environment\n`,
    );
    const source = declareSource({ env: keys, shared: chained, ruleProfile: 'outer' });
    assert.equal(kindsOf(source), 'role role environment');
  });

  test('there is no other profile', () => {
    assert.deepEqual(
      [...shared.profiles.keys()].toSorted(),
      [...Object.keys(expected), 'role-over-environment'].toSorted(),
    );
  });
});

test('the commands of the credentials chapter declare, in the order of its table, each source once', () => {
  const block = codeBlocks(section('AWS credentials'), 'sh')[0] ?? '';
  const shared = sharedConfigOf(codeBlocks(readme, 'ini')[0] ?? '');
  const commands = block.split(/docker pull .*/).slice(0, -1);
  const declared = commands.map((command) => {
    const env = Object.fromEntries(
      [...command.matchAll(/^ *(?!#)(.*?)\\?$/gm)]
        .flatMap(([, line = '']) => line.split(' '))
        .flatMap((word) => {
          const [, name = '', value = ''] = /^([A-Z_]+)=(.+)$/.exec(word) ?? [];
          return name === '' ? [] : [[name, value] as const];
        }),
    );
    return kindsOf(declareSource({ env, shared: Object.keys(env).length > 0 ? shared : NO_PROFILES }));
  });
  assert.deepEqual(declared, ['sso', 'environment', 'web-identity', 'container', 'instance']);
});

test('JSON examples are JSON', () => {
  const blocks = codeBlocks(readme, 'json');
  assert.notEqual(blocks.length, 0);
  for (const block of blocks) JSON.parse(block);
});

test('npm commands exist', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
  for (const document of documents)
    for (const [, name = ''] of read(document).matchAll(/npm run ([\w:-]+)/g))
      assert.ok(name in scripts, `${document}: npm run ${name}`);
});

test('the version is the one of this release', () => {
  for (const [, version] of readme.matchAll(/docker-credential-ecr-login[ -](\d+\.\d+\.\d+)/g))
    assert.equal(version, VERSION);
});

for (const document of documents) {
  test(`${document}: links lead somewhere`, () => {
    for (const [, target = ''] of read(document).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? document : join(dirname(document), path);
      assert.ok(existsSync(join(root, file)), `${target}: no such file`);
      if (anchor !== undefined)
        assert.ok(anchorsOf(read(file)).includes(anchor), `${target}: no such heading`);
    }
  });

  test(`${document}: paths exist`, () => {
    for (const path of inBackticks(read(document)))
      if (/^(src|test|scripts|bin|docs|\.github|\.ci)\/[\w./-]*$/.test(path))
        assert.ok(existsSync(join(root, path)), path);
  });
}

function read(document: string): string {
  return readFileSync(join(root, document), 'utf8');
}

/** A section of the README, from its heading to the next of the same level. */
function section(title: string): string {
  const found = readme.split(/^## /m).find((text) => text.startsWith(`${title}\n`));
  assert.ok(found !== undefined, `README.md has no section "${title}"`);
  return found;
}

/** The cells of the rows of all tables in a text, heads left out. */
function rowsOf(text: string): string[][] {
  const lines = text.split('\n');
  return lines
    .filter((line, index) => line.startsWith('|') && !isRule(line) && !isRule(lines[index + 1] ?? ''))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

function isRule(line: string): boolean {
  return /^\|[-|]+\|$/.test(line);
}

function inBackticks(text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, inside = '']) => inside);
}

function codeBlocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, block = '']) => block,
  );
}

/** The names that a source file reads from the environment, in the ways that this code base has of doing so. */
function variablesOf(text: string): string[] {
  const template = /`(AWS_[A-Z_]+_)\$\{(\w+)[^}]*\}`/g;
  return [
    ...matches(text, /\benv\.([A-Z][A-Za-z0-9_]+|[a-z]+_proxy)\b/g),
    ...matches(text, /\benv\['(\w+)'\]/g),
    ...matches(text, /'(AWS_[A-Z0-9_]+|[A-Z]+_PROXY|[a-z]+_proxy|SSL_CERT_[A-Z]+|NODE_EXTRA_CA_CERTS)'/g),
    ...matches(text, /\{([^{}]*)\}\s*=\s*(?:process\.)?env\b/g).flatMap((names) =>
      matches(names, /\b([A-Z][A-Z0-9_]+)\b/g),
    ),
    ...[...text.matchAll(template)].flatMap(([, prefix = '', by]) =>
      by === 'service'
        ? matches(text, /^export type ServiceId = (.*);$/gm)
            .flatMap((union) => matches(union, /'(\w+)'/g))
            .map((service) => prefix + service.toUpperCase())
        : [`${prefix}<account>`],
    ),
  ];
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, first = '']) => first);
}

/** The profiles of a config file's text, without the files of whoever runs this. */
function sharedConfigOf(text: string): SharedConfig {
  const file = parseIni(text, 'README.md');
  const named = (type: string): [string, ReadonlyMap<string, string>][] =>
    [...file]
      .filter(([header]) => header.startsWith(`${type} `))
      .map(([header, { values }]) => [header.slice(type.length + 1), values]);
  return {
    profiles: new Map(named('profile')),
    ssoSessions: new Map(named('sso-session')),
    services: new Map(),
    files: ['README.md'],
  };
}

function kindsOf(source: Source): string {
  return source.kind === 'role' ? `role ${kindsOf(source.base)}` : source.kind;
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(text: string): string[] {
  return matches(text, /^#+ (.*)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
