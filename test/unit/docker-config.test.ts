// Edits of config files by table: what comes out, what is refused, and the diff that is shown.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openConfigFile } from '../../src/docker/config-file.ts';
import { parseObject, prependElement, removeMember, setString } from '../../src/docker/json-text.ts';
import { unifiedDiff } from '../../src/docker/unified-diff.ts';
import { problemFrom, temporaryDirectory } from './fixtures.ts';

describe('a helper entry is added in the style of the file', () => {
  const rows: readonly (readonly [name: string, before: string, after: string])[] = [
    ['nothing but braces', '{}', '{\n\t"credHelpers": {\n\t\t"H": "ecr-login"\n\t}\n}'],
    ['one line', '{"auths":{}}', '{"auths":{},"credHelpers":{"H":"ecr-login"}}'],
    ['one line with spaces', '{ "auths": {} }', '{ "auths": {}, "credHelpers": {"H": "ecr-login"} }'],
    ['two spaces', '{\n  "a": 1\n}\n', '{\n  "a": 1,\n  "credHelpers": {\n    "H": "ecr-login"\n  }\n}\n'],
    [
      'CRLF',
      '{\r\n\t"a": 1\r\n}\r\n',
      '{\r\n\t"a": 1,\r\n\t"credHelpers": {\r\n\t\t"H": "ecr-login"\r\n\t}\r\n}\r\n',
    ],
    [
      'a neighbour',
      '{\n    "credHelpers" : {\n        "x" : "y"\n    }\n}',
      '{\n    "credHelpers" : {\n        "x" : "y",\n        "H" : "ecr-login"\n    }\n}',
    ],
    [
      'an empty object',
      '{\n\t"credHelpers": {},\n\t"a": []\n}',
      '{\n\t"credHelpers": {\n\t\t"H": "ecr-login"\n\t},\n\t"a": []\n}',
    ],
    [
      'neighbours on one line',
      '{\n  "credHelpers": { "x": "y", "z": "y" }\n}',
      '{\n  "credHelpers": { "x": "y", "z": "y", "H": "ecr-login" }\n}',
    ],
    [
      'a blank line',
      '{\n\n  "a": 1\n\n}',
      '{\n\n  "a": 1,\n  "credHelpers": {\n    "H": "ecr-login"\n  }\n\n}',
    ],
    [
      'a key that stands twice: the last is in force',
      '{"a":1,"a":2,"credHelpers":{"H":"x","H":"y"}}',
      '{"a":1,"a":2,"credHelpers":{"H":"x","H":"ecr-login"}}',
    ],
    [
      'an escaped key',
      '{"cred\\u0048elpers":{"\\u0048":"x"}}',
      '{"cred\\u0048elpers":{"\\u0048":"ecr-login"}}',
    ],
  ];
  for (const [name, before, after] of rows)
    test(name, () => assert.equal(setString(before, 'f', ['credHelpers', 'H'], 'ecr-login', '\t'), after));
});

describe('a member is removed with its comma and its space', () => {
  const rows: readonly (readonly [before: string, after: string])[] = [
    ['{"a":1,"b":2}', '{"a":1}'],
    ['{"b":2,"a":1}', '{"a":1}'],
    ['{\n  "b": 2,\n  "a": 1\n}', '{\n  "a": 1\n}'],
    ['{\n  "b": 2\n}', '{}'],
    ['{"a":1}', '{"a":1}'],
  ];
  for (const [before, after] of rows)
    test(JSON.stringify(before), () => assert.equal(removeMember(before, 'f', ['b']), after));
});

describe('a rule is put before all others', () => {
  const rows: readonly (readonly [before: string, after: string])[] = [
    ['{}', '{\n  "registries": [\n    R\n  ]\n}'],
    ['{"registries":[1]}', '{"registries":[R, 1]}'],
    ['{\n  "registries": [\n    1,\n    2\n  ]\n}', '{\n  "registries": [\n    R,\n    1,\n    2\n  ]\n}'],
  ];
  for (const [before, after] of rows)
    test(JSON.stringify(before), () =>
      assert.equal(prependElement(before, 'f', 'registries', '{"r":1}', '  '), after.replace('R', '{"r":1}')),
    );
});

describe('what Docker would refuse is refused', () => {
  for (const text of [
    '{',
    '{"a":1,}',
    '{/* c */}',
    '// c\n{}',
    "{'a':1}",
    '{"a":1}x',
    '{"a":"\t"}',
    '\uFEFF{}',
    '[]',
    '"x"',
    'null',
    '{"a":01}',
    '{"a":NaN}',
  ])
    test(JSON.stringify(text), () =>
      assert.equal(problemFrom(() => parseObject(text, 'f')).kind, 'config-invalid'),
    );

  test('the line is found', (t) => {
    const file = join(temporaryDirectory(t), 'config.json');
    writeFileSync(file, '{\n  "a": 1\n  "b": 2\n}\n');
    const problem = problemFrom(() => openConfigFile(file, '\t'));
    assert.deepEqual(problem, { kind: 'config-invalid', file, at: [], reason: 'syntax' });
  });

  test('bytes that are no UTF-8', (t) => {
    const file = join(temporaryDirectory(t), 'config.json');
    writeFileSync(file, Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d));
    assert.equal(problemFrom(() => openConfigFile(file, '\t')).kind, 'malformed-file');
  });
});

describe('unified diff', () => {
  const rows: readonly (readonly [
    name: string,
    before: string | undefined,
    after: string | undefined,
    diff: string,
  ])[] = [
    ['equal', 'a\n', 'a\n', ''],
    ['new', undefined, 'a\n', '--- /dev/null\n+++ f\n@@ -0,0 +1 @@\n+a'],
    ['removed', 'a\nb\n', undefined, '--- f\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b'],
    [
      'in the middle',
      '1\n2\n3\n4\n5\n6\n7\n8\n9\n',
      '1\n2\n3\n4\nx\n6\n7\n8\n9\n',
      '--- f\n+++ f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8',
    ],
    [
      'far apart',
      'a\n1\n2\n3\n4\n5\n6\n7\n8\nb\n',
      'A\n1\n2\n3\n4\n5\n6\n7\n8\nB\n',
      '--- f\n+++ f\n@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -7,4 +7,4 @@\n 6\n 7\n 8\n-b\n+B',
    ],
    ['no newline', 'a', 'a\n', '--- f\n+++ f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a'],
  ];
  for (const [name, before, after, diff] of rows)
    test(name, () => assert.equal(unifiedDiff('f', before, after), diff));
});
