// Owns edits of a JSON text that leave every other byte alone: order, indentation, line ends, unknown and repeated keys.
// Must not know what a key means, and does no I/O. `jsonc-parser` finds the places; its own `modify` would format a text
// that stands on one line anew, so the cutting and pasting is done here.
import { type Node, type ParseError, parseTree } from 'jsonc-parser';
import { HelperError } from '../errors.ts';

/** The name of a member, or of a member of a member. */
export type MemberPath = readonly [string] | readonly [string, string];

/** The tree of a text that Docker reads: an object without comments; throws `config-invalid`, which names the place. */
export function parseObject(text: string, file: string): Node {
  const errors: ParseError[] = [];
  let root: Node | undefined;
  try {
    root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
    // The stricter of two readers decides: what Docker refuses must not pass here.
    JSON.parse(text);
  } catch (error) {
    throw new HelperError({ kind: 'config-invalid', file, at: [], reason: 'syntax' }, { cause: error });
  }
  if (root === undefined || errors.length > 0)
    throw new HelperError({ kind: 'config-invalid', file, at: [], reason: 'syntax' });
  if (root.type !== 'object')
    throw new HelperError({ kind: 'config-invalid', file, at: [], reason: 'must be an object' });
  return root;
}

/** The member of an object; the last where a key stands twice, because that is the one in force. */
export function findMember(object: Node | undefined, key: string): Node | undefined {
  if (object?.type !== 'object') return undefined;
  return object.children?.findLast(({ children }) => children?.[0]?.value === key);
}

/** The value of a member. */
export function memberValue(member: Node | undefined): Node | undefined {
  return member?.children?.[1];
}

/** The string at a path, or undefined. */
export function stringAt(root: Node, [key, inner]: MemberPath): string | undefined {
  const outer = memberValue(findMember(root, key));
  const node = inner === undefined ? outer : memberValue(findMember(outer, inner));
  return node?.type === 'string' && typeof node.value === 'string' ? node.value : undefined;
}

/** Sets a string at a path: in place, else behind the last member, in the style of its neighbours. */
export function setString(
  text: string,
  file: string,
  path: MemberPath,
  value: string,
  indent: string,
): string {
  const root = parseObject(text, file);
  const [key, inner] = path;
  if (inner === undefined) return setIn(text, root, root, key, JSON.stringify(value), indent);
  const container = memberValue(findMember(root, key));
  if (container === undefined)
    return setString(setIn(text, root, root, key, '{}', indent), file, path, value, indent);
  requireType(container, 'object', key, file);
  return setIn(text, root, container, inner, JSON.stringify(value), indent);
}

/** Removes the member at a path; a container that it empties stays. */
export function removeMember(text: string, file: string, [key, inner]: MemberPath): string {
  const root = parseObject(text, file);
  const container = inner === undefined ? root : memberValue(findMember(root, key));
  const member = findMember(container, inner ?? key);
  return container === undefined || member === undefined ? text : cut(text, container, member);
}

/** Puts an element, given as JSON, before all others of the list at a key; makes the list where there is none. */
export function prependElement(
  text: string,
  file: string,
  key: string,
  element: string,
  indent: string,
): string {
  const root = parseObject(text, file);
  const list = memberValue(findMember(root, key));
  if (list === undefined)
    return prependElement(setIn(text, root, root, key, '[]', indent), file, key, element, indent);
  requireType(list, 'array', key, file);
  const [first, second] = list.children ?? [];
  if (first === undefined) return fill(text, root, list, element, indent);
  const before = text.slice(list.offset + 1, first.offset);
  const between = second === undefined ? before : afterComma(text, end(first), second.offset);
  return splice(text, first.offset, first.offset, `${element},${oneBreak(between) || ' '}`);
}

/** Removes an element of the list at a key. */
export function removeElement(text: string, file: string, key: string, index: number): string {
  const list = memberValue(findMember(parseObject(text, file), key));
  const element = list?.children?.[index];
  return list === undefined || element === undefined ? text : cut(text, list, element);
}

function requireType(node: Node, type: 'object' | 'array', key: string, file: string): void {
  if (node.type !== type)
    throw new HelperError({ kind: 'config-invalid', file, at: [key], reason: `"${key}" must be an ${type}` });
}

function setIn(text: string, root: Node, object: Node, key: string, value: string, indent: string): string {
  const old = memberValue(findMember(object, key));
  if (old !== undefined) return splice(text, old.offset, end(old), value);
  const members = object.children ?? [];
  const last = members.at(-1);
  const name = JSON.stringify(key);
  if (last === undefined) {
    const neighbour = root.children?.[0];
    const colon = neighbour === undefined ? ': ' : colonOf(text, neighbour);
    return fill(text, root, object, `${name}${colon}${value}`, indent);
  }
  const previous = members.at(-2);
  const gap =
    previous === undefined
      ? text.slice(object.offset + 1, last.offset)
      : afterComma(text, end(previous), last.offset);
  const colon = colonOf(text, last);
  const separator = oneBreak(gap) || (colon.endsWith(' ') ? ' ' : '');
  return splice(text, end(last), end(last), `,${separator}${name}${colon}${value}`);
}

/** The first content of an empty object or list: on lines of its own where the file has lines. */
function fill(text: string, root: Node, container: Node, content: string, indent: string): string {
  const inside: [number, number] = [container.offset + 1, end(container) - 1];
  const [first] = root.children ?? [];
  const isOneLine = first !== undefined && !text.slice(root.offset, first.offset).includes('\n');
  if (isOneLine) return splice(text, ...inside, content);
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const outer = indentAt(text, container.offset);
  const unit =
    first === undefined ? indent : indentAt(text, first.offset).slice(indentAt(text, root.offset).length);
  return splice(text, ...inside, `${eol}${outer}${unit}${content}${eol}${outer}`);
}

/** Takes a member or element out, with the comma and the space that came with it. */
function cut(text: string, container: Node, child: Node): string {
  const children = container.children ?? [];
  const index = children.indexOf(child);
  const previous = children[index - 1];
  const next = children[index + 1];
  if (previous !== undefined) return splice(text, end(previous), end(child), '');
  if (next !== undefined) return splice(text, child.offset, next.offset, '');
  return splice(text, container.offset + 1, end(container) - 1, '');
}

/** What stands between a key and its value: `: `, `:`, ` : `. */
function colonOf(text: string, member: Node): string {
  const [key, value] = member.children ?? [];
  if (key === undefined || value === undefined) return ': ';
  const colon = text.slice(end(key), value.offset);
  return colon.includes('\n') ? ': ' : colon;
}

function afterComma(text: string, from: number, to: number): string {
  const gap = text.slice(from, to);
  return gap.slice(gap.indexOf(',') + 1);
}

/** Blank lines between neighbours are theirs: of several line ends the last counts. */
function oneBreak(gap: string): string {
  return /\r?\n[^\n]*$/.exec(gap)?.[0] ?? gap;
}

/** The white space that the line around an offset begins with. */
function indentAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

function end(node: Node): number {
  return node.offset + node.length;
}

function splice(text: string, from: number, to: number, content: string): string {
  return text.slice(0, from) + content + text.slice(to);
}
