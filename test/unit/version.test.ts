// The constant that `version` prints against the package that it is released in.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PROGRAM, VERSION } from '../../src/version.ts';

const manifest: { name?: unknown; version?: unknown; bin?: object } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
);

test('version and name are those of package.json', () => {
  assert.equal(VERSION, manifest.version);
  assert.match(VERSION, /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/);
  assert.deepEqual(Object.keys(manifest.bin ?? {}), [PROGRAM]);
  // Docker runs `docker-credential-<suffix>`; the suffix is what users write.
  assert.equal(PROGRAM, 'docker-credential-ecr-login');
});
