// Owns tar and zip archives of which two with the same content are the same bytes: sorted, one time, no owner.
// Must not read the file system.
import { crc32, deflateRawSync } from 'node:zlib';

/** One file of an archive. */
export interface Entry {
  /** Relative, with `/`. */
  readonly path: string;
  readonly content: Uint8Array;
  readonly mode: number;
  /** PAX records of this file alone. */
  readonly pax?: Readonly<Record<string, string>>;
}

const BLOCK = 512;

/** A ustar archive with directories before what is in them; `end` is left out where archives are strung together. */
export function tar(
  entries: readonly Entry[],
  seconds: number,
  { directories = true, end = true, sort = true } = {},
): Buffer {
  const sorted = sort ? entries.toSorted((a, b) => (a.path < b.path ? -1 : 1)) : entries;
  const made = new Set<string>();
  const blocks: Uint8Array[] = [];
  for (const entry of sorted) {
    const parts = entry.path.split('/').slice(0, -1);
    for (const [index] of parts.entries()) {
      const path = `${parts.slice(0, index + 1).join('/')}/`;
      if (directories && !made.has(path))
        blocks.push(header({ path, mode: 0o755, size: 0, type: '5', seconds }));
      made.add(path);
    }
    if (entry.pax !== undefined) {
      const records = Buffer.from(Object.entries(entry.pax).map(paxRecord).join(''));
      const path = `PaxHeaders/${entry.path}`.slice(0, 99);
      blocks.push(header({ path, mode: 0o644, size: records.length, type: 'x', seconds }), padded(records));
    }
    const { path, mode, content } = entry;
    blocks.push(header({ path, mode, size: content.length, type: '0', seconds }), padded(content));
  }
  if (end) blocks.push(Buffer.alloc(2 * BLOCK));
  return Buffer.concat(blocks);
}

interface Header {
  readonly path: string;
  readonly mode: number;
  readonly size: number;
  readonly type: string;
  readonly seconds: number;
}

function header({ path, mode, size, type, seconds }: Header): Buffer {
  if (Buffer.byteLength(path) > 100)
    throw new Error(`cannot put "${path}" into a tar archive: its name is too long`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, '0')}\0`;
  block.write(path, 0);
  block.write(octal(mode, 8) + octal(0, 8) + octal(0, 8) + octal(size, 12) + octal(seconds, 12), 100);
  block.write(`        ${type}`, 148);
  block.write('ustar\x0000root', 257);
  block.write('root', 297);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** A PAX record begins with its own length, in digits that count. */
function paxRecord([key, value]: readonly [string, string]): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (`${length}${rest}`.length !== length) length = `${length}${rest}`.length;
  return `${length}${rest}`;
}

function padded(content: Uint8Array): Buffer {
  const rest = (BLOCK - (content.length % BLOCK)) % BLOCK;
  return Buffer.concat([content, Buffer.alloc(rest)]);
}

/** A zip archive; `deflate` may be a better one than zlib's. */
export async function zip(
  entries: readonly Entry[],
  seconds: number,
  deflate: (content: Uint8Array) => Promise<Buffer> = async (content) =>
    deflateRawSync(content, { level: 9 }),
): Promise<Buffer> {
  const time = dosTime(seconds);
  const local: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let offset = 0;
  const sorted = entries.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  for (const { path, content, mode } of sorted) {
    const name = Buffer.from(path);
    const data = await deflate(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x0800, 2); // names are UTF-8
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(time, 6);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    local.push(Buffer.from('PK\x03\x04', 'latin1'), common, name, data);
    const attributes = Buffer.alloc(14);
    attributes.writeUInt32LE(((0o100000 | mode) << 16) >>> 0, 6);
    attributes.writeUInt32LE(offset, 10);
    central.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, attributes, name);
    offset += 30 + name.length + data.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(sorted.length, 8);
  end.writeUInt16LE(sorted.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}

function dosTime(seconds: number): number {
  const at = new Date(seconds * 1000);
  const date = ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  return ((date << 16) | time) >>> 0;
}
