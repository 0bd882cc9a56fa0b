// Owns the kinds of failure and the error that carries one. Words for people are in `explain.ts`, so that the path
// of an answered `get` does not load them. Must not hold a secret: what stands in a Problem may be printed and logged.

/** What went wrong, typed; every member is safe to print (no token, no key, no user info or query of a URL). */
export type Problem =
  | { readonly kind: 'no-credentials'; readonly tried: readonly string[]; readonly hint?: string }
  /** A host that is no registry of Amazon ECR, where a person or a program asked for its token. */
  | { readonly kind: 'not-ecr'; readonly host: string }
  | {
      readonly kind: 'profile-not-found';
      readonly profile: string;
      readonly known: readonly string[];
      readonly files: readonly string[];
      /** The profile that names the missing one as its source_profile. */
      readonly namedBy?: string;
      /** Whether a registry rule names it, and no variable. */
      readonly byRule?: boolean;
    }
  | {
      readonly kind: 'profile-invalid';
      readonly profile: string;
      readonly reason: string;
      readonly hint?: string;
    }
  | {
      readonly kind: 'malformed-file';
      readonly file: string;
      readonly line?: number;
      readonly reason: string;
    }
  | {
      readonly kind: 'config-invalid';
      readonly file: string;
      /** Keys and indexes from the root; the line is found when the failure is told. */
      readonly at: readonly (string | number)[];
      /** What must be otherwise, or `syntax` for text that is not JSON. */
      readonly reason: string;
      /** The keys that are known, where one is not. */
      readonly known?: readonly string[];
    }
  | { readonly kind: 'profile-not-guessed'; readonly account: string; readonly candidates: readonly string[] }
  | {
      readonly kind: 'unreadable-file';
      readonly file: string;
      readonly code: string;
      /** The variable or setting that names the file. */
      readonly namedBy?: string;
    }
  | { readonly kind: 'file-not-written'; readonly file: string; readonly reason: string }
  /** Somebody else wrote the file while it was being edited. */
  | { readonly kind: 'file-changed'; readonly file: string }
  /** The helper for the hosts that are not ECR's could not be asked. */
  | {
      readonly kind: 'fallback-failed';
      readonly helper: string;
      readonly reason: string;
      readonly hint: string;
    }
  | {
      readonly kind: 'access-denied';
      /** The IAM action, such as `ecr:GetAuthorizationToken`. */
      readonly action: string;
      /** ARN of the caller, when AWS says it. */
      readonly caller?: string;
      readonly detail?: string;
    }
  | {
      readonly kind: 'credentials-rejected';
      readonly source: string;
      readonly service: string;
      readonly detail: string;
    }
  | { readonly kind: 'credentials-expired'; readonly source: string; readonly detail: string }
  | { readonly kind: 'sso-expired'; readonly profile: string; readonly session?: string }
  | { readonly kind: 'login-expired'; readonly profile: string }
  | {
      readonly kind: 'source-failed';
      readonly source: string;
      readonly reason: string;
      readonly hint?: string;
    }
  | {
      readonly kind: 'mfa-needed';
      readonly profile: string;
      readonly serial: string;
      readonly reason: string;
    }
  | { readonly kind: 'clock-skew'; readonly detail: string }
  | {
      readonly kind: 'name-not-resolved';
      readonly host: string;
      readonly region?: string;
      /** What the resolver said, unless it was that there is no such host. */
      readonly code?: string;
    }
  | {
      readonly kind: 'connection-failed';
      readonly endpoint: string;
      readonly reason: string;
      /** The proxy in force, here and below: scheme, host and port. */
      readonly proxy?: string;
    }
  | {
      readonly kind: 'tls-failed';
      readonly endpoint: string;
      readonly proxy?: string;
      /** What is wrong, as the network names it. */
      readonly flaw: string;
      readonly code: string;
      /** Whose certificates are trusted. */
      readonly authorities: string;
    }
  | {
      readonly kind: 'ca-bundle-invalid';
      /** The variable or setting that names the file. */
      readonly name: string;
      readonly file: string;
      readonly reason: string;
    }
  | {
      readonly kind: 'proxy-failed';
      readonly proxy: string;
      readonly endpoint: string;
      readonly reason: string;
    }
  | {
      readonly kind: 'timed-out';
      readonly step: string;
      readonly limitMs: number;
      /** Where the latest request went. */
      readonly endpoint?: string;
      readonly proxy?: string;
    }
  | { readonly kind: 'throttled'; readonly service: string }
  | {
      readonly kind: 'bad-response';
      readonly service: string;
      readonly reason: string;
      readonly endpoint?: string;
      readonly proxy?: string;
    }
  | {
      readonly kind: 'service-failed';
      readonly service: string;
      readonly code: string;
      readonly detail: string;
    }
  | {
      readonly kind: 'setting-invalid';
      readonly name: string;
      readonly value: string;
      readonly wanted: string;
    }
  | { readonly kind: 'internal'; readonly detail: string };

/** A failure with a cause that a person can understand; thrown anywhere, worded in one place. */
export class HelperError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.kind, options);
    this.name = 'HelperError';
    this.problem = problem;
  }
}

/** The failure behind anything thrown: a {@link HelperError} as it is, all else as a bug of ours. */
export function problemOf(error: unknown): Problem {
  if (error instanceof HelperError) return error.problem;
  const name = error instanceof Error ? error.name : typeof error;
  // A parser quotes what it could not read, and that may be a secret.
  const message = error instanceof Error && !(error instanceof SyntaxError) ? error.message : '';
  return { kind: 'internal', detail: message === '' ? name : `${name}: ${message}` };
}
