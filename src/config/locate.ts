// Owns the way back from a mistake in the config file to its line, and the guess at the key that was meant.
// Loaded only to tell of a mistake; the reading itself is `file.ts`.
import { readFileSync } from 'node:fs';
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { Problem } from '../errors.ts';

/** The line (from 1) of a mistake, where it can be found, and its reason with a suggestion. */
export function locateInConfig(problem: Extract<Problem, { kind: 'config-invalid' }>): {
  line?: number;
  reason: string;
} {
  const reason = problem.reason + suggestion(String(problem.at.at(-1) ?? ''), problem.known ?? []);
  let text: string;
  try {
    text = readFileSync(problem.file, 'utf8');
  } catch {
    return { reason };
  }
  return locate(text, { ...problem, reason });
}

/** As {@link locateInConfig}, with the text given. */
export function locate(
  text: string,
  { at, reason }: { at: readonly (string | number)[]; reason: string },
): { line?: number; reason: string } {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  if (reason === 'syntax') {
    const [first] = errors;
    if (first === undefined) return { reason: 'it is not JSON' };
    return {
      line: lineAt(text, first.offset),
      reason: `it is not JSON: ${words(printParseErrorCode(first.error))}`,
    };
  }
  const node = root === undefined ? undefined : findNodeAtLocation(root, [...at]);
  const key: Node | undefined = node?.parent?.type === 'property' ? node.parent : node;
  return key === undefined ? { reason } : { line: lineAt(text, key.offset), reason };
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** `CommaExpected` → `comma expected`. */
function words(code: string): string {
  return code.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}

/** `; did you mean "profile"?` for a key that is a slip or two away from a known one, else the list of known keys. */
function suggestion(key: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const nearest = known
    .map((name) => ({ name, distance: editDistance(key.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  if (nearest !== undefined && nearest.distance <= Math.max(2, Math.floor(nearest.name.length / 3)))
    return `; did you mean "${nearest.name}"?`;
  return `; known are ${known.join(', ')}`;
}

/** Levenshtein's distance: how many letters to add, drop or change. */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(change, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
