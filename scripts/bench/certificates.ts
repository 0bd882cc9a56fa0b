// Owns a private certificate authority and one certificate for the AWS hosts that a helper asks, made with openssl.
// Must not put a key anywhere but into the directory that it is given.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The files of an authority and of the certificate that it signed. */
export interface Certificates {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** Makes an authority in `directory` and a certificate for `hosts`. */
export function makeCertificates(directory: string, hosts: readonly string[]): Certificates {
  const file = (name: string): string => join(directory, name);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const [authority, authorityKey, certificate, key] = [
    file('authority.crt'),
    file('authority.key'),
    file('aws.crt'),
    file('aws.key'),
  ];
  writeFileSync(file('extensions'), `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(',')}\n`);
  openssl(
    'req -x509',
    newKey,
    '-subj',
    '/CN=benchmark authority',
    '-keyout',
    authorityKey,
    '-out',
    authority,
  );
  openssl('req', newKey.slice(0, -2), '-subj', '/CN=benchmark', '-keyout', key, '-out', file('aws.csr'));
  openssl(
    'x509 -req -days 2 -CAcreateserial',
    ['-CA', authority, '-CAkey', authorityKey, '-CAserial', file('serial')],
    ...['-in', file('aws.csr'), '-extfile', file('extensions'), '-out', certificate],
  );
  return { authority, certificate, key };
}

function openssl(command: string, common: readonly string[], ...rest: readonly string[]): void {
  execFileSync('openssl', [...command.split(' '), ...common, ...rest], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}
