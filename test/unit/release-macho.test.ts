// The ad-hoc signature of macOS executables, on a small one made here.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signatureProblem, signMachO } from '../../scripts/release/macho.ts';

const COMMANDS = 32;
const LINKEDIT = COMMANDS + 152;

/** A header, a __TEXT segment with one section, and a __LINKEDIT segment at the end. */
function executable({ room = true } = {}): Buffer {
  const file = Buffer.alloc(3 * 4096 + 100, 0x90);
  file.fill(0, 0, LINKEDIT + 72 + 64);
  for (const [at, value] of [
    [0, 0xfeedfacf],
    [16, 2],
    [20, 152 + 72],
    [COMMANDS, 0x19],
    [COMMANDS + 4, 152],
    [COMMANDS + 64, 1],
    [COMMANDS + 72 + 48, room ? 1024 : LINKEDIT + 72],
    [LINKEDIT, 0x19],
    [LINKEDIT + 4, 72],
  ] as const)
    file.writeUInt32LE(value, at);
  file.write('__TEXT', COMMANDS + 8);
  file.writeBigUInt64LE(8192n, COMMANDS + 48);
  file.write('__LINKEDIT', LINKEDIT + 8);
  file.writeBigUInt64LE(8192n, LINKEDIT + 40);
  file.writeBigUInt64LE(BigInt(file.length - 8192), LINKEDIT + 48);
  return file;
}

test('an executable without a signature gets one that covers every page', () => {
  assert.equal(signatureProblem(executable()), 'there is no signature');
  assert.equal(signatureProblem(signMachO(executable(), 'test')), undefined);
});

test('signing again changes nothing, as nothing else has changed', () => {
  const signed = signMachO(executable(), 'test');
  assert.deepEqual(signMachO(signed, 'test'), signed);
});

test('a changed byte is found in each page, and so is a changed length', () => {
  const signed = signMachO(executable(), 'test');
  for (const [page, at] of [600, 5000, 9000, 12_300].entries()) {
    const changed = Buffer.from(signed);
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
    assert.equal(signatureProblem(changed), `the hash of page ${page} is wrong`);
  }
  assert.equal(signatureProblem(Buffer.concat([signed, Buffer.alloc(1)])), 'the signature is not at the end');
});

test('without room for a load command it is refused, not overwritten', () => {
  assert.throws(() => signMachO(executable({ room: false }), 'test'), /no room/);
});

test('what is no Mach-O executable is refused', () => {
  assert.throws(() => signMachO(Buffer.alloc(100), 'test'), /no Mach-O/);
});
