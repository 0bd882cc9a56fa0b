// Owns the choice of a proxy for a URL from the environment, by the rules of Go's golang.org/x/net/http/httpproxy, since the
// helper that this one replaces is written in Go; ALL_PROXY is added, as in curl. Pure. Must not connect to anything.
import { HelperError } from '../../errors.ts';
import { isWithin, readAddress } from './network-address.ts';

/** An HTTP proxy; `origin` is fit for messages, the credentials are apart. */
export interface HttpProxy {
  /** Such as `http://proxy.example.com:3128`, always with a port. */
  readonly origin: string;
  readonly isSecure: boolean;
  readonly host: string;
  readonly port: number;
  /** The value of `Proxy-Authorization`; a secret. */
  readonly authorization?: string;
}

/** Addresses of this machine and of its cloud's own services; credentials of a machine must never travel through a proxy. */
const NEVER_PROXIED: readonly string[] = [
  '127.0.0.0/8',
  '::1/128',
  '169.254.0.0/16',
  'fe80::/10',
  // All of EC2's local services over IPv6: fd00:ec2::254 is instance metadata, ::23 EKS Pod Identity.
  'fd00:ec2::/32',
];

/**
 * The proxy that requests to `url` go through, or undefined for none. Upper case wins over lower case; an empty variable is
 * an absent one. Throws `setting-invalid` for a variable that holds no usable proxy.
 */
export function proxyFor(url: string, env: NodeJS.ProcessEnv): HttpProxy | undefined {
  const { protocol, hostname, port } = new URL(url);
  const isSecure = protocol === 'https:';
  const variables = isSecure ? ['HTTPS_PROXY', 'https_proxy'] : httpVariables(env);
  const name = [...variables, 'ALL_PROXY', 'all_proxy'].find((variable) => env[variable]);
  if (name === undefined) return undefined;
  const target = { host: plainHost(hostname), port: port || (isSecure ? '443' : '80') };
  if (isLocal(target.host) || isExcepted(target, env.NO_PROXY || env.no_proxy || '')) return undefined;
  const value = (env[name] ?? '').trim();
  // ALL_PROXY is most often set for SOCKS, by people whose Go programs never read it: those go on without.
  if (/^all/i.test(name) && /^socks/i.test(value)) return undefined;
  return readProxy(name, value);
}

/** In a CGI program HTTP_PROXY is the client's header `Proxy:`, so anyone could set it: https://httpoxy.org */
function httpVariables(env: NodeJS.ProcessEnv): readonly string[] {
  return env.REQUEST_METHOD ? ['http_proxy'] : ['HTTP_PROXY', 'http_proxy'];
}

function readProxy(name: string, value: string): HttpProxy {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url === undefined ||
    !/^https?:$/.test(url.protocol) ||
    // A password with a bare "/", "#" or "?" moves the host into the path: half of it would be taken for the host's name.
    /@/.test(url.pathname + url.search + url.hash)
  )
    throw new HelperError({
      kind: 'setting-invalid',
      name,
      value: withoutCredentials(value),
      wanted:
        'a URL that begins with http:// or https://, special characters of its password percent-encoded',
    });
  const isSecure = url.protocol === 'https:';
  const port = Number(url.port || (isSecure ? 443 : 80));
  const authorization = basic(url);
  return {
    origin: `${url.protocol}//${url.hostname}:${port}`,
    isSecure,
    host: plainHost(url.hostname),
    port,
    ...(authorization === undefined ? {} : { authorization }),
  };
}

/** What can be said of a value that cannot be parsed: nothing before the last "@", whatever stands there. */
function withoutCredentials(value: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(value)?.[0] ?? '';
  return value.includes('@') ? `${scheme}…@${value.slice(value.lastIndexOf('@') + 1)}` : value;
}

function basic({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  return `Basic ${Buffer.from(`${decode(username)}:${decode(password)}`).toString('base64')}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Lower case, without the brackets of IPv6 and the final dot of a rooted name. */
function plainHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

/** This machine, its link, and the cloud's services on it. */
function isLocal(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  const address = readAddress(host);
  return address !== undefined && NEVER_PROXIED.some((range) => isWithin(address, range));
}

/** Whether NO_PROXY names the target: `*`, an address, a range, a domain (`.x` its subdomains only), each with or without a port. */
function isExcepted(target: { host: string; port: string }, list: string): boolean {
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && isNamedBy(entry, target));
}

function isNamedBy(entry: string, { host, port }: { host: string; port: string }): boolean {
  if (entry === '*') return true;
  const address = readAddress(host);
  if (entry.includes('/')) return address !== undefined && isWithin(address, entry);
  const [, bracketed, plain, wantedPort] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  // More than one colon and no bracket is an IPv6 address.
  const pattern = (bracketed ?? plain ?? entry).replace(/\.$/, '');
  if (wantedPort !== undefined && wantedPort !== port) return false;
  if (pattern === '') return false;
  const wanted = readAddress(pattern);
  if (wanted !== undefined || address !== undefined)
    return wanted !== undefined && wanted.bits === address?.bits && wanted.width === address.width;
  const suffix = pattern.startsWith('*.') ? pattern.slice(1) : pattern;
  return suffix.startsWith('.') ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`);
}
