// Owns the shape of one staged fault: how the healthy machine is damaged, and what `doctor` must then say.
import type { Env } from '../world.ts';
import type { Clinic, ClinicOptions } from './clinic.ts';

/** A fault, and its one line on the page. */
export interface FaultRow {
  readonly name: string;
  readonly options?: ClinicOptions;
  /** Damages the machine; gives the variables of the run. */
  readonly arrange?: (clinic: Clinic) => Env | undefined | Promise<Env | undefined>;
  /** What doctor is asked about, after the registry's host; without it about the machine alone. */
  readonly path?: string;
  /** Another host than the clinic's registry. */
  readonly host?: string;
  readonly status: 'broken' | 'warning';
  readonly text: RegExp;
  readonly fix: RegExp;
}
