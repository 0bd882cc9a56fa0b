// Owns how the findings look: marks and colour for a person at a terminal, plain words elsewhere, JSON for a bug report.
import type { Finding, Section } from './finding.ts';

const MARKS: Readonly<
  Record<Finding['status'], { readonly mark: string; readonly word: string; readonly color: number }>
> = {
  ok: { mark: '✓', word: 'ok', color: 32 },
  warning: { mark: '!', word: 'warning', color: 33 },
  broken: { mark: '✗', word: 'broken', color: 31 },
};

/** The page as text; `isColored` for a terminal whose user did not set NO_COLOR (https://no-color.org). */
export function renderPage(sections: readonly Section[], isColored: boolean): string {
  const parts = sections
    .filter(({ findings }) => findings.length > 0)
    .map(({ title, findings }) =>
      [title, ...findings.map((finding) => renderFinding(finding, isColored))].join('\n'),
    );
  return [...parts, summary(sections)].join('\n\n');
}

/** The page for `--json`: sections and findings as they are, with what counts as the result. */
export function renderJson(sections: readonly Section[], about: Readonly<Record<string, string>>): string {
  return JSON.stringify({ ...about, healthy: countOf(sections, 'broken') === 0, sections }, undefined, 2);
}

/** How many findings have a status. */
export function countOf(sections: readonly Section[], status: Finding['status']): number {
  return sections.flatMap(({ findings }) => findings).filter((finding) => finding.status === status).length;
}

function renderFinding({ status, text, fix }: Finding, isColored: boolean): string {
  const { mark, color } = MARKS[status];
  const shown = isColored ? `\x1b[${color}m${mark}\x1b[0m` : mark;
  return `  ${shown} ${text}${fix === undefined ? '' : `\n      fix: ${fix}`}`;
}

function summary(sections: readonly Section[]): string {
  const count = (status: 'broken' | 'warning', word: string): string => {
    const number = countOf(sections, status);
    return number === 0 ? '' : `${number} ${word}${number === 1 ? '' : 's'}`;
  };
  const parts = [count('broken', 'problem'), count('warning', 'warning')].filter((part) => part !== '');
  return parts.length === 0 ? 'no problems found' : parts.join(', ');
}
