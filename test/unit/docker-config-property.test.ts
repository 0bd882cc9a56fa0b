// Edits of config files by property: no key is lost and what was done can be undone to the byte, whatever the file looks like.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyEdits, format, type Node } from 'jsonc-parser';
import { openConfigFile, writeConfigFile } from '../../src/docker/config-file.ts';
import { parseObject, stringAt } from '../../src/docker/json-text.ts';
import { type Change, change, type Edit, type State } from '../../src/docker/ledger.ts';
import { redact } from '../../src/docker/redact.ts';
import { HOST, PUBLIC_HOST, temporaryDirectory } from './fixtures.ts';

const helper = (host: string, before?: string): Edit => ({
  kind: 'string',
  at: ['credHelpers', host],
  value: 'ecr-login',
  before,
});

/** What a person, Docker, an editor and a formatter may have made of a config file. */
function configs(): fc.Arbitrary<string> {
  const key = fc.oneof(
    fc.constantFrom(
      'auths',
      'credsStore',
      'HttpHeaders',
      '__proto__',
      'constructor',
      'toString',
      '',
      'a/b',
      '~',
      '"',
      '\\',
      '\u0000',
      '\u2028',
      '😀',
      'credhelpers',
      HOST,
    ),
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({ unit: 'grapheme', maxLength: 6 }),
  );
  const value = fc.jsonValue({ maxDepth: 3, depthSize: 'small' });
  const members = fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 8 });
  const helpers = fc.option(
    fc.uniqueArray(fc.tuple(key, fc.constantFrom('desktop', 'ecr-login', 'pass', '')), {
      selector: ([name]) => name,
      maxLength: 4,
    }),
    { nil: undefined },
  );
  return fc
    .tuple(
      members,
      helpers,
      fc.nat(8),
      fc.constantFrom('', ' ', '  ', '    ', '\t', '\t\t', '   '),
      fc.constantFrom('\n', '\r\n'),
      fc.constantFrom('', '\n', '\n\n', ' ', '\r\n'),
      fc.constantFrom('', '\n', '  '),
      fc.boolean(),
    )
    .map(([entries, named, position, indent, eol, trail, lead, escapes]) => {
      const others = entries.filter(([name]) => name !== 'credHelpers');
      const all: [string, unknown][] = [...others];
      // Object.fromEntries makes an own key of __proto__, as JSON.parse does.
      if (named !== undefined) all.splice(position, 0, ['credHelpers', Object.fromEntries(named)]);
      let text = JSON.stringify(Object.fromEntries(all), null, indent);
      if (escapes)
        text = text.replace(
          /[^\x20-\x7e\r\n\t]/g,
          (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
        );
      return `${lead}${text.replaceAll('\n', eol)}${trail}`;
    });
}

const RUNS = { numRuns: Math.max(1500, Number(process.env.PROPERTY_RUNS ?? 0)) };
const HOSTS = [HOST, PUBLIC_HOST, '210987654321.dkr.ecr.eu-west-1.amazonaws.com'];

/**
 * Every key and value in order, but for the entries of these hosts and a credHelpers that holds nothing else. Read by the
 * tree and not by JSON.parse: that of Node 24.21 takes the key `\"` for `\\` after it has seen an object of the same shape.
 */
function shapeOf(text: string, hosts: readonly string[] = []): unknown {
  return shape(parseObject(text, 'f'), hosts, 0);
}

function shape(node: Node, hosts: readonly string[], depth: number): unknown {
  if (node.type !== 'object')
    return node.type === 'array' ? (node.children ?? []).map((each) => shape(each, [], depth)) : node.value;
  const entries: [string, unknown][] = [];
  for (const { children: [key, value] = [] } of node.children ?? []) {
    if (key === undefined || value === undefined || hosts.includes(key.value)) continue;
    const isHelpers = depth === 0 && key.value === 'credHelpers' && hosts.length > 0;
    const inner = shape(value, isHelpers ? hosts : [], depth + 1);
    if (!isHelpers || Object.keys(inner as object).length > 1) entries.push([key.value, inner]);
  }
  return { object: true, ...entries };
}

function stateOf(text: string, former?: Change & { original: string }): State {
  return { file: 'f', text, original: former?.original, ledger: former?.ledger, indent: '\t' };
}

