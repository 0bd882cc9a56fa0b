// Owns the benchmark's side of the loopback AWS: who exists there, starting its process, and asking what was requested.
// Must not time anything.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { makeCertificates } from './certificates.ts';

/** The registry that every helper is asked for. */
export const REGISTRY = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
export const REGION = 'us-east-1';
/** The benchmark's user; the loopback believes nobody else. */
export const KEYS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
export const USER_ARN = 'arn:aws:iam::123456789012:user/alice';
export const ROLE_ARN = 'arn:aws:iam::123456789012:role/puller';
export const SSO = {
  startUrl: 'https://loopback.awsapps.com/start',
  accountId: '123456789012',
  roleName: 'Puller',
};

/** When AWS answers: at once, or after `LATE_MS`. */
export type Pace = 'prompt' | 'late';
export const LATE_MS = 50;

/** Where one loopback is, and the SSO token that it takes. */
export interface Place {
  /** Plain HTTP, for programs that take an endpoint. */
  readonly url: string;
  /** A CONNECT proxy with TLS behind it, for programs that do not. */
  readonly proxy: string;
  readonly ssoTokenFile: string;
}

/** What the loopback process says. */
export type LoopbackReply =
  | { readonly kind: 'ready'; readonly prompt: Place; readonly late: Place }
  | { readonly kind: 'requests'; readonly services: readonly string[] };

/** The running loopback AWS. */
export interface Aws {
  readonly places: Readonly<Record<Pace, Place>>;
  /** PEM file of the authority that signed the TLS certificate. */
  readonly authority: string;
  /** The services asked since the last call. */
  takeRequests(pace: Pace): Promise<readonly string[]>;
  stop(): void;
}

const HOSTS = ['api.ecr', 'sts', 'portal.sso', 'oidc'].map((service) => `${service}.${REGION}.amazonaws.com`);

/** Starts the loopback in a process of its own; its keys go into `directory`. */
export async function startAws(directory: string): Promise<Aws> {
  const { authority, certificate, key } = makeCertificates(directory, HOSTS);
  const child = fork(join(import.meta.dirname, 'loopback.ts'), [certificate, key, String(LATE_MS)]);
  const ready = await answer(child);
  if (ready.kind !== 'ready') throw new Error('the loopback AWS did not start');
  return {
    places: { prompt: ready.prompt, late: ready.late },
    authority,
    async takeRequests(pace) {
      const answered = answer(child);
      child.send(pace);
      const reply = await answered;
      return reply.kind === 'requests' ? reply.services : [];
    },
    stop: () => child.disconnect(),
  };
}

async function answer(child: ChildProcess): Promise<LoopbackReply> {
  const settled = new AbortController();
  const { signal } = settled;
  const failed = once(child, 'exit', { signal }).then(() => {
    throw new Error('the loopback AWS ended');
  });
  try {
    const [message] = await Promise.race([once(child, 'message', { signal }), failed]);
    return message as LoopbackReply;
  } finally {
    failed.catch(() => {});
    settled.abort();
  }
}
