// Owns a private certificate authority for tests: its own certificate and servers' certificates, good and flawed, made with
// openssl in a temporary directory that is gone when the tests begin. It must not be trusted by anything but a test's variables.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** PEM texts of a server's key and certificate. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** An authority and what it signed. */
export interface Authority {
  /** PEM of the authority's own certificate. */
  readonly ca: string;
  /** For `NAME`, 127.0.0.1 and 0.0.0.0. */
  readonly good: Certificate;
  readonly otherHost: Certificate;
  readonly expired: Certificate;
  readonly notYetValid: Certificate;
  /** Signed by itself, for the good names. */
  readonly selfSigned: Certificate;
}

/** A host that no name server knows: only a proxy can reach it. */
export const NAME = 'ecr.test';

const NAMES = `DNS:${NAME},IP:127.0.0.1,IP:0.0.0.0`;
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
// `openssl ca` alone can set both ends of a certificate's life in every version that systems have.
const CONFIG = `[ca]
default_ca = own
[own]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
unique_subject = no
policy = any
[any]
commonName = supplied
`;

/** Makes an authority with its certificates. */
export function makeAuthority(): Authority {
  const directory = mkdtempSync(join(tmpdir(), 'ecr-login-authority-'));
  const openssl = (...args: string[]): void =>
    void execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
  const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
  const sign = (name: string, names: string, from: Date, to: Date): Certificate => {
    writeFileSync(join(directory, `${name}.ext`), `subjectAltName=${names}\n`);
    openssl('req', ...NEW_KEY, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    const life = ['-startdate', stamp(from), '-enddate', stamp(to)];
    const files = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-extfile', `${name}.ext`, '-notext'];
    openssl('ca', '-batch', '-config', 'config', '-cert', 'ca.pem', '-keyfile', 'ca.key', ...life, ...files);
    return { key: read(`${name}.key`), cert: read(`${name}.pem`) };
  };
  try {
    writeFileSync(join(directory, 'config'), CONFIG);
    writeFileSync(join(directory, 'index'), '');
    writeFileSync(join(directory, 'serial'), '01');
    const self = ['-x509', ...NEW_KEY, '-days', '9'];
    openssl('req', ...self, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=private authority');
    const alone = ['-subj', '/CN=alone', '-addext', `subjectAltName=${NAMES}`];
    openssl('req', ...self, '-keyout', 'alone.key', '-out', 'alone.pem', ...alone);
    const [past, before, after, future] = [-9, -1, 1, 9].map(
      (days) => new Date(Date.now() + days * 86_400_000),
    ) as [Date, Date, Date, Date];
    return {
      ca: read('ca.pem'),
      good: sign('good', NAMES, before, after),
      otherHost: sign('other', 'DNS:other.test', before, after),
      expired: sign('expired', NAMES, past, before),
      notYetValid: sign('early', NAMES, after, future),
      selfSigned: { key: read('alone.key'), cert: read('alone.pem') },
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** `20260131120000Z` */
function stamp(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`;
}
