// Owns the mapping from the server URL that a client sends to the ECR registry it names, with the one table
// of partitions and DNS suffixes that it rests on. Pure: no I/O, no settings, no AWS SDK.

/** A registry of Amazon ECR, as its host name tells it. */
export interface Registry {
  /** Canonical host: lower case, no scheme, no trailing dot; with a port only where a rule maps that port. */
  readonly host: string;
  /** The AWS API that hands out the authorization token. */
  readonly service: 'ecr' | 'ecr-public';
  /** The registry ID (12-digit AWS account), absent for ECR Public. */
  readonly accountId?: string;
  /** The AWS region whose API is asked. */
  readonly region: string;
  readonly partition: Partition;
  readonly fips: boolean;
  readonly dualStack: boolean;
}

/** An AWS partition, as written in ARNs (https://docs.aws.amazon.com/general/latest/gr/rande.html). */
export type Partition =
  | 'aws'
  | 'aws-cn'
  | 'aws-us-gov'
  | 'aws-iso'
  | 'aws-iso-b'
  | 'aws-iso-e'
  | 'aws-iso-f'
  | 'aws-eusc';

interface PartitionRow {
  readonly partition: Partition;
  /** Regions of this partition begin so; `aws` takes what no other row claims. */
  readonly regionPrefix: string;
  /** DNS suffix of classic hosts, `<account>.dkr.ecr.<region>.<suffix>`. */
  readonly dnsSuffix: string;
  /** DNS suffix of dual-stack hosts, `<account>.dkr-ecr.<region>.<suffix>`. */
  readonly dualStackDnsSuffix?: string;
}

/** Every partition that ECR runs in; a new one is one more row. */
const PARTITIONS: readonly PartitionRow[] = [
  { partition: 'aws', regionPrefix: '', dnsSuffix: 'amazonaws.com', dualStackDnsSuffix: 'on.aws' },
  {
    partition: 'aws-cn',
    regionPrefix: 'cn-',
    dnsSuffix: 'amazonaws.com.cn',
    dualStackDnsSuffix: 'on.amazonwebservices.com.cn',
  },
  {
    partition: 'aws-us-gov',
    regionPrefix: 'us-gov-',
    dnsSuffix: 'amazonaws.com',
    dualStackDnsSuffix: 'on.aws',
  },
  { partition: 'aws-iso', regionPrefix: 'us-iso-', dnsSuffix: 'c2s.ic.gov' },
  { partition: 'aws-iso-b', regionPrefix: 'us-isob-', dnsSuffix: 'sc2s.sgov.gov' },
  { partition: 'aws-iso-e', regionPrefix: 'eu-isoe-', dnsSuffix: 'cloud.adc-e.uk' },
  { partition: 'aws-iso-f', regionPrefix: 'us-isof-', dnsSuffix: 'csp.hci.ic.gov' },
  { partition: 'aws-eusc', regionPrefix: 'eusc-', dnsSuffix: 'amazonaws.eu' },
];

const PUBLIC_HOSTS: readonly string[] = ['public.ecr.aws', 'ecr-public.aws.com'];

/** The only region whose ECR Public API hands out tokens (https://docs.aws.amazon.com/AmazonECR/latest/public/public-registry-auth.html). */
const ECR_PUBLIC_REGION = 'us-east-1';

/** The host and port that a server URL names. */
export interface Authority {
  /** Canonical: lower case, without scheme, path, trailing dot. */
  readonly host: string;
  /** As written, or undefined. */
  readonly port?: number;
}

/** The authority of a server URL; undefined for what cannot be the address of a registry: user info, a port out of range, a query. */
export function parseAuthority(serverUrl: string): Authority | undefined {
  const match = /^(?:https?:\/\/)?([a-z0-9._-]+?)\.?(?::(\d{1,5}))?(?:\/[^?#]*)?$/i.exec(serverUrl);
  const [, host, port] = match ?? [];
  if (host === undefined || Number(port ?? 443) > 65535) return undefined;
  return { host: host.toLowerCase(), ...(port === undefined ? {} : { port: Number(port) }) };
}

/** The canonical host of a server URL, or undefined where {@link parseAuthority} finds none. */
export function parseHost(serverUrl: string): string | undefined {
  return parseAuthority(serverUrl)?.host;
}

// [0-9] and not \d with the u flag, so that no other script's digits pass for an account. A region ends in a number and has
// digits nowhere else: `123456789012.dkr.ecr.s3-website-us-east-1.amazonaws.com` would be a bucket, which anybody can own.
const PRIVATE_HOST =
  /^(?<accountId>[0-9]{12})\.dkr[.-]ecr(?<fips>-fips)?\.(?<region>(?=[^.]{1,63}\.)[a-z]{2,}(?:-[a-z]+)+-[0-9]+)\.(?<suffix>[a-z0-9.-]+)$/;

/** The ECR registry behind a canonical host, or undefined when the host is not Amazon's. */
export function parseRegistry(host: string): Registry | undefined {
  if (PUBLIC_HOSTS.includes(host)) {
    return {
      host,
      service: 'ecr-public',
      region: ECR_PUBLIC_REGION,
      partition: 'aws',
      fips: false,
      dualStack: false,
    };
  }
  const parts = PRIVATE_HOST.exec(host)?.groups;
  if (parts === undefined) return undefined;
  const { accountId, region, suffix } = parts;
  if (accountId === undefined || region === undefined) return undefined;
  const partition = partitionOf(region);
  const row = PARTITIONS.find((candidate) => candidate.partition === partition);
  if (row === undefined || (suffix !== row.dnsSuffix && suffix !== row.dualStackDnsSuffix)) return undefined;
  return {
    host,
    service: 'ecr',
    accountId,
    region,
    partition,
    fips: parts.fips !== undefined,
    dualStack: suffix === row.dualStackDnsSuffix,
  };
}

/** The classic host of an account's registry in a region. */
export function registryHost(accountId: string, region: string): string {
  const partition = partitionOf(region);
  const row = PARTITIONS.find((candidate) => candidate.partition === partition);
  return `${accountId}.dkr.ecr.${region}.${row?.dnsSuffix ?? 'amazonaws.com'}`;
}

/** The partition that a region belongs to; an unknown region counts as `aws`, so that new regions work unasked. */
export function partitionOf(region: string): Partition {
  let found: PartitionRow | undefined;
  for (const row of PARTITIONS) {
    if (region.startsWith(row.regionPrefix) && row.regionPrefix.length >= (found?.regionPrefix.length ?? 0))
      found = row;
  }
  return found?.partition ?? 'aws';
}
