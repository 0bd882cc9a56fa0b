// Owns running and timing: whole processes, one after another, in an order that turns round with every pair.
// Must not judge: every timed run counts, and a run that fails ends the benchmark.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Aws, REGISTRY } from './aws.ts';
import { transportEnvironment } from './contenders.ts';
import { forgetTokens, type Home, makeHome } from './homes.ts';
import type { Row, Series } from './rows.ts';

/** What was measured of one series; each list has one value a run. */
export interface Measured {
  readonly series: Series;
  readonly wallMs: readonly number[];
  /** Of one run, all processes of it together; empty where GNU time is not installed. */
  readonly cpuMs: readonly number[];
  /** Peak resident memory of one process; empty for rows of many processes and without GNU time. */
  readonly peakKib: readonly number[];
  /** Requests that AWS got in one run, of all its processes. */
  readonly requests: number;
}

/** What all measurements share. */
export interface Bench {
  readonly aws: Aws;
  /** For homes and requests; empty at the start. */
  readonly directory: string;
  readonly pairs: number;
}

const WARM_UP_RUNS = 3;
const MEMORY_RUNS = 7;
/** GNU time is small, so its child does not inherit the memory of a large parent, as a child of Node does. */
const GNU_TIME = '/usr/bin/time';
/** Runs the arguments after the first as often as the first says, at once, and waits for all. */
const AT_ONCE = 'n=$1; shift; while [ $n -gt 0 ]; do "$@" <"$REQUEST" >/dev/null & n=$((n-1)); done; wait';

/** Whether peak memory and processor time can be told. */
export function canMeasureResources(): boolean {
  return existsSync(GNU_TIME);
}

/** Measures a row: a warm-up, then pairs of runs, then a few runs for the memory. */
export async function measureRow(row: Row, bench: Bench): Promise<Measured[]> {
  const runners = row.series.map((series) => runner(row, series, bench));
  for (const run of runners) for (let i = 0; i < WARM_UP_RUNS; i++) run.check();
  const counts: number[] = [];
  for (const run of runners) {
    await bench.aws.takeRequests(row.pace);
    run.time();
    counts.push((await bench.aws.takeRequests(row.pace)).length);
  }
  const wallMs: number[][] = runners.map(() => []);
  for (let pair = 0; pair < bench.pairs; pair++) {
    const order = [...runners.keys()];
    if (pair % 2 === 1) order.reverse();
    for (const index of order) wallMs[index]?.push(runners[index]?.time() ?? Number.NaN);
  }
  return runners.map((run, index) => ({
    series: run.series,
    wallMs: wallMs[index] ?? [],
    ...resources(row, run),
    requests: counts[index] ?? Number.NaN,
  }));
}

interface Runner {
  readonly series: Series;
  /** One process, whose answer is looked at. */
  check(): void;
  /** A run whose time is taken, in ms. */
  time(): number;
  /** A run under GNU time. */
  resources(): { cpuMs: number; peakKib: number };
}

function runner(row: Row, series: Series, { aws, directory }: Bench): Runner {
  const place = aws.places[row.pace];
  const home = makeHome(
    join(directory, `${row.id}-${series.contender.id}-${series.transport}`),
    row.source,
    place,
    transportEnvironment(series.transport, place, aws.authority),
  );
  const request = join(directory, 'request');
  writeFileSync(request, REGISTRY);
  const [program, ...argv] = [...series.contender.command, row.argument];
  const command =
    row.processes === 1 ? [program, ...argv] : ['/bin/sh', '-c', AT_ONCE, 'sh', String(row.processes)];
  const whole = row.processes === 1 ? command : [...command, program, ...argv];
  const environment = { ...home.environment, REQUEST: request };
  const prepare = (): void => {
    if (row.cache === 'cold') forgetTokens(home);
  };
  return {
    series,
    check() {
      prepare();
      const { stdout } = succeed(run([program, ...argv], request, environment, 'pipe'), series, row);
      const isHelper = series.contender.id !== 'true' && series.contender.id !== 'empty';
      if (row.argument === 'get' && isHelper && !/"Username": ?"AWS"/.test(stdout))
        throw new Error(`${series.contender.name} gave no credentials for "${row.title}": ${stdout}`);
    },
    time() {
      prepare();
      const { result, elapsedMs } = timed(whole, request, environment);
      succeed(result, series, row);
      return elapsedMs;
    },
    resources: () => underGnuTime(whole, home, request, environment, prepare),
  };
}

function resources(row: Row, run: Runner): Pick<Measured, 'cpuMs' | 'peakKib'> {
  if (!canMeasureResources()) return { cpuMs: [], peakKib: [] };
  const runs = Array.from({ length: MEMORY_RUNS }, () => run.resources());
  return {
    cpuMs: row.processes === 1 ? [] : runs.map(({ cpuMs }) => cpuMs),
    peakKib: row.processes === 1 ? runs.map(({ peakKib }) => peakKib) : [],
  };
}

/** Only the process itself stands between the two looks at the clock: its standard input is opened before, nothing is read back. */
function timed(
  command: readonly string[],
  request: string,
  environment: Readonly<Record<string, string>>,
): { result: SpawnSyncReturns<string>; elapsedMs: number } {
  const [program = '', ...argv] = command;
  const input = openSync(request, 'r');
  const options = {
    env: environment,
    stdio: [input, 'ignore', 'ignore'] as const,
    encoding: 'utf8' as const,
  };
  const startedAt = process.hrtime.bigint();
  const result = spawnSync(program, argv, { ...options, stdio: [...options.stdio] });
  const elapsedMs = Number(process.hrtime.bigint() - startedAt) / 1e6;
  closeSync(input);
  return { result, elapsedMs };
}

function run(
  command: readonly string[],
  request: string,
  env: Readonly<Record<string, string>>,
  stdout: 'pipe' | 'ignore',
): SpawnSyncReturns<string> {
  const [program = '', ...argv] = command;
  const input = openSync(request, 'r');
  try {
    return spawnSync(program, argv, { env, stdio: [input, stdout, 'pipe'], encoding: 'utf8' });
  } finally {
    closeSync(input);
  }
}

function underGnuTime(
  command: readonly string[],
  home: Home,
  request: string,
  environment: Readonly<Record<string, string>>,
  prepare: () => void,
): { cpuMs: number; peakKib: number } {
  prepare();
  const report = join(home.directory, 'time');
  run([GNU_TIME, '-o', report, '-f', '%U %S %M', ...command], request, environment, 'ignore');
  const [user = 0, system = 0, peakKib = 0] = readFileSync(report, 'utf8').trim().split(' ').map(Number);
  return { cpuMs: (user + system) * 1000, peakKib };
}

function succeed(
  result: SpawnSyncReturns<string>,
  { contender }: Series,
  row: Row,
): SpawnSyncReturns<string> {
  if (result.status === 0) return result;
  const reason = result.error?.message ?? `${result.stdout ?? ''}${result.stderr ?? ''}`;
  throw new Error(`${contender.name} failed in "${row.title}": ${reason}`);
}
