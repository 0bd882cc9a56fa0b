// Owns the promise that `docs/errors.md` is what `scripts/errors.ts` writes, with an anchor for every kind of failure.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { errorsPage } from '../../scripts/errors.ts';

const root = join(import.meta.dirname, '../..');

test('the page is what the script writes', () => {
  assert.equal(
    readFileSync(join(root, 'docs/errors.md'), 'utf8'),
    errorsPage(),
    'run: node scripts/errors.ts',
  );
});

test('every kind of the code is a heading', () => {
  const kinds = [
    ...readFileSync(join(root, 'src/errors.ts'), 'utf8').matchAll(/readonly kind: '([a-z-]+)'/g),
  ];
  const headings = [...errorsPage().matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  assert.deepEqual(kinds.map(([, kind]) => kind).toSorted(), headings);
});

test('nothing is left open', () => {
  assert.doesNotMatch(errorsPage(), /undefined|\[object|NaN/);
});
