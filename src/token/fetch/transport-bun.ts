// Owns how the native executable sends a request: over Bun's own fetch, which is already loaded, where node:https would cost
// ten milliseconds. Bun's fetch reads the environment itself, so everything is said explicitly. Must not be used on Node.
import type { Passage, Send } from './network.ts';
import { readLimited } from './response-body.ts';

/** See `Send`. */
export const send: Send = async ({ url, method, headers, body }, passage) => {
  const { authorities, signal } = passage;
  const response = await withoutNoProxy(passage, () =>
    fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      // A redirect would carry a signed request, or a bearer token, to a host that nobody named.
      redirect: 'manual',
      keepalive: false,
      // Otherwise BUN_CONFIG_VERBOSE_FETCH prints every header and body, keys and tokens among them, on stderr.
      verbose: false,
      signal,
      proxy: proxyOption(passage),
      // Without `rejectUnauthorized` the variable NODE_TLS_REJECT_UNAUTHORIZED would decide.
      tls: { rejectUnauthorized: true, ...(authorities === undefined ? {} : { ca: authorities }) },
    } as BunFetchRequestInit),
  );
  return {
    status: response.status,
    statusText: response.statusText,
    headers: Object.fromEntries(response.headers.entries()),
    body: await readLimited(response.body),
  };
};

/** `false` alone means "none"; its type does not know it, and undefined or empty would ask the environment. */
function proxyOption({ proxy }: Passage): unknown {
  if (proxy === undefined) return false;
  const { origin, authorization } = proxy;
  return authorization === undefined
    ? origin
    : { url: origin, headers: { 'proxy-authorization': authorization } };
}

/**
 * Bun applies NO_PROXY, by rules of its own, even to a proxy that it is given. It reads the variable while `fetch` is called,
 * not later, so for so long it is away; a child process started at another time still gets it.
 */
function withoutNoProxy<T>({ proxy }: Passage, call: () => T): T {
  if (proxy === undefined) return call();
  const { env } = process;
  const saved = ['NO_PROXY', 'no_proxy'].map((name) => [name, env[name]] as const);
  for (const [name] of saved) delete env[name];
  try {
    return call();
  } finally {
    for (const [name, value] of saved) if (value !== undefined) env[name] = value;
  }
}
