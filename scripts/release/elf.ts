// Owns what an ELF file says that it needs: its loader, its shared libraries, and the newest version of the C library.
// Must not run anything.

/** What an executable needs at run time. */
export interface ElfNeeds {
  readonly loader: string;
  readonly libraries: readonly string[];
  /** Such as `2.17`; undefined where no version of glibc is asked for. */
  readonly glibc: string | undefined;
}

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_VERNEED = 0x6ffffffe;
const DT_VERNEEDNUM = 0x6fffffff;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

/** Reads a little-endian ELF file of 64 bits. */
export function elfNeeds(content: Uint8Array): ElfNeeds {
  const file = Buffer.from(content.buffer, content.byteOffset, content.length);
  if (file.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') throw new Error('this is no ELF file of 64 bits');
  const segments = segmentsOf(file);
  const text = (at: number) => file.toString('utf8', at, file.indexOf(0, at));
  const interp = segments.find(({ type }) => type === PT_INTERP);
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  const loader = interp === undefined ? '' : text(interp.offset);
  if (dynamic === undefined) return { loader, libraries: [], glibc: undefined };

  const entries: { readonly tag: number; readonly value: number }[] = [];
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.size; at += 16) {
    const tag = number(file, at);
    if (tag === 0) break;
    entries.push({ tag, value: number(file, at + 8) });
  }
  const first = (tag: number) => entries.find((entry) => entry.tag === tag)?.value ?? 0;
  const strings = fileOffset(segments, first(DT_STRTAB));
  const libraries = entries.filter(({ tag }) => tag === DT_NEEDED).map(({ value }) => text(strings + value));
  const versions: string[] = [];
  let need = first(DT_VERNEEDNUM) === 0 ? 0 : fileOffset(segments, first(DT_VERNEED));
  for (let left = first(DT_VERNEEDNUM); left > 0; left -= 1) {
    let aux = need + file.readUInt32LE(need + 8);
    for (let count = file.readUInt16LE(need + 2); count > 0; count -= 1) {
      versions.push(text(strings + file.readUInt32LE(aux + 8)));
      aux += file.readUInt32LE(aux + 12);
    }
    need += file.readUInt32LE(need + 12);
  }
  return { loader, libraries, glibc: newest(versions) };
}

function segmentsOf(file: Buffer): Segment[] {
  const start = number(file, 32);
  const size = file.readUInt16LE(54);
  return Array.from({ length: file.readUInt16LE(56) }, (_, index) => {
    const at = start + index * size;
    const [offset, address, length] = [number(file, at + 8), number(file, at + 16), number(file, at + 32)];
    return { type: file.readUInt32LE(at), offset, address, size: length };
  });
}

function fileOffset(segments: readonly Segment[], address: number): number {
  const found = segments.find(
    (segment) =>
      segment.type === PT_LOAD && address >= segment.address && address < segment.address + segment.size,
  );
  if (found === undefined) throw new Error('this ELF file points outside itself');
  return address - found.address + found.offset;
}

function newest(versions: readonly string[]): string | undefined {
  return versions
    .flatMap((version) => /^GLIBC_(\d+\.\d+)/.exec(version)?.[1] ?? [])
    .sort((a, b) => Number(a.split('.')[1]) - Number(b.split('.')[1]))
    .at(-1);
}

function number(file: Buffer, at: number): number {
  return Number(file.readBigUInt64LE(at));
}
