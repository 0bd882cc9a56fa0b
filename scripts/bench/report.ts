// Owns how the results are told: the table on the terminal and the numbers in results.json.
// Must not leave anything out: every series of every row is shown, with its spread.
import { cpus, release } from 'node:os';
import type { Measured } from './measure.ts';
import type { Row } from './rows.ts';
import { quantile, type Ratio, ratioOfMedians, type Summary, summarize } from './statistics.ts';

/** One line of the table, and one entry of results.json. */
export interface Result {
  readonly row: string;
  readonly title: string;
  readonly program: string;
  readonly name: string;
  readonly transport: 'tls' | 'plain';
  readonly pairs: number;
  readonly wallMs: Summary;
  /** Against Debian's helper in the same pairs; absent where it did not take part. */
  readonly ratio?: Ratio;
  /** Processor time of all processes of a parallel row together. */
  readonly cpuMs?: number;
  readonly peakMib?: number;
  readonly requests: number;
}

/** The whole file. */
export interface Results {
  readonly measuredAt: string;
  readonly machine: string;
  readonly node: string;
  readonly results: readonly Result[];
}

/** A row's measurements in numbers. */
export function resultsOf(row: Row, measured: readonly Measured[]): Result[] {
  const debian = measured.find(({ series }) => series.contender.id === 'debian');
  return measured.map(({ series, wallMs, cpuMs, peakKib, requests }) => ({
    row: row.id,
    title: row.title,
    program: series.contender.id,
    name: series.contender.name,
    transport: series.transport,
    pairs: wallMs.length,
    wallMs: summarize(wallMs),
    ...(debian === undefined || debian.series === series
      ? {}
      : { ratio: ratioOfMedians(wallMs, debian.wallMs) }),
    ...(cpuMs.length === 0 ? {} : { cpuMs: quantile(cpuMs, 0.5) }),
    ...(peakKib.length === 0 ? {} : { peakMib: quantile(peakKib, 0.5) / 1024 }),
    requests,
  }));
}

/** All results with what they were measured on. */
export function document(results: readonly Result[]): Results {
  const processors = cpus();
  return {
    measuredAt: new Date().toISOString().slice(0, 10),
    machine: `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}, ${process.platform} ${release()}`,
    node: process.version,
    results,
  };
}

const COLUMNS = [
  [
    '',
    'program',
    'way to AWS',
    'median ms',
    'p10 – p90',
    'against Debian (95 %)',
    'CPU ms',
    'MiB',
    'requests',
  ],
] as const;

/** The table for a terminal: native and Debian's helper first, the npm and pkg executables in a table of their own. */
export function table(results: readonly Result[]): string {
  const apart = (result: Result): boolean => result.program === 'npm' || result.program === 'pkg';
  const parts = [results.filter((result) => !apart(result)), results.filter(apart)];
  return parts.map((part) => lines([...COLUMNS.map((row) => [...row]), ...cells(part)])).join('\n');
}

function cells(results: readonly Result[]): string[][] {
  return results.map((result, index) => [
    results[index - 1]?.row === result.row ? '' : result.title,
    result.name,
    WAYS[result.transport],
    fixed(result.wallMs.median),
    `${fixed(result.wallMs.p10)} – ${fixed(result.wallMs.p90)}`,
    result.ratio === undefined
      ? ''
      : `${fixed(result.ratio.ratio)} (${fixed(result.ratio.low)} – ${fixed(result.ratio.high)})`,
    result.cpuMs === undefined ? '' : result.cpuMs.toFixed(0),
    result.peakMib === undefined ? '' : result.peakMib.toFixed(1),
    String(result.requests),
  ]);
}

const WAYS = { tls: 'TLS, proxy', plain: 'plain HTTP' } as const;

function fixed(value: number): string {
  return value.toFixed(2);
}

/** Words to the left, numbers to the right, columns as wide as they must be. */
function lines(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number): string =>
    column < 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => `${row.map(pad).join('  ').trimEnd()}\n`).join('');
}
