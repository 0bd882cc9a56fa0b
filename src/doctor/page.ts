// Owns how the findings look: marks and colour for a person at a terminal, plain words elsewhere, JSON for a bug report.
import type { Finding, Section } from './finding.ts';

/** `color` is for a terminal whose user did not set NO_COLOR (https://no-color.org); `words` for pipes, files and build logs. */
export type PageStyle = 'color' | 'marks' | 'words';

interface Look {
  readonly mark: string;
  readonly color: number;
}

const LOOKS: Readonly<Record<Finding['status'], Look>> = {
  ok: { mark: '✓', color: 32 },
  warning: { mark: '!', color: 33 },
  broken: { mark: '✗', color: 31 },
};

/** The page as text; `next` is what to do after a page without problems. */
export function renderPage(sections: readonly Section[], style: PageStyle, next?: string): string {
  const parts = sections
    .filter(({ findings }) => findings.length > 0)
    .map(({ title, findings }) =>
      [title, ...findings.map((finding) => renderFinding(finding, style))].join('\n'),
    );
  return [...parts, summary(sections) + (next === undefined ? '' : `\n${next}`)].join('\n\n');
}

/** The page for `--json`: sections and findings as they are, with what counts as the result. */
export function renderJson(sections: readonly Section[], about: Readonly<Record<string, string>>): string {
  return JSON.stringify({ ...about, healthy: countOf(sections, 'broken') === 0, sections }, undefined, 2);
}

/** How many findings have a status. */
export function countOf(sections: readonly Section[], status: Finding['status']): number {
  return sections.flatMap(({ findings }) => findings).filter((finding) => finding.status === status).length;
}

function renderFinding({ status, text, fix }: Finding, style: PageStyle): string {
  return `  ${label(status, style)} ${text}${fix === undefined ? '' : `\n      fix: ${fix}`}`;
}

/** Without a terminal nobody knows which characters the reader can show, and a word is easier to search for than a mark. */
function label(status: Finding['status'], style: PageStyle): string {
  const { mark, color } = LOOKS[status];
  if (style === 'words') return `${status}:`;
  return style === 'color' ? `\x1b[${color}m${mark}\x1b[0m` : mark;
}

function summary(sections: readonly Section[]): string {
  const count = (status: 'broken' | 'warning', word: string): string => {
    const number = countOf(sections, status);
    return number === 0 ? '' : `${number} ${word}${number === 1 ? '' : 's'}`;
  };
  const parts = [count('broken', 'problem'), count('warning', 'warning')].filter((part) => part !== '');
  return parts.length === 0 ? 'no problems found' : parts.join(', ');
}
