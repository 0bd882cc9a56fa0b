// Owns what `docs/errors.md` says of the way to AWS, AWS itself, and settings: an example or two of each kind,
// what it means, what mends it. Must not repeat the program's words: they are put in by `errors.ts`.
import type { ErrorEntries } from './errors-table.ts';

const ECR = 'Amazon ECR in us-east-1';
const API = 'https://api.ecr.us-east-1.amazonaws.com';
const PROXY = 'http://proxy.example.com:3128';

/** The kinds of this part. */
export const SERVICE_ERRORS = {
  'clock-skew': {
    summary: 'a clock that is wrong',
    examples: [{ kind: 'clock-skew', detail: 'Signature expired' }],
    meaning:
      'AWS takes signatures of five minutes ago at most. Virtual machines that slept are often behind.',
    remedy: ['Set the clock.'],
  },
  'name-not-resolved': {
    summary: 'a name that DNS does not know',
    examples: [
      { kind: 'name-not-resolved', host: 'api.ecr.us-esat-1.amazonaws.com', region: 'us-esat-1' },
      {
        kind: 'name-not-resolved',
        host: 'api.ecr.us-east-1.amazonaws.com',
        region: 'us-east-1',
        code: 'EAI_AGAIN',
      },
    ],
    meaning: 'The region in the name of the registry is wrong, or name servers do not answer.',
    remedy: [
      "Correct the registry's name.",
      'Look at the network; a private one needs an endpoint of ECR with private DNS.',
    ],
  },
  'connection-failed': {
    summary: 'no connection',
    examples: [
      { kind: 'connection-failed', endpoint: API, reason: 'connection refused' },
      { kind: 'connection-failed', endpoint: API, reason: 'connection reset', proxy: PROXY },
    ],
    meaning: 'Nothing listens there, or something on the way ends the connection.',
    remedy: ['Look at the network, the firewall, `AWS_ENDPOINT_URL*` and `HTTPS_PROXY`.'],
  },
  'tls-failed': {
    summary: 'a certificate that cannot be verified',
    examples: [
      {
        kind: 'tls-failed',
        endpoint: API,
        flaw: 'untrusted',
        code: 'SELF_SIGNED_CERT_IN_CHAIN',
        authorities: 'the public authorities, the system store',
      },
      { kind: 'tls-failed', endpoint: API, flaw: 'expired', code: 'CERT_HAS_EXPIRED', authorities: '' },
      { kind: 'tls-failed', endpoint: API, flaw: 'other-host', code: '', authorities: '' },
    ],
    meaning:
      'Most often a proxy that opens TLS, with an authority of its own. No setting turns the check off.',
    remedy: [
      "`AWS_CA_BUNDLE` names the PEM file of your network's authority, and is then all that is trusted.",
      '`SSL_CERT_FILE` or `NODE_EXTRA_CA_CERTS` add to what is trusted.',
    ],
  },
  'ca-bundle-invalid': {
    summary: 'a file of authorities that cannot be used',
    examples: [
      {
        kind: 'ca-bundle-invalid',
        name: 'AWS_CA_BUNDLE',
        file: '/etc/corp.pem',
        reason: 'it holds no certificate in PEM form',
      },
    ],
    meaning: 'The file is not there, cannot be read, or is in another form than PEM.',
    remedy: ['Correct the variable or the file: `openssl x509 -inform der -in corp.cer -out corp.pem`.'],
  },
  'proxy-failed': {
    summary: 'a proxy that does not connect',
    examples: [
      {
        kind: 'proxy-failed',
        proxy: PROXY,
        endpoint: API,
        reason: 'it wants a user and a password (status 407)',
      },
    ],
    meaning: 'The proxy is asked as `HTTPS_PROXY` says, and refuses or is not there.',
    remedy: [
      'Correct the proxy, with special characters of its password percent-encoded, or put the host into `NO_PROXY`.',
    ],
  },
  'timed-out': {
    summary: 'no answer in time',
    examples: [
      { kind: 'timed-out', step: `asking ${ECR} for an authorization token`, limitMs: 20_000, endpoint: API },
    ],
    meaning: 'The step that took too long is named. A firewall that drops packets looks so.',
    remedy: ['Look at the network and `HTTPS_PROXY`; `AWS_ECR_TIMEOUT` sets the limit.'],
  },
  throttled: {
    summary: 'too many requests',
    examples: [{ kind: 'throttled', service: ECR }],
    meaning: "The account's requests to this service are limited, and the limit was met three times.",
    remedy: ['Wait a minute.', 'Keep the cache on, and let the jobs of a machine share one directory.'],
  },
  'bad-response': {
    summary: 'an answer that is not of AWS',
    examples: [
      {
        kind: 'bad-response',
        service: ECR,
        endpoint: API,
        reason: 'it is an HTML page, as a proxy or the sign-in page of a network sends it',
      },
      {
        kind: 'bad-response',
        service: ECR,
        reason: 'it is not of the form that this service answers in',
      },
    ],
    meaning: "A proxy, a sign-in page or a wrong endpoint answers in AWS's place.",
    remedy: ['Sign in to the network; look at `AWS_ENDPOINT_URL*` and the proxy.'],
  },
  'service-failed': {
    summary: 'AWS says that it failed',
    examples: [
      {
        kind: 'service-failed',
        service: ECR,
        code: 'ServerException (status 500)',
        detail: 'no reason given',
      },
    ],
    meaning: 'An error of the service, or one that this program has no better words for.',
    remedy: ['Try again in a minute.', 'While a valid token is cached, it is served.'],
  },
  'setting-invalid': {
    summary: 'a variable or setting that cannot be used',
    examples: [
      {
        kind: 'setting-invalid',
        name: 'AWS_ECR_TIMEOUT',
        value: 'soon',
        wanted: 'a number of seconds from 1 to 600',
      },
    ],
    meaning: 'The message says what it must be.',
    remedy: ['Correct it.'],
  },
  internal: {
    summary: 'a mistake in this program',
    examples: [{ kind: 'internal', detail: 'TypeError: x is not a function' }],
    meaning: 'Something happened that was not foreseen.',
    remedy: [
      'Report it, with `docker-credential-ecr-login doctor --json` and the log file. Both hold no secrets.',
    ],
  },
} satisfies Partial<ErrorEntries>;
