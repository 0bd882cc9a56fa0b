// Owns the cleaning of refusals: a server, or a proxy in between, that says back what it was sent must not have it said on to
// a terminal, a log or a build log. Knows where requests carry secrets, and must not look at what they mean.

/** A request, as far as it may carry secrets. */
export interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const HEADERS = /^(authorization|proxy-authorization|dpop|x-amz-security-token|x-amz-sso_bearer_token)$/i;
const FIELDS = /token|secret|password|verifier|assertion/i;
/** What is shorter than this says nothing, and would tear words apart; codes of MFA are worth nothing once sent. */
const SHORTEST = 12;

/** The body without any secret of the request that it answers. */
export function withoutEcho(body: Uint8Array, sent: Sent): Uint8Array {
  const secrets = secretsIn(sent);
  if (secrets.length === 0) return body;
  const text = new TextDecoder().decode(body);
  // The longest first, so that none leaves a rest of another.
  const clean = secrets
    .sort((a, b) => b.length - a.length)
    .reduce((rest, secret) => rest.replaceAll(secret, '…'), text);
  return clean === text ? body : new TextEncoder().encode(clean);
}

function secretsIn({ headers, body }: Sent): string[] {
  const named = Object.entries(headers).flatMap(([name, value]) =>
    HEADERS.test(name) ? [value, value.replace(/^\w+ /, '')] : [],
  );
  const all = [...named, ...(typeof body === 'string' ? fieldsIn(body) : [])].filter(
    (secret) => secret.length >= SHORTEST,
  );
  // As JSON writes them where it escapes the slash, and as a form does.
  return [
    ...new Set(all.flatMap((secret) => [secret, secret.replaceAll('/', '\\/'), encodeURIComponent(secret)])),
  ];
}

/** The values of secret fields, of JSON or of a form. */
function fieldsIn(body: string): string[] {
  const entries = body.trimStart().startsWith('{') ? entriesIn(body) : [...new URLSearchParams(body)];
  return entries.flatMap(([name, value]) => (FIELDS.test(name) && typeof value === 'string' ? [value] : []));
}

function entriesIn(json: string): [string, unknown][] {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? Object.entries(value) : [];
  } catch {
    return [];
  }
}
