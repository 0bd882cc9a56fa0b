// Owns what a check of `doctor` says. A finding holds names, paths and times, and no secret: it goes into bug reports as it is.
// Must not let through what a terminal would obey: texts come from files, from other programs and from servers.

/** One line of the page. */
export interface Finding {
  readonly status: 'ok' | 'warning' | 'broken';
  /** What was found, one line, lower case. */
  readonly text: string;
  /** What mends it: the next command or deed, for everything that is not `ok`. */
  readonly fix?: string;
}

/** The findings of one part of the page. */
export interface Section {
  readonly title: string;
  readonly findings: readonly Finding[];
}

/** All is well. */
export function ok(text: string): Finding {
  return { status: 'ok', text: oneLine(text) };
}

/** It works, or may work, but not as somebody would expect. */
export function warning(text: string, fix: string): Finding {
  return { status: 'warning', text: oneLine(text), fix: oneLine(fix) };
}

/** A pull fails because of it. */
export function broken(text: string, fix: string): Finding {
  return { status: 'broken', text: oneLine(text), fix: oneLine(fix) };
}

/** What is no obstacle here: pulls from ECR Public need no identity. */
export function softened(finding: Finding): Finding {
  return finding.status === 'broken' ? { ...finding, status: 'warning' } : finding;
}

/** Escape sequences and line ends become spaces. */
function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return line.length > 2000 ? `${line.slice(0, 1999)}…` : line;
}