test('property: no key is lost, none changes its place, and every byte of the file is still there', () => {
  fc.assert(
    fc.property(configs(), (text) => {
      const { text: after } = change(
        stateOf(text),
        HOSTS.map((host) => helper(host)),
        [],
      );
      assert.ok(after !== undefined);
      assert.deepEqual(shapeOf(after, HOSTS), shapeOf(text, HOSTS));
      const root = parseObject(after, 'f');
      for (const host of HOSTS) assert.equal(stringAt(root, ['credHelpers', host]), 'ecr-login');
      if (!text.includes(HOST)) assert.ok(isSubsequence(text, after));
    }),
    RUNS,
  );
});

test('property: undone in any order, the former bytes are back', () => {
  fc.assert(
    fc.property(
      configs(),
      fc.shuffledSubarray(HOSTS, { minLength: 1 }),
      fc.shuffledSubarray(HOSTS),
      (text, added, order) => {
        let former: Change & { original: string } = { text, ledger: undefined, original: text };
        for (const host of added)
          former = { ...change(stateOf(former.text ?? '', former), [helper(host)], []), original: text };
        for (const host of [...order, ...HOSTS]) {
          const drop =
            former.ledger?.edits.filter(
              ({ kind, ...edit }) => kind === 'string' && 'at' in edit && edit.at[1] === host,
            ) ?? [];
          former = { ...change(stateOf(former.text ?? '', former), [], drop), original: text };
        }
        assert.equal(former.text, text);
        assert.equal(former.ledger, undefined);
      },
    ),
    RUNS,
  );
});

test('property: another program wrote the file anew meanwhile: only what is ours goes', () => {
  fc.assert(
    fc.property(configs(), (text) => {
      const hosts = HOSTS.filter((host) => !text.includes(host));
      const first = change(
        stateOf(text),
        hosts.map((host) => helper(host)),
        [],
      );
      const style = { insertSpaces: true, tabSize: 7, eol: '\n' };
      const rewritten = ` ${applyEdits(first.text ?? '', format(first.text ?? '', undefined, style))}`;
      const second = change(stateOf(rewritten, { ...first, original: text }), [], first.ledger?.edits ?? []);
      assert.deepEqual(shapeOf(second.text ?? ''), shapeOf(text));
      assert.equal(second.ledger, undefined);
    }),
    RUNS,
  );
});

test('property: on disk, with byte order mark and in several steps', (t) => {
  const file = join(temporaryDirectory(t), 'config.json');
  fc.assert(
    fc.property(configs(), fc.boolean(), (text, hasBom) => {
      const bytes = Buffer.from(hasBom ? `\uFEFF${text}` : text);
      // Lone surrogates have no bytes.
      fc.pre(
        new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes) === (hasBom ? `\uFEFF${text}` : text),
      );
      writeFileSync(file, bytes);
      for (const host of HOSTS) {
        const config = openConfigFile(file, '\t');
        writeConfigFile(config, change(config, [helper(host)], []));
      }
      const config = openConfigFile(file, '\t');
      assert.deepEqual(config.ledger?.edits.length, HOSTS.length);
      writeConfigFile(config, change(config, [], config.ledger?.edits ?? []));
      assert.deepEqual(readFileSync(file), bytes);
    }),
    { numRuns: 200 },
  );
});

test('property: no string of a file is shown but the names of helpers', () => {
  fc.assert(
    fc.property(
      configs(),
      fc.string({ unit: 'grapheme-ascii', minLength: 8, maxLength: 8 }),
      (text, noise) => {
        const secret = `canary-${noise.replace(/[^a-z]/gi, 'x')}`;
        const value = JSON.parse(text) as Record<string, unknown>;
        value.auths = { [HOST]: { auth: secret, identitytoken: [secret] } };
        value.HttpHeaders = { Authorization: secret };
        value['credHelpers/x'] = secret;
        assert.ok(!redact(JSON.stringify(value), 'f').includes('canary-'));
      },
    ),
    { numRuns: 300 },
  );
});

function isSubsequence(part: string, whole: string): boolean {
  let at = 0;
  for (const each of whole) if (part.startsWith(each, at)) at += each.length;
  return at === part.length;
}
