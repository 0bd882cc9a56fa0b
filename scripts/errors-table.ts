// Owns that every kind of failure is on the page: TypeScript refuses a table that lacks a kind of `src/errors.ts`.
// What the page says beside the program's own words stands in the two parts.
import type { Problem } from '../src/errors.ts';
import { IDENTITY_ERRORS } from './errors-identity.ts';
import { SERVICE_ERRORS } from './errors-service.ts';

/** One kind of failure. */
export type ErrorEntries = {
  readonly [K in Problem['kind']]: {
    /** For the list at the top. */
    readonly summary: string;
    readonly examples: readonly Extract<Problem, { kind: K }>[];
    readonly meaning: string;
    readonly remedy: readonly string[];
  };
};

export const ERRORS: ErrorEntries = { ...IDENTITY_ERRORS, ...SERVICE_ERRORS };
