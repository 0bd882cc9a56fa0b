// Owns the conversation with the plugin: requests, runs, and a decoder as strict as the kubelet's own, for the published types of credentialprovider.kubelet.k8s.io
// (kubernetes/kubelet pkg/apis/credentialprovider/v1/types.go, plugin.go: EnableStrict). It must not share code with the program.
import assert from 'node:assert/strict';
import type { RunResult } from './run.ts';
import type { Env, World } from './world.ts';

export const V1 = 'credentialprovider.kubelet.k8s.io/v1';

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

/** A request as the kubelet writes it. */
export function requestFor(image: string, changes: Record<string, unknown> = {}): string {
  return `${JSON.stringify({ kind: 'CredentialProviderRequest', apiVersion: V1, image, ...changes })}\n`;
}

/** Runs the plugin with a request; `argv` is empty under its own name. */
export async function ask(
  world: World,
  stdin: string,
  env: Env = {},
  argv = ['kubelet'],
): Promise<RunResult> {
  return world.run(argv, { stdin, env, mayAnswer: true });
}

/** Success: one key, this password, half of twelve hours. */
export function assertAnswer(result: RunResult, key: string, password: string, apiVersion = V1): void {
  assert.deepEqual({ code: result.code, stderr: result.stderr }, { code: 0, stderr: '' });
  const { auth, cacheDurationSeconds } = assertStrictResponse(result.stdout, apiVersion);
  assert.deepEqual(auth, { [key]: { username: 'AWS', password } });
  assert.ok(cacheDurationSeconds > 21_500 && cacheDurationSeconds <= 21_600, String(cacheDurationSeconds));
}

/** Nothing on stdout, cause and hint on stderr. */
export function assertFailure(result: RunResult, cause: string | RegExp): void {
  assert.deepEqual({ stdout: result.stdout, code: result.code }, { stdout: '', code: 1 });
  const [first = '', hint = '', end, ...more] = result.stderr.split('\n');
  if (typeof cause === 'string') assert.equal(first, `docker-credential-ecr-login: ${cause}`);
  else assert.match(first, cause);
  assert.match(hint, /^hint: ./);
  assert.deepEqual([end, more], ['', []]);
}
