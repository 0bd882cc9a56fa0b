// Owns what a hostile repository may hold in its top directory: settings of runtimes, package managers and AWS tools, modules
// and programs under known names. All code in it leaves a mark, all addresses lead to one server. It must not run anything.
import type { FileContent, Files } from '../../support/home.ts';

/** Where code leaves its mark and where every address leads. */
export interface Trap {
  /** Absolute path of a file that is there once planted code has run. */
  readonly marker: string;
  /** The server that nobody must ask. */
  readonly url: string;
}

const EVIL = 'AKIAEVILEVILEVIL0001';

/** Planted files by their path in the repository. */
export function hostileFiles({ marker, url }: Trap): Files {
  const script = (words = ''): FileContent => ({ mode: 0o755, text: `#!/bin/sh\n: >'${marker}'\n${words}` });
  const code = `require('node:fs').writeFileSync(${JSON.stringify(marker)}, '');\n`;
  const module = `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(marker)}, '');\n`;
  const variables = [
    `AWS_ACCESS_KEY_ID=${EVIL}`,
    'AWS_SECRET_ACCESS_KEY=evil',
    'AWS_SESSION_TOKEN=evil',
    'AWS_PROFILE=evil',
    `AWS_ENDPOINT_URL=${url}`,
    `AWS_ENDPOINT_URL_ECR=${url}`,
    `AWS_ENDPOINT_URL_STS=${url}`,
    `AWS_CONTAINER_CREDENTIALS_FULL_URI=${url}/keys`,
    `HTTP_PROXY=${url}`,
    `HTTPS_PROXY=${url}`,
    `ALL_PROXY=${url}`,
    'AWS_CONFIG_FILE=./.aws/config',
    'AWS_ECR_CACHE_DIR=/tmp/evil',
    'AWS_ECR_ON_ERROR=fail',
    'AWS_ECR_FALLBACK=evil',
    'AWS_ECR_MFA_COMMAND=./sh',
    'NODE_TLS_REJECT_UNAUTHORIZED=0',
    'NODE_OPTIONS=--require ./preload.js',
    'NODE_DEBUG=http',
    'BUN_OPTIONS=--preload ./preload.js',
    'BUN_CONFIG_VERBOSE_FETCH=curl',
    'HOME=.',
    'PATH=.',
    '',
  ].join('\n');
  const profiles = ['default', 'profile evil', 'evil']
    .map(
      (name) =>
        `[${name}]\nregion = eu-west-9\naws_access_key_id = ${EVIL}\naws_secret_access_key = evil\nendpoint_url = ${url}\n`,
    )
    .join('');
  const ownConfig = JSON.stringify({
    onError: 'fail',
    fallback: 'evil',
    mfaCommand: './sh',
    cacheDir: '/tmp/evil',
    registries: [{ match: '*', endpoint: url, profile: 'evil' }],
  });
  const clientConfig = JSON.stringify({
    credsStore: 'evil',
    credHelpers: { '123456789012.dkr.ecr.us-east-1.amazonaws.com': 'evil' },
    proxies: { default: { httpsProxy: url } },
  });
  const bunfig = `preload = ["./preload.js"]\nlogLevel = "debug"\n[run]\nbun = true\nshell = "system"\n[test]\npreload = ["./preload.js"]\n[define]\n"process.env.AWS_PROFILE" = "'evil'"\n`;
  const nodeConfig = JSON.stringify({
    nodeOptions: { require: ['./preload.js'], import: ['./preload.mjs'], 'env-file': ['.env'] },
    watch: { 'watch-path': ['.'] },
  });
  const packages = [
    '@aws-sdk/client-ecr',
    '@aws-sdk/client-ecr-public',
    '@aws-sdk/client-sts',
    '@aws-sdk/credential-providers',
    '@smithy/core',
    'commander',
    'jsonc-parser',
    'bun',
  ];
  return {
    ...all(['.env', '.env.local', '.env.production', '.env.development', '.env.test'], variables),
    ...all(['bunfig.toml', '.bunfig.toml', '.bunrc'], bunfig),
    'package.json': JSON.stringify({
      name: 'docker-credential-ecr-login',
      type: 'commonjs',
      main: './preload.js',
      bin: './preload.js',
      imports: { '#*': './preload.js' },
      exports: { '.': './preload.js' },
      scripts: Object.fromEntries(['get', 'version', 'list', 'store', 'erase'].map((name) => [name, './sh'])),
      workspaces: ['*'],
    }),
    '.npmrc': `node-options=--require ./preload.js\nregistry=${url}\nscript-shell=./sh\n`,
    '.yarnrc.yml': 'yarnPath: ./preload.js\n',
    '.pnp.cjs': code,
    ...all(
      ['tsconfig.json', 'jsconfig.json'],
      JSON.stringify({
        compilerOptions: {
          baseUrl: '.',
          paths: { '*': ['./preload.js'] },
          plugins: [{ name: './preload.js' }],
          jsxImportSource: './preload',
        },
      }),
    ),
    'node.config.json': nodeConfig,
    ...all(['.node-version', '.nvmrc', '.tool-versions', '.bun-version'], '0.0.1\n'),
    ...all(['bun.lock', 'bun.lockb', 'package-lock.json'], 'damaged'),
    'openssl.cnf': 'nodejs_conf = x\n[x]\nengines = y\n',
    ...all(['preload.js', 'preload.cjs', 'index.js', 'main.js', 'get.js', '.mocharc.js'], code),
    ...all(['preload.mjs', 'preload.ts', 'index.ts', 'src/main.ts', 'dist/node/main.js'], module),
    ...Object.fromEntries(
      packages.flatMap((name) => [
        [`node_modules/${name}/index.js`, code],
        [`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js', version: '0.0.0' })],
      ]),
    ),
    'node_modules/.bin/aws': script(),
    ...all(['.aws/config', '.aws/credentials'], profiles),
    ...all(['.ecr/config.json', 'ecr-login/config.json', '.config/ecr-login/config.json'], ownConfig),
    ...all(['config.json', 'auth.json', '.docker/config.json', 'containers/auth.json'], clientConfig),
    ...all(
      [
        'docker-credential-ecr-login',
        'docker-credential-pass',
        'docker-credential-evil',
        'ecr-credential-provider',
        'aws',
        'sh',
        'bash',
        'node',
        'bun',
        'ps',
        'openssl',
        'bin/docker-credential-pass',
        'bin/aws',
        'bin/sh',
        // A runtime that takes its first argument for a script would find these.
        'get',
        'version',
        'list',
        'token',
        'login',
        'doctor',
      ],
      script('echo evil\n'),
    ),
  };
}

function all(paths: readonly string[], content: FileContent): Files {
  return Object.fromEntries(paths.map((path) => [path, content]));
}
