// Owns the bill of materials, CycloneDX 1.6. Made here and not by a tool: tools read the lockfile, in which everything is a
// development dependency, while what ships is what the bundler took, and a runtime that no lockfile knows.
import { createHash } from 'node:crypto';
import type { Contained } from './contents.ts';
import { PROGRAM } from './targets.ts';

/** What the bill is made from. */
export interface BillSources {
  readonly version: string;
  readonly commit: string;
  readonly seconds: number;
  readonly packages: readonly Contained[];
  readonly bun: string;
  readonly node: string;
}

/** The bill as JSON. Its serial number comes from the commit, so that it is the same in every build. */
export function billOfMaterials({ version, commit, seconds, packages, bun, node }: BillSources): string {
  const self = `pkg:npm/${PROGRAM}@${version}`;
  const libraries = packages.map(({ name, integrity, ...rest }) => ({
    type: 'library',
    'bom-ref': purl(name, rest.version),
    name,
    version: rest.version,
    purl: purl(name, rest.version),
    licenses: [{ license: { id: rest.licence } }],
    hashes: [{ alg: 'SHA-512', content: hex(integrity) }],
  }));
  const platforms = [
    runtime('bun', bun, 'in the native executables'),
    runtime('node', node, 'in the executables with "node" in their name'),
  ];
  const components = [...libraries, ...platforms];
  const bill = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuid(`${commit} ${version}`)}`,
    version: 1,
    metadata: {
      timestamp: new Date(seconds * 1000).toISOString(),
      component: {
        type: 'application',
        'bom-ref': self,
        name: PROGRAM,
        version,
        purl: self,
        licenses: [{ license: { id: 'Apache-2.0' } }],
        properties: [{ name: 'commit', value: commit }],
      },
    },
    components,
    dependencies: [
      { ref: self, dependsOn: components.map((component) => component['bom-ref']) },
      ...components.map((component) => ({ ref: component['bom-ref'] })),
    ],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

function runtime(name: string, version: string, description: string) {
  const repository = { bun: 'oven-sh/bun', node: 'nodejs/node' }[name];
  const tag = { bun: `bun-v${version}`, node: `v${version}` }[name];
  const id = `pkg:github/${repository}@${tag}`;
  return {
    type: 'platform',
    'bom-ref': id,
    name,
    version,
    description,
    purl: id,
    licenses: [{ license: { id: 'MIT' } }],
  };
}

function purl(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

function hex(integrity: string): string {
  return Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
}

/** A UUID of version 8: made from a hash. */
function uuid(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes.writeUInt8(((bytes[6] ?? 0) & 0x0f) | 0x80, 6);
  bytes.writeUInt8(((bytes[8] ?? 0) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
