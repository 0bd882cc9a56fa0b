// Owns a decoder as strict as the kubelet's own, for the published types of credentialprovider.kubelet.k8s.io
// (kubernetes/kubelet pkg/apis/credentialprovider/v1/types.go, plugin.go: EnableStrict). It must not share code with the program.
import assert from 'node:assert/strict';

/** What the kubelet makes of a response. */
export interface DecodedResponse {
  readonly cacheDurationSeconds: number;
  readonly auth: Readonly<Record<string, { readonly username: string; readonly password: string }>>;
}

/** Fails for whatever the kubelet would throw away: unknown, doubled or misspelt fields, wrong types, a second document. */
export function assertStrictResponse(stdout: string, apiVersion: string): DecodedResponse {
  assert.match(stdout, /^[^\n]+\n$/, 'not a single line');
  assertNoDoubles(stdout);
  const value: unknown = JSON.parse(stdout);
  const response = fields(value, ['kind', 'apiVersion', 'cacheKeyType', 'cacheDuration', 'auth']);
  assert.equal(response.kind, 'CredentialProviderResponse');
  assert.equal(response.apiVersion, apiVersion);
  assert.ok(['Image', 'Registry', 'Global'].includes(String(response.cacheKeyType)), 'cacheKeyType');
  const { cacheDuration, auth } = response;
  assert.ok(typeof cacheDuration === 'string', 'metav1.Duration is a string');
  const [, h = '0', m = '0', s = '0'] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(cacheDuration) ?? [];
  assert.match(cacheDuration, /\d+s$/, 'a duration of Go');
  assert.ok(typeof auth === 'object' && auth !== null && !Array.isArray(auth), 'auth is a map');
  const decoded = Object.entries(auth).map(([key, each]) => {
    const { username, password } = fields(each, ['username', 'password']);
    assert.ok(typeof username === 'string' && typeof password === 'string');
    return [key, { username, password }] as const;
  });
  return {
    cacheDurationSeconds: Number(h) * 3600 + Number(m) * 60 + Number(s),
    auth: Object.fromEntries(decoded),
  };
}

function fields(value: unknown, known: readonly string[]): Record<string, unknown> {
  assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value), 'not an object');
  for (const key of Object.keys(value)) assert.ok(known.includes(key), `unknown field ${key}`);
  return value as Record<string, unknown>;
}

/** `JSON.parse` keeps the last of two equal keys, where Go's strict decoder refuses both. */
function assertNoDoubles(json: string): void {
  const open: Set<string>[] = [];
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (token.endsWith(':')) {
      const keys = open.at(-1);
      assert.ok(keys !== undefined && !keys.has(token), `${token} stands twice`);
      keys.add(token);
    }
  }
}
