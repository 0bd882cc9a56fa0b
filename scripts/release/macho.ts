// Owns the ad-hoc signature of a macOS executable: makes one that covers every page, and checks one. Apple's codesign is not
// to be had elsewhere, and without a valid signature macOS kills the process: on Arm at once, on Intel at the first bad page.
// Layout: xnu's osfmk/kern/cs_blobs.h. Must not know how the executable was made.
import { createHash } from 'node:crypto';

const SEGMENT = 0x19;
const SIGNATURE = 0x1d;
const SUPER_BLOB = 0xfade0cc0;
const CODE_DIRECTORY = 0xfade0c02;
const PAGE = 4096;
const HASH = 32;
const AD_HOC = 2;
const MAIN_BINARY = 1n;

interface Layout {
  readonly commandsEnd: number;
  readonly firstSection: number;
  /** Where the commands of interest begin. */
  readonly signature: number | undefined;
  readonly linkedit: number;
  readonly textSize: bigint;
}

/** The executable with an ad-hoc signature in the place of whatever signature it had. */
export function signMachO(input: Uint8Array, identifier: string): Buffer {
  const { commandsEnd, firstSection, signature, linkedit, textSize } = layoutOf(Buffer.from(input));
  const had = signature === undefined ? undefined : Buffer.from(input).readUInt32LE(signature + 8);
  const codeLimit = Math.ceil((had ?? input.length) / 16) * 16;
  const pages = Math.ceil(codeLimit / PAGE);
  const name = Buffer.from(`${identifier}\0`);
  const hashesAt = 88 + name.length;
  const directorySize = hashesAt + pages * HASH;
  const size = Math.ceil((20 + directorySize) / 16) * 16;
  const output = Buffer.alloc(codeLimit + size);
  output.set(input.subarray(0, Math.min(codeLimit, had ?? input.length)));

  let command = signature;
  if (command === undefined) {
    if (commandsEnd + 16 > firstSection) throw new Error('cannot sign: there is no room for a load command');
    command = commandsEnd;
    output.writeUInt32LE(output.readUInt32LE(16) + 1, 16);
    output.writeUInt32LE(output.readUInt32LE(20) + 16, 20);
  }
  for (const [index, value] of [SIGNATURE, 16, codeLimit, size].entries())
    output.writeUInt32LE(value, command + 4 * index);
  const fileSize = BigInt(output.length) - output.readBigUInt64LE(linkedit + 40);
  output.writeBigUInt64LE(fileSize, linkedit + 48);
  const memory = ((fileSize + 0x3fffn) / 0x4000n) * 0x4000n;
  output.writeBigUInt64LE(memory, linkedit + 32);

  const blob = output.subarray(codeLimit);
  for (const [index, value] of [SUPER_BLOB, 20 + directorySize, 1, 0, 20].entries())
    blob.writeUInt32BE(value, 4 * index);
  const directory = blob.subarray(20);
  const fields = [CODE_DIRECTORY, directorySize, 0x20400, AD_HOC, hashesAt, 88, 0, pages, codeLimit];
  for (const [index, value] of fields.entries()) directory.writeUInt32BE(value, 4 * index);
  directory.set([HASH, 2, 0, Math.log2(PAGE)], 36);
  directory.writeBigUInt64BE(textSize, 72);
  directory.writeBigUInt64BE(MAIN_BINARY, 80);
  directory.set(name, 88);
  for (let page = 0; page < pages; page += 1) {
    const content = output.subarray(page * PAGE, Math.min((page + 1) * PAGE, codeLimit));
    directory.set(sha256(content), hashesAt + page * HASH);
  }
  return output;
}

/** What is wrong with the signature, or undefined. */
export function signatureProblem(input: Uint8Array): string | undefined {
  const file = Buffer.from(input.buffer, input.byteOffset, input.length);
  const { signature, linkedit } = layoutOf(file);
  if (signature === undefined) return 'there is no signature';
  const offset = file.readUInt32LE(signature + 8);
  const size = file.readUInt32LE(signature + 12);
  if (offset + size !== file.length) return 'the signature is not at the end';
  const linkeditEnd = file.readBigUInt64LE(linkedit + 40) + file.readBigUInt64LE(linkedit + 48);
  if (linkeditEnd !== BigInt(file.length)) return '__LINKEDIT does not reach the end';
  const blob = file.subarray(offset);
  if (blob.readUInt32BE(0) !== SUPER_BLOB) return 'the signature is no signature';
  const directory = blob.subarray(blob.readUInt32BE(16));
  if (directory.readUInt32BE(0) !== CODE_DIRECTORY) return 'there is no code directory';
  if ((directory.readUInt32BE(12) & AD_HOC) === 0) return 'the signature is not ad hoc';
  const hashesAt = directory.readUInt32BE(16);
  const pages = directory.readUInt32BE(28);
  const codeLimit = directory.readUInt32BE(32);
  const page = 2 ** directory.readUInt8(39);
  if (codeLimit !== offset || pages !== Math.ceil(codeLimit / page))
    return 'the signature covers not every page';
  for (let index = 0; index < pages; index += 1) {
    const content = file.subarray(index * page, Math.min((index + 1) * page, codeLimit));
    const expected = directory.subarray(hashesAt + index * HASH, hashesAt + (index + 1) * HASH);
    if (!sha256(content).equals(expected)) return `the hash of page ${index} is wrong`;
  }
  return undefined;
}

function layoutOf(file: Buffer): Layout {
  if (file.readUInt32LE(0) !== 0xfeedfacf) throw new Error('this is no Mach-O executable of 64 bits');
  let signature: number | undefined;
  let linkedit: number | undefined;
  let textSize = 0n;
  let firstSection = file.length;
  let at = 32;
  for (let index = 0; index < file.readUInt32LE(16); index += 1) {
    const kind = file.readUInt32LE(at);
    if (kind === SIGNATURE) signature = at;
    if (kind === SEGMENT) {
      const name = file.toString('latin1', at + 8, at + 24).replace(/\0+$/, '');
      if (name === '__LINKEDIT') linkedit = at;
      if (name === '__TEXT') textSize = file.readBigUInt64LE(at + 48);
      for (let section = 0; section < file.readUInt32LE(at + 64); section += 1) {
        const offset = file.readUInt32LE(at + 72 + section * 80 + 48);
        if (offset > 0) firstSection = Math.min(firstSection, offset);
      }
    }
    at += file.readUInt32LE(at + 4);
  }
  if (linkedit === undefined) throw new Error('this Mach-O executable has no __LINKEDIT');
  return { commandsEnd: at, firstSection, signature, linkedit, textSize };
}

function sha256(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest();
}
