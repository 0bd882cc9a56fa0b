// Owns IP addresses as numbers and ranges of them (CIDR). Pure; node:net has this too, but costs start-up time under Bun.

/** An IP address; one of IPv4 written as IPv6 (`::ffff:a.b.c.d`) is of IPv4. */
export interface Address {
  readonly bits: bigint;
  readonly width: 32 | 128;
}

/** The address that a text is, without brackets; undefined for names. */
export function readAddress(text: string): Address | undefined {
  // A zone (`fe80::1%eth0`) says which link, which does not matter here.
  const plain = text.replace(/%.*$/, '');
  if (!plain.includes(':')) return readIpv4(plain);
  // What stands before an @ or behind a ? would be taken out of the brackets below.
  if (!/^[0-9a-f:.]+$/i.test(plain)) return undefined;
  // The URL parser knows every way to write IPv6 and gives the shortest.
  const url = `http://[${plain}]`;
  if (!URL.canParse(url)) return undefined;
  const [head = '', tail] = new URL(url).hostname.slice(1, -1).split('::');
  const left = groups(head);
  const right = groups(tail ?? '');
  const zeros = tail === undefined ? [] : Array<bigint>(8 - left.length - right.length).fill(0n);
  const bits = [...left, ...zeros, ...right].reduce((sum, group) => (sum << 16n) | group, 0n);
  return bits >> 32n === 0xffffn ? { bits: bits & 0xffffffffn, width: 32 } : { bits, width: 128 };
}

/** Whether an address lies in a range such as `10.0.0.0/8`; a range that cannot be read holds nothing. */
export function isWithin(address: Address, range: string): boolean {
  const [, base = '', length = ''] = /^\[?([^/\]]+)\]?\/(\d{1,3})$/.exec(range) ?? [];
  const start = readAddress(base);
  const prefix = Number(length);
  if (start === undefined || start.width !== address.width || prefix > start.width) return false;
  const shift = BigInt(start.width - prefix);
  return start.bits >> shift === address.bits >> shift;
}

function readIpv4(text: string): Address | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return undefined;
  return { bits: parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n), width: 32 };
}

function groups(text: string): bigint[] {
  return text === '' ? [] : text.split(':').map((group) => BigInt(`0x${group}`));
}
