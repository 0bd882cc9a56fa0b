// Owns what of a config file may be shown to a person: keys, and the few values that name a helper, a registry or a profile.
// Every other string is hidden, because config files hold passwords, tokens and headers in places that nobody can list.
import type { Node } from 'jsonc-parser';
import { parseObject } from './json-text.ts';

const SHOWN: readonly RegExp[] = [
  /^(credsStore|credHelpers\/[^/]*|fallback|cacheDir|onError|logLevel|currentContext|detachKeys|\$schema)$/,
  /^registries\/\d+\/(match|match\/\w+|profile|sourceProfile|roleArn|account|region)$/,
];

/** The text with every string value but the harmless ones as `…`. */
export function redact(text: string, file: string): string {
  const hidden: Node[] = [];
  collect(parseObject(text, file), '', hidden);
  let shown = text;
  for (const node of hidden.toReversed())
    shown = `${shown.slice(0, node.offset)}"…"${shown.slice(node.offset + node.length)}`;
  return shown;
}

function collect(node: Node, path: string, hidden: Node[]): void {
  // A slash in a name must not pass for a level.
  const below = (name: unknown): string => {
    const level = String(name).replaceAll('/', '\\');
    return path === '' ? level : `${path}/${level}`;
  };
  if (node.type === 'string') {
    if (!SHOWN.some((shape) => shape.test(path))) hidden.push(node);
  } else if (node.type === 'array') {
    for (const [index, element] of (node.children ?? []).entries()) collect(element, below(index), hidden);
  } else if (node.type === 'object') {
    for (const member of node.children ?? []) {
      const [key, value] = member.children ?? [];
      if (key !== undefined && value !== undefined) collect(value, below(key.value), hidden);
    }
  }
}
