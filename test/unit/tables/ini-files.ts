// Owns the texts of ini.test.ts: odd but legal files with their meaning, and malformed ones with the line at fault.
// The grammar: https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html; where tools differ, the row says so.

/** Sections by header; a nested setting is written `key.sub`. */
export type Meaning = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What is read, and as what. */
export const READABLE: readonly (readonly [name: string, text: string, meaning: Meaning])[] = [
  ['nothing', '', {}],
  ['a BOM alone', '\uFEFF', {}],
  ['comments alone', '# a\n; b\n  # c\n\t; d\n', {}],
  ['a section without settings', '[default]\n', { default: {} }],
  ['LF', '[a]\nx = 1\n[b]\ny = 2\n', { a: { x: '1' }, b: { y: '2' } }],
  ['CRLF', '[a]\r\nx = 1\r\n\r\n[b]\r\ny = 2\r\n', { a: { x: '1' }, b: { y: '2' } }],
  ['no newline at the end', '[a]\nx = 1', { a: { x: '1' } }],
  ['a BOM before the first section', '\uFEFF[a]\nx = 1', { a: { x: '1' } }],
  ['no space around =', '[a]\nx=1', { a: { x: '1' } }],
  ['much space around =', '[a]\nx   \t=\t  1   ', { a: { x: '1' } }],
  ['= in a value', '[a]\nsecret = ab=cd==', { a: { secret: 'ab=cd==' } }],
  ['no value', '[a]\nx =\ny = 2', { a: { x: '', y: '2' } }],
  ['an upper-case key', '[a]\nAWS_Access_Key_ID = AKIA', { a: { aws_access_key_id: 'AKIA' } }],
  ['an upper-case header, kept', '[Profile A]\nx = 1', { 'Profile A': { x: '1' } }],
  ['quotes in a value, kept (the Go SDK drops them)', '[a]\nx = "1"', { a: { x: '"1"' } }],
  [
    'quotes in a header, kept for the profile`s name',
    '[profile "my name"]\nx = 1',
    { 'profile "my name"': { x: '1' } },
  ],
  ['space within the brackets', '[ default ]\nx = 1', { default: { x: '1' } }],
  ['two spaces in a header', '[profile   a]\nx = 1', { 'profile a': { x: '1' } }],
  ['a tab in a header', '[profile\ta]\nx = 1', { 'profile a': { x: '1' } }],
  ['odd letters in a header', '[profile ä@b.c+d%e:f/g]\nx = 1', { 'profile ä@b.c+d%e:f/g': { x: '1' } }],
  ['leading zeros', '[a]\nsso_account_id = 012345678901', { a: { sso_account_id: '012345678901' } }],
  [
    'words that other formats convert',
    '[a]\nx = true\ny = 1e3\nz = null',
    { a: { x: 'true', y: '1e3', z: 'null' } },
  ],
  [
    'a comment behind a value (the AWS CLI keeps it)',
    '[a]\nx = 1 # one\ny = 2\t; two',
    { a: { x: '1', y: '2' } },
  ],
  [
    '# and ; within a value',
    '[a]\nurl = https://h/#/a;b#c\nkey = ab#cd;ef',
    { a: { url: 'https://h/#/a;b#c', key: 'ab#cd;ef' } },
  ],
  ['a comment behind a header', '[a] # one\nx = 1', { a: { x: '1' } }],
  ['a comment that touches a header', '[a]# one\nx = 1\n[b];two\ny = 2', { a: { x: '1' }, b: { y: '2' } }],
  ['a setting in a comment', '[a]\n# x = 1\n#y = 2\n;z = 3', { a: {} }],
  ['a value that is only a comment', '[a]\nx = # none', { a: { x: '' } }],
  ['a section twice', '[a]\nx = 1\ny = 1\n[b]\nz = 3\n[a]\nx = 2', { a: { x: '2', y: '1' }, b: { z: '3' } }],
  ['a key twice', '[a]\nx = 1\nX = 2', { a: { x: '2' } }],
  [
    'a nested block',
    '[a]\ns3 =\n  max = 1\n  Min = 2\nx = 3',
    { a: { s3: '', 's3.max': '1', 's3.min': '2', x: '3' } },
  ],
  ['a nested block by tabs', '[a]\ns3 =\n\tmax = 1', { a: { s3: '', 's3.max': '1' } }],
  [
    'a blank line and a comment in a block',
    '[a]\ns3 =\n  x = 1\n\n  # c\n  y = 2',
    { a: { s3: '', 's3.x': '1', 's3.y': '2' } },
  ],
  [
    'two nested blocks',
    '[a]\ns3 =\n  x = 1\necr =\n  x = 2',
    { a: { s3: '', 's3.x': '1', ecr: '', 'ecr.x': '2' } },
  ],
  [
    'a nested key is none of the profile`s',
    '[a]\ns3 =\n  region = 1\nregion = 2',
    { a: { s3: '', 's3.region': '1', region: '2' } },
  ],
  ['a value that goes on', '[a]\nx = one\n  two\n  three\ny = 4', { a: { x: 'one\ntwo\nthree', y: '4' } }],
  ['indented settings', '[a]\n  x = 1\n  y = 2\n  z = 3', { a: { x: '1', y: '2', z: '3' } }],
  ['indented settings, unevenly', '[a]\nx = 1\n  y = 2\n z = 3', { a: { x: '1', y: '2', z: '3' } }],
  ['an indented file', '  [a]\n  x = 1\n  y = 2\n  [b]\n  z = 3', { a: { x: '1', y: '2' }, b: { z: '3' } }],
  ['an indented header after a setting', '[a]\nx = 1\n  [b]\n  y = 2', { a: { x: '1' }, b: { y: '2' } }],
  [
    'a block in an indented section',
    '[a]\n  s3 =\n    x = 1\n  y = 2',
    { a: { s3: '', 's3.x': '1', y: '2' } },
  ],
  ['the key __proto__', '[a]\n__proto__ = 1', { a: { ['__proto__']: '1' } }],
  [
    'the sections __proto__ and constructor',
    '[__proto__]\nx = 1\n[constructor]\ny = 2',
    { ['__proto__']: { x: '1' }, constructor: { y: '2' } },
  ],
  ['letters of other scripts', '[profile Zoë]\nrégion = ö', { 'profile Zoë': { région: 'ö' } }],
  ['a very long value', `[a]\nx = ${'v'.repeat(100_000)}`, { a: { x: 'v'.repeat(100_000) } }],
];

