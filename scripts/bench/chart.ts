// Owns the chart: one pair of bars a row, the native executable and Debian's helper, readable on light and on dark.
// Must not measure or reckon: it draws what results.json holds.
import type { Result, Results } from './report.ts';

const WIDTH = 760;
const LABELS = 280;
const BAR = 12;
const ROW = 44;
const TOP = 64;
const VALUES = 70;

/** The chart as an SVG document; only rows in which the native executable took part, in milliseconds of wall time. */
export function chart({ results, machine, measuredAt }: Results): string {
  const shown = results.filter(
    ({ program, transport }) => transport === 'tls' && (program === 'native' || program === 'debian'),
  );
  const rows = [...new Set(shown.map(({ row }) => row))];
  const longest = Math.max(...shown.map(({ wallMs }) => wallMs.median));
  const scale = (WIDTH - LABELS - VALUES) / longest;
  const names = [...new Map(shown.map(({ program, name }) => [program, name]))];
  const height = TOP + rows.length * ROW + 34;
  const body = rows.flatMap((row, index) => {
    const bars = shown.filter((result) => result.row === row);
    const y = TOP + index * ROW;
    return [
      text(LABELS - 12, y + BAR + 5, bars[0]?.title ?? row, 'end'),
      ...bars.flatMap((result, place) => bar(result, y + place * (BAR + 3), scale)),
    ];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Wall time of one get, native executable and Debian's helper">
<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.small { font-size: 11px; fill: #59636e }
.native { fill: #0969da }
.debian { fill: #afb8c1 }
.spread { stroke: #1f2328; stroke-width: 1 }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc } .small { fill: #9198a1 } .native { fill: #4493f8 } .debian { fill: #656c76 } .spread { stroke: #f0f6fc }
}
</style>
${text(LABELS, 20, 'Wall time of the whole process in ms: median, p10 to p90')}
${names.map(([program, name], index) => legend(program, name, LABELS + index * 130)).join('\n')}
${body.join('\n')}
${text(12, height - 10, `${machine}; ${measuredAt}`, 'start', 'small')}
</svg>
`;
}

function bar({ program, wallMs }: Result, y: number, scale: number): string[] {
  const at = (ms: number): string => (LABELS + ms * scale).toFixed(1);
  const middle = y + BAR / 2;
  return [
    `<rect class="${program}" x="${LABELS}" y="${y}" width="${(wallMs.median * scale).toFixed(1)}" height="${BAR}"/>`,
    `<line class="spread" x1="${at(wallMs.p10)}" x2="${at(wallMs.p90)}" y1="${middle}" y2="${middle}"/>`,
    text(
      LABELS + Math.max(wallMs.median, wallMs.p90) * scale + 6,
      y + BAR - 2,
      wallMs.median.toFixed(1),
      'start',
      'small',
    ),
  ];
}

function legend(program: string, name: string, x: number): string {
  return `<rect class="${program}" x="${x}" y="34" width="${BAR}" height="${BAR}"/>${text(x + BAR + 6, 45, name)}`;
}

function text(x: number, y: number, words: string, anchor: 'start' | 'end' = 'start', kind = ''): string {
  const escaped = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x.toFixed(1)}" y="${y}" text-anchor="${anchor}"${kind && ` class="${kind}"`}>${escaped}</text>`;
}
