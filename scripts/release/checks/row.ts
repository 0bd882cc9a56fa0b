// Owns one line of the table that a release ends with. Must not know how it came about.

/** What became of an artefact in one place. */
export interface Row {
  readonly artefact: string;
  readonly where: string;
  readonly result: 'passed' | 'failed' | 'not run';
  readonly detail: string;
}

/** Does the work and makes a line of it; whatever it throws is the failure's detail. */
export async function rowOf(
  artefact: string,
  where: string,
  work: () => string | Promise<string>,
): Promise<Row> {
  try {
    return { artefact, where, result: 'passed', detail: await work() };
  } catch (error) {
    return {
      artefact,
      where,
      result: 'failed',
      detail: String(error instanceof Error ? error.message : error),
    };
  }
}
