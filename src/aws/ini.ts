// Owns the syntax of AWS's shared config files: sections, keys, nested settings, comments, with line numbers.
// Follows https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html. Must not know what any key means, and does no I/O.
import { HelperError } from '../errors.ts';

/** One `[section]`: its settings by lower-case key, and the settings indented under a key such as `ecr =` in `[services x]`. */
export interface IniSection {
  readonly values: Map<string, string>;
  readonly nested: Map<string, Map<string, string>>;
}

/** Sections by their header text, white space folded; a repeated header continues the first, later keys win. */
export type IniFile = ReadonlyMap<string, IniSection>;

/** Parses the text of `file` (named in errors); throws `malformed-file` with the line for what the AWS CLI refuses too. */
export function parseIni(text: string, file: string): IniFile {
  const sections = new Map<string, IniSection>();
  let section: IniSection | undefined;
  let key: string | undefined;
  let keyIndent = 0;
  const lines = (text.startsWith('\uFEFF') ? text.slice(1) : text).split(/\r?\n/);
  for (const [index, raw] of lines.entries()) {
    const line = stripComment(raw);
    const trimmed = line.trim();
    if (trimmed === '') continue;
    const fail = (reason: string): HelperError =>
      new HelperError({ kind: 'malformed-file', file, line: index + 1, reason });
    const indent = line.length - line.trimStart().length;
    // Whole files and sections are indented by some; only what stands deeper than a key belongs to it.
    const isDeeper = key !== undefined && indent > keyIndent;
    const header = HEADER.exec(trimmed)?.[1]?.trim().replace(/\s+/g, ' ');
    if (header) {
      section = sections.get(header) ?? { values: new Map(), nested: new Map() };
      sections.set(header, section);
      key = undefined;
      continue;
    }
    if (trimmed.startsWith('[') && !isDeeper) throw fail('a section header must look like [profile name]');
    if (section === undefined) throw fail('a setting stands before the first [section]');
    const equals = trimmed.indexOf('=');
    if (equals < 1 && !isDeeper) throw fail('expected "key = value"');
    if (isDeeper && key !== undefined && belongsTo(section, key, equals)) {
      addToKey(section, key, trimmed, equals);
      continue;
    }
    key = trimmed.slice(0, equals).trim().toLowerCase();
    keyIndent = indent;
    section.values.set(key, trimmed.slice(equals + 1).trim());
  }
  return sections;
}

/** `[profile name]`; the AWS CLI and the Go SDK let a comment follow without white space. */
const HEADER = /^\[([^\]]*)\]\s*(?:[#;].*)?$/;

/** A deeper `key = value` under a key that has a value already is a setting of its own, as for the Go and JavaScript SDKs. */
function belongsTo(section: IniSection, key: string, equals: number): boolean {
  return equals < 1 || section.values.get(key) === '';
}

/** A deeper line belongs to the key above it: a nested setting under an empty value, else more of the value. */
function addToKey(section: IniSection, key: string, trimmed: string, equals: number): void {
  if (equals > 0) {
    const settings = section.nested.get(key) ?? new Map<string, string>();
    settings.set(trimmed.slice(0, equals).trim().toLowerCase(), trimmed.slice(equals + 1).trim());
    section.nested.set(key, settings);
  } else if (!section.nested.has(key))
    section.values.set(key, `${section.values.get(key) ?? ''}\n${trimmed}`);
}

/** Comments begin a line with # or ;, or follow white space; a # inside a value (a URL, a key) stays. */
function stripComment(line: string): string {
  if (line.startsWith('#') || line.startsWith(';')) return '';
  const comment = line.search(/\s[#;]/);
  return comment === -1 ? line : line.slice(0, comment);
}
