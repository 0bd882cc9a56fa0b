// Owns how recorded commands look as a picture: an SVG of text, readable in light and in dark mode, without a font of its own.
// Must not change what was recorded, but for empty lines, which are left out, and long ones, which are folded.

/** A command, and all that it printed. */
export interface Scene {
  readonly command: string;
  readonly output: string;
}

interface Line {
  readonly text: string;
  readonly style: 'command' | 'good' | 'bad' | 'heading' | 'plain';
}

const COLUMNS = 100;
const FONT = 13;
/** What a monospaced letter takes, of its height. */
const ADVANCE = 0.602;
const LEADING = 19;
const MARGIN = 18;
const BAR = 30;

/** The picture of the commands, one after the other. */
export function drawTerminal(scenes: readonly Scene[]): string {
  const lines = scenes.flatMap((scene, index) => [
    ...(index === 0 ? [] : [{ text: '', style: 'plain' } as const]),
    ...fold(`$ ${scene.command}`).map((text) => ({ text, style: 'command' }) as const),
    ...scene.output.replaceAll('\t', '    ').split('\n').filter(isNotBlank).flatMap(lineOf),
  ]);
  const width = Math.ceil(COLUMNS * FONT * ADVANCE) + 2 * MARGIN;
  const height = BAR + lines.length * LEADING + MARGIN;
  const title = scenes.map(({ command }) => command).join(', then ');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">
<title id="title">${escapeXml(`A terminal: ${title}`)}</title>
<style>
.ground { fill: #ffffff; stroke: #d0d7de; }
text { font: ${FONT}px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2328; white-space: pre; }
.command { fill: #0550ae; font-weight: bold; }
.good { fill: #116329; }
.bad { fill: #a40e26; }
.heading { font-weight: bold; }
.dot { fill: #afb8c1; }
@media (prefers-color-scheme: dark) {
.ground { fill: #0d1117; stroke: #3d444d; }
text { fill: #e6edf3; }
.command { fill: #79c0ff; }
.good { fill: #7ee787; }
.bad { fill: #ff9492; }
.dot { fill: #3d444d; }
}
</style>
<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${[0, 1, 2].map((index) => `<circle class="dot" cx="${MARGIN + 5 + index * 18}" cy="17" r="5"/>`).join('')}
${lines
  .map(({ text, style }, index) => drawLine(text, style, BAR + index * LEADING + 14))
  .filter((line) => line !== '')
  .join('\n')}
</svg>
`;
}

function drawLine(text: string, style: Line['style'], y: number): string {
  if (text === '') return '';
  // Without the attribute older readers of SVG take leading spaces away.
  return `<text class="${style}" x="${MARGIN}" y="${y}" xml:space="preserve">${escapeXml(text)}</text>`;
}

function isNotBlank(text: string): boolean {
  return text.trim() !== '';
}

function lineOf(text: string): Line[] {
  return fold(text).map((part) => ({ text: part, style: styleOf(text) }));
}

/** In the colours that `doctor` has on a terminal. */
function styleOf(text: string): Line['style'] {
  if (/^\s*(ok|Status): |^\+(?!\+)/.test(text)) return 'good';
  if (/^\s*(broken|warning): |^-(?!-)/.test(text)) return 'bad';
  return /^[a-z]+$/.test(text) ? 'heading' : 'plain';
}

/** Folds at a space where there is one, and indents what follows. */
function fold(text: string): string[] {
  if (text.length <= COLUMNS) return [text];
  const space = text.lastIndexOf(' ', COLUMNS);
  const indent = ' '.repeat(/^\s*/.exec(text)?.[0].length ?? 0);
  const at = space > indent.length ? space : COLUMNS;
  return [text.slice(0, at), ...fold(`${indent}    ${text.slice(at).trimStart()}`)];
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