/** What is malformed, and on which line. */
export const MALFORMED: readonly (readonly [name: string, text: string, line: number, reason: RegExp])[] = [
  ['a setting before any section', 'x = 1\n[a]', 1, /before the first \[section\]/],
  ['text before any section', '\n\nhello\n[a]', 3, /before the first \[section\]/],
  ['a header without its end', '[a\nx = 1', 1, /section header/],
  ['a header without its end, CRLF', '[a]\r\nx = 1\r\n[profile b\r\n', 3, /section header/],
  ['text behind a header', '[a] b\nx = 1', 1, /section header/],
  ['an empty header', '[]\nx = 1', 1, /section header/],
  ['a blank header', '[  ]\nx = 1', 1, /section header/],
  ['two brackets', '[[a]]\nx = 1', 1, /section header/],
  ['a comment in a header', '[a #b]\nx = 1', 1, /section header/],
  ['a setting without =', '[a]\nx = 1\nhello', 3, /key = value/],
  ['a setting without a key', '[a]\n= 1', 2, /key = value/],
  ['an indented setting without = that follows a header', '[a]\n  hello', 2, /key = value/],
  ['a colon for =', '[a]\nx: 1', 2, /key = value/],
  ['JSON', '{"a": 1}', 1, /before the first \[section\]/],
  ['UTF-16', '\u{FFFD}\u{FFFD}[\0a\0]\0', 1, /before the first \[section\]/],
];
