// Owns what `configure` did to a file and how it is undone: a list of edits, kept beside the file, and the text before the
// first of them. Undone, the former bytes come back where nobody else wrote meanwhile; else only what is ours goes.
// Pure: reading and writing is `config-file.ts`.
import type { Node } from 'jsonc-parser';
import {
  findMember,
  type MemberPath,
  memberValue,
  parseObject,
  prependElement,
  removeElement,
  removeMember,
  setString,
  stringAt,
} from './json-text.ts';

/** A string set, and what stood there before; or a registry rule put before all others. */
export type Edit =
  | {
      readonly kind: 'string';
      readonly at: MemberPath;
      readonly value: string;
      readonly before?: string | undefined;
    }
  | { readonly kind: 'rule'; readonly match: string; readonly profile: string };

/** Everything done to one file so far. */
export interface Ledger {
  /** False where `configure` made the file. */
  readonly existed: boolean;
  /** The outermost directory that it made for the file. */
  readonly madeDirectory?: string | undefined;
  /** Members that were made to hold an edit; they go with the last one. */
  readonly made: readonly string[];
  readonly edits: readonly Edit[];
}

/** A file's text now, and what is known of how it came about. */
export interface State {
  readonly file: string;
  /** Undefined where there is no file. */
  readonly text: string | undefined;
  /** The text before the first edit; undefined where there was no file or where it is not known. */
  readonly original: string | undefined;
  readonly ledger: Ledger | undefined;
  /** One step of indentation for a file that has none to copy. */
  readonly indent: string;
}

/** What a file shall become; an undefined text removes it. */
export interface Change {
  readonly text: string | undefined;
  readonly ledger: Ledger | undefined;
}

/** True while what an edit wrote still stands. */
export function isInForce(root: Node, edit: Edit): boolean {
  return edit.kind === 'string' ? stringAt(root, edit.at) === edit.value : ruleIndex(root, edit) !== -1;
}

/** True for two edits of the same place. */
export function isSamePlace(a: Edit, b: Edit): boolean {
  return a.kind === 'string'
    ? b.kind === 'string' && a.at[0] === b.at[0] && a.at[1] === b.at[1]
    : b.kind === 'rule' && a.match === b.match;
}

/** The file with some edits taken back and others made. */
export function change(state: State, add: readonly Edit[], drop: readonly Edit[]): Change {
  const { ledger, text } = state;
  const former = ledger?.edits ?? [];
  const kept = former.filter((edit) => !drop.includes(edit) && !add.some((each) => isSamePlace(each, edit)));
  const replaced = former.filter((edit) => !kept.includes(edit));
  // What stood there before our own earlier edit is what must come back, not that edit.
  const added = add.map((edit) => withBefore(edit, replaced));
  const edits = [...kept, ...added];
  const existed = ledger?.existed ?? text !== undefined;
  const made = [
    ...new Set([
      ...(ledger?.made ?? []),
      ...edits.map(containerOf).filter((key) => key !== undefined && !hasMember(state, key)),
    ]),
  ].filter((key) => key !== undefined);
  const after: Ledger | undefined =
    edits.length === 0 ? undefined : { existed, madeDirectory: ledger?.madeDirectory, made, edits };
  if (isReplayable(state)) return { text: replay(state, edits), ledger: after };
  let next = text ?? '{}';
  for (const edit of replaced.toReversed()) next = undo(next, edit, made, state);
  for (const edit of added) next = apply(next, edit, state);
  // A file that configure made, and that holds nothing any more, goes as it came.
  const isLeftEmpty = after === undefined && !existed && !parseObject(next, state.file).children?.length;
  return { text: isLeftEmpty ? undefined : next, ledger: after };
}

/** True where the text is the original with our edits and nothing else, so that it can be made anew with other edits. */
function isReplayable(state: State): boolean {
  const { ledger, text, original } = state;
  if (ledger === undefined) return true;
  if (ledger.existed && original === undefined) return false;
  return replay(state, ledger.edits) === text;
}

