// Owns whom TLS trusts: which files of authorities are read, in which order. Must not connect, and offers no way to trust less
// strictly: nothing here or elsewhere turns verification off.
import { readdirSync, readFileSync } from 'node:fs';
import type { EndpointSettings } from '../../aws/endpoint.ts';
import { expandHome } from '../../aws/shared-config.ts';
import { HelperError } from '../../errors.ts';
import { errorCode, homeDirectory } from '../../runtime.ts';

/** The authorities that a server's certificate is checked against. */
export interface Trust {
  /** PEM of all that are trusted; undefined leaves it to the runtime, which reads nothing of ours and so is faster. */
  readonly authorities: string | undefined;
  /** For messages. */
  readonly name: string;
  /** A wider trust, for when the runtime's own did not know the authority; undefined where there is none. */
  readonly widen?: () => Trust;
}

/**
 * AWS_CA_BUNDLE, else the profile's `ca_bundle`, is all that is trusted, as in the AWS CLI and the Go SDK. Without them it is
 * the authorities that the program brings, and with those SSL_CERT_FILE, SSL_CERT_DIR, NODE_EXTRA_CA_CERTS and the system's
 * store. The runtimes differ in which of these they read by themselves, so all of it is read here, but only once the
 * runtime's own trust was not enough: that is rare, and takes ten milliseconds.
 */
export function readTrust({ env, shared, profile }: EndpointSettings): Trust {
  const setting = shared.profiles.get(profile)?.get('ca_bundle');
  const [name, path] = env.AWS_CA_BUNDLE
    ? ['AWS_CA_BUNDLE', env.AWS_CA_BUNDLE]
    : [`ca_bundle of profile "${profile}"`, setting];
  if (path) {
    const file = expandHome(path, homeDirectory(env));
    return { authorities: readBundle(name, file), name: `${name}, ${file}, alone` };
  }
  // Checked at once: Node and Bun pass over a file that they cannot read and print a warning of their own.
  const own = FILE_VARIABLES.map((variable) => [variable, env[variable]] as const)
    .filter(([, file]) => file)
    .map(([variable, file = '']) => ({ label: `${variable} ${file}`, pem: readBundle(variable, file) }));
  const directory = env.SSL_CERT_DIR ? [`SSL_CERT_DIR ${env.SSL_CERT_DIR}`] : [];
  const described = [
    'the public authorities',
    'the system store',
    ...own.map(({ label }) => label),
    ...directory,
  ];
  const trust = { name: described.join(', ') };
  return {
    ...trust,
    authorities: undefined,
    widen: () => ({
      ...trust,
      authorities: [
        ...own.map(({ pem }) => pem),
        ...directoryAuthorities(env),
        ...systemAuthorities(env),
        ...loadTls().rootCertificates,
      ].join('\n'),
    }),
  };
}

const FILE_VARIABLES = ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'];

/** Only whole certificates: what stands around them, and what is not one, would make a runtime refuse the file. */
const CERTIFICATE = /-----BEGIN CERTIFICATE-----\s+MI[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

function certificatesIn(text: string): string[] {
  return text.match(CERTIFICATE) ?? [];
}

function readBundle(name: string, file: string): string {
  const fail = (reason: string, cause?: unknown): HelperError =>
    new HelperError({ kind: 'ca-bundle-invalid', name, file, reason }, { cause });
  let text: string;
  try {
    text = readFileSync(file, 'latin1');
  } catch (error) {
    throw fail(`cannot read it: ${errorCode(error) || 'unknown error'}`, error);
  }
  const certificates = certificatesIn(text);
  if (certificates.length === 0) throw fail('it holds no certificate in PEM form');
  return certificates.join('\n');
}

/** Files of directories, hashed names or not; what cannot be read is passed over, as in Go and OpenSSL. */
function directoryAuthorities(env: NodeJS.ProcessEnv): string[] {
  const separator = process.platform === 'win32' ? ';' : ':';
  return (env.SSL_CERT_DIR ?? '')
    .split(separator)
    .filter((directory) => directory !== '')
    .flatMap((directory) => {
      try {
        return readdirSync(directory).flatMap((name) => readIfThere(`${directory}/${name}`) ?? []);
      } catch {
        return [];
      }
    });
}

/** Where systems keep all their authorities in one file; the list of Go: https://go.dev/src/crypto/x509/root_linux.go */
const SYSTEM_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
  '/usr/local/etc/ssl/cert.pem',
  '/usr/local/share/certs/ca-root-nss.crt',
];

/** The system's store; SSL_CERT_FILE stands in for the system's own file. */
function systemAuthorities(env: NodeJS.ProcessEnv): string[] {
  const isStoreInFile = process.platform !== 'darwin' && process.platform !== 'win32';
  if (isStoreInFile) {
    if (env.SSL_CERT_FILE) return [];
    for (const file of SYSTEM_FILES) {
      const certificates = readIfThere(file);
      if (certificates !== undefined) return certificates;
    }
  }
  return loadTls().getCACertificates?.('system') ?? [];
}

type Tls = typeof import('node:tls');

/** Loaded here and nowhere else, since it costs Bun milliseconds. Node has `getCACertificates` from 22.15 on. */
function loadTls(): Pick<Tls, 'rootCertificates'> & Partial<Pick<Tls, 'getCACertificates'>> {
  return process.getBuiltinModule('node:tls');
}

function readIfThere(file: string): string[] | undefined {
  try {
    const certificates = certificatesIn(readFileSync(file, 'latin1'));
    return certificates.length > 0 ? certificates : undefined;
  } catch {
    return undefined;
  }
}
