// Owns the list of what is compared: one row a question that somebody might ask, and who takes part in it.
// Must not run anything.
import type { Pace } from './aws.ts';
import type { Contender, Transport } from './contenders.ts';
import type { SourceName } from './homes.ts';

/** One question; each pair of runs answers it once for every series. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly argument: 'get' | 'version';
  readonly source: SourceName;
  readonly pace: Pace;
  /** `cold`: the cache is emptied before each run. */
  readonly cache: 'warm' | 'cold';
  /** Processes at once. */
  readonly processes: number;
  readonly series: readonly Series[];
}

/** One program, led to AWS in one way. */
export interface Series {
  readonly contender: Contender;
  readonly transport: Transport;
}

/** Everyone who may take part; Debian's helper only where it is installed. */
export interface Field {
  readonly native: Contender;
  readonly npm: Contender;
  readonly pkg: Contender;
  readonly debian: Contender | undefined;
  readonly floor: readonly Contender[];
}

const PARALLEL = 20;

/** Every row, in the order of the table. */
export function allRows(field: Field): Row[] {
  const tls = (contender: Contender): Series => ({ contender, transport: 'tls' });
  const plain = (contender: Contender): Series => ({ contender, transport: 'plain' });
  const rivals = [tls(field.native), ...(field.debian === undefined ? [] : [tls(field.debian)])];
  const others = [plain(field.npm), plain(field.pkg)];
  const warm = [...rivals, ...others];
  // Debian's helper knows no endpoint setting. Ours takes both ways, so that its own cost can be told from that of TLS.
  const cold = [...rivals, plain(field.native), ...others];
  const get = { argument: 'get', source: 'keys', pace: 'late', cache: 'warm', processes: 1 } as const;
  return [
    { ...get, id: 'floor', title: 'start of a process', series: field.floor.map(plain) },
    { ...get, id: 'version', title: 'version', argument: 'version', series: warm },
    { ...get, id: 'cached-keys', title: 'cached get, environment keys', series: warm },
    { ...get, id: 'cached-role', title: 'cached get, role profile', source: 'role', series: warm },
    { ...get, id: 'cached-sso', title: 'cached get, SSO', source: 'sso', series: warm },
    {
      ...get,
      id: 'cached-instance',
      title: 'cached get, instance metadata',
      source: 'instance',
      series: warm,
    },
    { ...get, id: 'cold', title: 'cold get, AWS at once', cache: 'cold', pace: 'prompt', series: cold },
    { ...get, id: 'cold-late', title: 'cold get, AWS after 50 ms', cache: 'cold', series: cold },
    {
      ...get,
      id: 'parallel-cached',
      title: `${PARALLEL} parallel cached gets`,
      processes: PARALLEL,
      series: warm,
    },
    {
      ...get,
      id: 'parallel-cold',
      title: `${PARALLEL} parallel cold gets, AWS after 50 ms`,
      cache: 'cold',
      processes: PARALLEL,
      series: cold,
    },
  ];
}
