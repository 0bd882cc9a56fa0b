// Owns the benchmark: our executables against Debian's amazon-ecr-credential-helper, whole processes, in pairs.
// Usage: npm run bench [-- --pairs=60] [--rows=cold,cached-keys] [--out=bench]
// Must not time anything while it does something else: one process runs at a time, but for the loopback AWS.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startAws } from './bench/aws.ts';
import { chart } from './bench/chart.ts';
import { debianContender, floorContenders, ourContenders } from './bench/contenders.ts';
import { canMeasureResources, measureRow } from './bench/measure.ts';
import { document, type Result, resultsOf, table } from './bench/report.ts';
import { allRows } from './bench/rows.ts';

const root = join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '60' },
    rows: { type: 'string', default: '' },
    out: { type: 'string', default: join(root, 'bench') },
  },
});
const wanted = values.rows === '' ? [] : values.rows.split(',');
const directory = mkdtempSync(join(tmpdir(), 'bench-'));
const debian = debianContender();
if (debian === undefined)
  console.log(
    "Debian's helper is not installed, so only ours is measured: apt-get install amazon-ecr-credential-helper\n",
  );
if (!canMeasureResources())
  console.log(
    'GNU time is not installed, so peak memory and processor time are not measured: apt-get install time\n',
  );

const aws = await startAws(directory);
try {
  const field = { ...ourContenders(root), debian, floor: floorContenders(root, directory) };
  const rows = allRows(field).filter(({ id }) => wanted.length === 0 || wanted.includes(id));
  const results: Result[] = [];
  for (const row of rows) {
    const measured = await measureRow(row, { aws, directory, pairs: Number(values.pairs) });
    results.push(...resultsOf(row, measured));
    process.stderr.write(`${row.title}: done\n`);
  }
  const all = document(results);
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, 'results.json'), `${JSON.stringify(all, null, 2)}\n`);
  writeFileSync(join(values.out, 'chart.svg'), chart(all));
  console.log(`${all.machine}, ${values.pairs} pairs\n\n${table(results)}`);
} finally {
  aws.stop();
  rmSync(directory, { recursive: true, force: true });
}