function replay(state: State, edits: readonly Edit[]): string | undefined {
  const original = state.ledger === undefined ? state.text : state.original;
  if (edits.length === 0) return original;
  return edits.reduce((text, edit) => apply(text, edit, state), blankAsObject(original));
}

/** Docker takes an empty file for an empty configuration. */
export function blankAsObject(text: string | undefined): string {
  return text === undefined || text.trim() === '' ? '{}\n' : text;
}

function apply(text: string, edit: Edit, { file, indent }: State): string {
  if (edit.kind === 'string') return setString(text, file, edit.at, edit.value, indent);
  const element = `{ "match": ${JSON.stringify(edit.match)}, "profile": ${JSON.stringify(edit.profile)} }`;
  return prependElement(text, file, 'registries', element, indent);
}

function undo(text: string, edit: Edit, made: readonly string[], { file, indent }: State): string {
  const root = parseObject(text, file);
  if (!isInForce(root, edit)) return text;
  if (edit.kind === 'string' && edit.before !== undefined)
    return setString(text, file, edit.at, edit.before, indent);
  const without =
    edit.kind === 'string'
      ? removeMember(text, file, edit.at)
      : removeElement(text, file, 'registries', ruleIndex(root, edit));
  const container = containerOf(edit);
  if (container === undefined || !made.includes(container)) return without;
  const held = memberValue(findMember(parseObject(without, file), container))?.children ?? [];
  return held.length === 0 ? removeMember(without, file, [container]) : without;
}

function withBefore(edit: Edit, replaced: readonly Edit[]): Edit {
  const former = replaced.find((each) => isSamePlace(each, edit));
  return edit.kind === 'string' && former?.kind === 'string' ? { ...edit, before: former.before } : edit;
}

function containerOf(edit: Edit): string | undefined {
  if (edit.kind === 'rule') return 'registries';
  return edit.at[1] === undefined ? undefined : edit.at[0];
}

function hasMember({ text, file }: State, key: string): boolean {
  return findMember(parseObject(blankAsObject(text), file), key) !== undefined;
}

function ruleIndex(root: Node, { match, profile }: Extract<Edit, { kind: 'rule' }>): number {
  const rules = memberValue(findMember(root, 'registries'))?.children ?? [];
  return rules.findIndex(
    (rule) =>
      rule.children?.length === 2 &&
      stringAt(rule, ['match']) === match &&
      stringAt(rule, ['profile']) === profile,
  );
}

/** A ledger from the text of its file, or undefined for what is none. */
export function parseLedger(text: string): Ledger | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { version, existed, madeDirectory, made, edits } = value as Partial<
    Record<keyof Ledger | 'version', unknown>
  >;
  if (version !== 1 || !Array.isArray(made) || !Array.isArray(edits) || !edits.every(isEdit))
    return undefined;
  if (!made.every((key): key is string => typeof key === 'string')) return undefined;
  return {
    existed: existed === true,
    madeDirectory: typeof madeDirectory === 'string' ? madeDirectory : undefined,
    made,
    edits,
  };
}

/** The text of a ledger's file. */
export function formatLedger(ledger: Ledger): string {
  return `${JSON.stringify({ version: 1, ...ledger }, null, 2)}\n`;
}

function isEdit(value: unknown): value is Edit {
  if (typeof value !== 'object' || value === null) return false;
  const edit = value as Readonly<Record<string, unknown>>;
  if (edit.kind === 'rule') return typeof edit.match === 'string' && typeof edit.profile === 'string';
  const { at } = edit;
  return (
    edit.kind === 'string' &&
    typeof edit.value === 'string' &&
    (edit.before === undefined || typeof edit.before === 'string') &&
    Array.isArray(at) &&
    (at.length === 1 || at.length === 2) &&
    at.every((key) => typeof key === 'string')
  );
}
