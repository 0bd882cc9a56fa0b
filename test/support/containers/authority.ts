// Owns a private certificate authority and one server certificate for the registries' names, made with openssl.
// It must not put a key anywhere but into the directory that it is given.

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the files of the authority are. */
export interface Authority {
  /** A directory with nothing but `ca.crt`, in the layout that Docker and Podman read. */
  readonly trustDirectory: string;
  readonly certificate: string;
  readonly key: string;
}

/** Makes an authority and a certificate for the names in `directory`. */
export function makeAuthority(directory: string, trustFolder: string, names: readonly string[]): Authority {
  const trustDirectory = join(directory, trustFolder);
  mkdirSync(trustDirectory);
  const ca = join(trustDirectory, 'ca.crt');
  const caKey = join(directory, 'ca.key');
  const key = join(directory, 'registry.key');
  const certificate = join(directory, 'registry.crt');
  const request = join(directory, 'registry.csr');
  const extensions = join(directory, 'registry.ext');

  // A common name holds 64 characters, and some registry names are longer: the names go into the extension alone.
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    caKey,
    '-out',
    ca,
    '-days',
    '2',
    '-subj',
    '/CN=e2e authority',
  );
  openssl('req', ...newKey, '-keyout', key, '-out', request, '-subj', '/CN=e2e registry');
  writeFileSync(extensions, `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}\n`);
  const signing = ['-CA', ca, '-CAkey', caKey, '-CAcreateserial', '-CAserial', join(directory, 'ca.srl')];
  openssl(
    'x509',
    '-req',
    '-in',
    request,
    ...signing,
    '-out',
    certificate,
    '-days',
    '2',
    '-extfile',
    extensions,
  );
  return { trustDirectory, certificate, key };
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
