// Owns what a check of `doctor` says. A finding holds names, paths and times, and no secret: it goes into bug reports as it is.

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
  return { status: 'ok', text };
}

/** It works, or may work, but not as somebody would expect. */
export function warning(text: string, fix: string): Finding {
  return { status: 'warning', text, fix };
}

/** A pull fails because of it. */
export function broken(text: string, fix: string): Finding {
  return { status: 'broken', text, fix };
}
