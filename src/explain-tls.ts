// Owns the words for certificates that cannot be verified: each flaw has its own remedy. Loaded only after something failed.
import type { Problem } from './errors.ts';
import type { Explanation } from './explain.ts';

/** TLS flaws in words; each has its own remedy. */
export function explainTls(problem: Extract<Problem, { kind: 'tls-failed' }>): Explanation {
  const { endpoint, flaw, code, authorities } = problem;
  const [reason, hint] = (Object.hasOwn(TLS_FLAWS, flaw) && TLS_FLAWS[flaw]) || [code, CERTIFICATE_HINT];
  const trusted = flaw === 'untrusted' ? ` (trusted: ${authorities})` : '';
  return {
    cause: `cannot verify the TLS certificate of ${endpoint}${through(problem.proxy)}: ${reason}${trusted}`,
    hint,
  };
}

const CERTIFICATE_HINT = 'see the certificate with: openssl s_client -connect <host>:443 -servername <host>';

const TLS_FLAWS: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  untrusted: [
    'it is from an authority that is not trusted here',
    'set AWS_CA_BUNDLE to the PEM file of the authority that your network uses',
  ],
  expired: [
    'it has expired',
    'check the clock of this machine, then renew the certificate of the server or proxy',
  ],
  'not-yet-valid': ['it is not yet valid', 'check the clock of this machine'],
  'other-host': ['it is for another host name', 'check AWS_ENDPOINT_URL, DNS and any proxy in between'],
  'no-handshake': [
    'no TLS of version 1.2 or later is spoken there',
    'check AWS_ENDPOINT_URL: its scheme and port must fit together',
  ],
};

/** How a message names the proxy that a request went through. */
export function through(proxy: string | undefined): string {
  return proxy === undefined ? '' : ` through the proxy ${proxy}`;
}
