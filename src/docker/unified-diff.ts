// Owns the unified diff of two texts that a person reads before a file is written. Pure.

const CONTEXT = 3;
/** Beyond this many lines that differ, old and new are shown as two blocks: a table of all pairs would grow too large. */
const TABLE_LIMIT = 1000;

interface Line {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
}

/** The diff with both file names, or the empty string for equal texts; an undefined text is no file. */
export function unifiedDiff(file: string, before: string | undefined, after: string | undefined): string {
  if (before === after) return '';
  const lines = compare(linesOf(before), linesOf(after));
  const head = [
    `--- ${before === undefined ? '/dev/null' : file}`,
    `+++ ${after === undefined ? '/dev/null' : file}`,
  ];
  return [...head, ...hunks(lines)].join('\n');
}

function linesOf(text: string | undefined): string[] {
  if (text === undefined || text === '') return [];
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  if (lines.at(-1) === '') lines.pop();
  else lines.push(`${lines.pop()}\n\\ No newline at end of file`);
  return lines;
}

function compare(before: readonly string[], after: readonly string[]): Line[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  )
    tail++;
  const same = (text: string): Line => ({ mark: ' ', text });
  return [
    ...before.slice(0, head).map(same),
    ...middle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...before.slice(before.length - tail).map(same),
  ];
}

/** The longest common subsequence, by the table of all pairs. */
function middle(before: readonly string[], after: readonly string[]): Line[] {
  const removed = (text: string): Line => ({ mark: '-', text });
  const added = (text: string): Line => ({ mark: '+', text });
  if (before.length > TABLE_LIMIT || after.length > TABLE_LIMIT)
    return [...before.map(removed), ...after.map(added)];
  const lengths: number[][] = Array.from({ length: before.length + 1 }, () => []);
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      (lengths[i] ?? [])[j] =
        before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const old = before[i];
    const next = after[j];
    if (old !== undefined && old === next) {
      lines.push({ mark: ' ', text: old });
      i++;
      j++;
    } else if (old !== undefined && (next === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push(removed(old));
      i++;
    } else {
      lines.push(added(next ?? ''));
      j++;
    }
  }
  return lines;
}

function hunks(lines: readonly Line[]): string[] {
  const shown = lines.map((_, index) =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ mark }) => mark !== ' '),
  );
  const out: string[] = [];
  let oldLine = 1;
  let newLine = 1;
  for (let start = 0; start < lines.length; ) {
    let end = start;
    while (end < lines.length && shown[end] === shown[start]) end++;
    const hunk = lines.slice(start, end);
    const oldCount = hunk.filter(({ mark }) => mark !== '+').length;
    const newCount = hunk.filter(({ mark }) => mark !== '-').length;
    if (shown[start])
      out.push(
        `@@ -${range(oldLine, oldCount)} +${range(newLine, newCount)} @@`,
        ...hunk.map(({ mark, text }) => `${mark}${text}`),
      );
    oldLine += oldCount;
    newLine += newCount;
    start = end;
  }
  return out;
}

/** An empty side is named by the line before it, as diff(1) does. */
function range(line: number, count: number): string {
  return count === 1 ? String(line) : `${count === 0 ? line - 1 : line},${count}`;
}
