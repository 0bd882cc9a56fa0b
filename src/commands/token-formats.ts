// Owns the forms that `token` prints a credential in, each made for one kind of reader. Pure: tokens in, text out.
// Must not know where tokens come from. Every function tells which parts of its text are secrets, for those who mask.

/** A credential, ready to print. */
export interface Token {
  /** Host, with a port where one was written. */
  readonly registry: string;
  readonly username: string;
  readonly password: string;
  /** ms since 1970. */
  readonly expiresAt: number;
}

/** Options of `--format k8s-secret`. */
export interface SecretOptions {
  readonly name?: string;
  readonly namespace?: string;
}

/** A text for stdout, without its last newline, and every secret that stands in it. */
export interface Printed {
  readonly text: string;
  readonly secrets: readonly string[];
}

/** One form. */
export interface Format {
  /** What it is for, in the help. */
  readonly purpose: string;
  readonly takesSeveral: boolean;
  /** A mistake in the options, found before AWS is asked. */
  check?(options: SecretOptions): { readonly cause: string; readonly hint: string } | undefined;
  print(tokens: readonly Token[], options: SecretOptions): Printed;
}

const FORMATS = {
  password: {
    purpose: 'the password alone, for docker login --password-stdin',
    takesSeveral: false,
    print: one(({ password }) => ({ text: password, secrets: [password] })),
  },
  basic: {
    purpose: 'for the header "Authorization: Basic …"',
    takesSeveral: false,
    print: one((token) => ({ text: basic(token), secrets: [token.password, basic(token)] })),
  },
  json: {
    purpose: 'one JSON object in a line for each registry',
    takesSeveral: true,
    print: (tokens) => ({
      text: tokens
        .map(({ registry, username, password, expiresAt }) =>
          JSON.stringify({ registry, username, password, expiresAt: isoTime(expiresAt) }),
        )
        .join('\n'),
      secrets: tokens.map(({ password }) => password),
    }),
  },
  'docker-config': {
    purpose: 'a config.json, as Docker, Podman, kaniko and others read it',
    takesSeveral: true,
    print: (tokens) => ({
      text: JSON.stringify({ auths: auths(tokens, (token) => ({ auth: basic(token) })) }, null, 2),
      secrets: tokens.flatMap((token) => [token.password, basic(token)]),
    }),
  },
  'k8s-secret': {
    purpose: 'a Secret for imagePullSecrets, for kubectl apply',
    takesSeveral: true,
    check: checkNames,
    print: kubernetesSecret,
  },
  'x-registry-auth': {
    purpose: 'the header X-Registry-Auth of the Docker Engine API',
    takesSeveral: false,
    print: one((token) => {
      // The engine decodes with Go's base64.URLEncoding, which wants the padding that base64url leaves out.
      const { registry, username, password } = token;
      const text = base64(JSON.stringify({ username, password, serveraddress: registry }))
        .replaceAll('+', '-')
        .replaceAll('/', '_');
      return { text, secrets: [password, text] };
    }),
  },
  env: {
    purpose: 'NAME=value lines, for $GITHUB_ENV, --env-file or a shell',
    takesSeveral: false,
    // Unquoted, as $GITHUB_ENV and --env-file want it; no value holds a character that a shell would read.
    print: one(({ registry, username, password, expiresAt }) => ({
      text: [
        `ECR_REGISTRY=${registry}`,
        `ECR_USERNAME=${username}`,
        `ECR_PASSWORD=${password}`,
        `ECR_EXPIRES_AT=${isoTime(expiresAt)}`,
      ].join('\n'),
      secrets: [password],
    })),
  },
} as const satisfies Readonly<Record<string, Format>>;

/** The name of a form, as `--format` takes it. */
export type FormatName = keyof typeof FORMATS;

/** Every form by its name, in the order of the help. */
export const FORMAT_NAMES = Object.keys(FORMATS) as readonly FormatName[];

/** The form of a name. */
export function formatOf(name: FormatName): Format {
  return FORMATS[name];
}

function one(print: (token: Token) => Printed): Format['print'] {
  return ([token]) => {
    if (token === undefined) throw new Error('there is no token to print');
    return print(token);
  };
}

const DEFAULT_SECRET_NAME = 'ecr-credentials';

/** What `kubectl create secret docker-registry` makes, with the end of its life in an annotation. */
function kubernetesSecret(tokens: readonly Token[], options: SecretOptions): Printed {
  const content = base64(
    JSON.stringify({
      auths: auths(tokens, (token) => ({
        username: token.username,
        password: token.password,
        auth: basic(token),
      })),
    }),
  );
  const expiresAt = Math.min(...tokens.map((token) => token.expiresAt));
  const text = [
    'apiVersion: v1',
    'kind: Secret',
    'metadata:',
    `  name: "${options.name ?? DEFAULT_SECRET_NAME}"`,
    ...(options.namespace === undefined ? [] : [`  namespace: "${options.namespace}"`]),
    '  annotations:',
    `    docker-credential-ecr-login/expires-at: "${isoTime(expiresAt)}"`,
    'type: kubernetes.io/dockerconfigjson',
    'data:',
    `  .dockerconfigjson: ${content}`,
  ].join('\n');
  return { text, secrets: [...tokens.flatMap((token) => [token.password, basic(token)]), content] };
}

/** Names as the Kubernetes API takes them; whatever else would break the manifest, or be another manifest. */
function checkNames({ name, namespace }: SecretOptions): { cause: string; hint: string } | undefined {
  const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
  if (name !== undefined && !(name.length <= 253 && subdomain.test(name)))
    return {
      cause: `cannot name a Secret ${JSON.stringify(name)}`,
      hint: 'use lower-case letters and digits, with "-" and "." between them',
    };
  if (namespace !== undefined && !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace))
    return {
      cause: `${JSON.stringify(namespace)} cannot be a namespace`,
      hint: 'use lower-case letters, digits and "-"',
    };
  return undefined;
}

function auths<T>(tokens: readonly Token[], entry: (token: Token) => T): Record<string, T> {
  return Object.fromEntries(tokens.map((token) => [token.registry, entry(token)]));
}

function basic({ username, password }: Token): string {
  return base64(`${username}:${password}`);
}

/** Everything here is ASCII: the host was checked by its form, the token when it was decoded. */
function base64(text: string): string {
  return btoa(text);
}

function isoTime(time: number): string {
  return new Date(time).toISOString();
}
