// Owns the requests to a registry with a token: proxy and authorities as for AWS, one limit over all, and the exchange of the
// password for a bearer token that ECR Public wants. Must not send either to another host, and lets neither into a message.
import type { Declared } from '../authorize.ts';
import { HelperError } from '../errors.ts';
import { explainFailure } from '../token/fetch/failure.ts';
import { openNetwork, runtimeSend } from '../token/fetch/network.ts';
import { isRecord } from './client-entries.ts';

/** An answer as far as it is looked at. */
export interface RegistryAnswer {
  readonly status: number;
  /** Of the first error of the body, where it is in the form of the specification. */
  readonly code: string;
  readonly message: string;
}

/** Asks one registry as the owner of a token. */
export interface RegistryClient {
  /** Throws a {@link HelperError} for whatever is no answer of a server. */
  get(path: string): Promise<RegistryAnswer>;
}

const REQUEST_LIMIT_MS = 10_000;

/** Every kind of manifest that ECR keeps: without the list a registry answers an image of the oldest kind, or none. */
const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** A client for a host as the user names it, with the password of a token. */
export async function openRegistry(
  host: string,
  password: string,
  { target, source, endpoints }: Declared,
): Promise<RegistryClient> {
  const basic = `Basic ${btoa(`AWS:${password}`)}`;
  let authorization = basic;
  const network = openNetwork(await runtimeSend(), endpoints, REQUEST_LIMIT_MS);
  const overall = new AbortController();
  const step = { what: `asking the registry ${host}`, service: `the registry ${host}` };

  async function send(url: string, authorizedBy: string): Promise<Answered> {
    const headers = { authorization: authorizedBy, accept: MANIFEST_TYPES };
    const timer = setTimeout(
      () =>
        overall.abort(new HelperError({ kind: 'timed-out', step: step.what, limitMs: REQUEST_LIMIT_MS * 2 })),
      REQUEST_LIMIT_MS * 2,
    );
    try {
      const answer = await network.exchange({ url, method: 'GET', headers }, overall.signal);
      return { status: answer.status, headers: answer.headers, text: new TextDecoder().decode(answer.body) };
    } catch (error) {
      throw explainFailure(error, { step, source, registry: target.registry, route: network.latest() });
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    async get(path) {
      let answer = await send(`https://${host}${path}`, authorization);
      const tokenUrl =
        answer.status === 401 ? bearerUrl(answer.headers['www-authenticate'], host) : undefined;
      if (tokenUrl !== undefined) {
        const bearer = bearerIn((await send(tokenUrl, basic)).text);
        if (bearer !== undefined) {
          authorization = `Bearer ${bearer}`;
          answer = await send(`https://${host}${path}`, authorization);
        }
      }
      const { code, message } = firstError(answer.text);
      // A server that says back what it was sent must not have it said on to a bug report. Before anything is cut off: half a
      // secret would not be found.
      const secrets = [password, basic.slice('Basic '.length), authorization.replace(/^\w+ /, '')];
      const told = secrets.reduce((text, secret) => text.replaceAll(secret, '…'), message);
      return { status: answer.status, code, message: told.slice(0, 600) };
    },
  };
}

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Where a registry sends clients for a bearer token: `Bearer realm="https://public.ecr.aws/token/",service="…",scope="…"`. */
function bearerUrl(challenge: string | undefined, host: string): string | undefined {
  if (challenge === undefined || !/^bearer /i.test(challenge)) return undefined;
  const { realm = '', ...others } = Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
  // The password goes to the registry and to nobody that it names.
  if (!URL.canParse(realm) || new URL(realm).origin !== new URL(`https://${host}`).origin) return undefined;
  const url = new URL(realm);
  for (const name of ['service', 'scope']) {
    const value = others[name];
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}

function bearerIn(text: string): string | undefined {
  const value = parse(text);
  return isRecord(value) && typeof value.token === 'string' && /^[\x21-\x7e]+$/.test(value.token)
    ? value.token
    : undefined;
}

/** The first error of a registry's answer. */
function firstError(text: string): { code: string; message: string } {
  const value = parse(text);
  const first: unknown = isRecord(value) && Array.isArray(value.errors) ? value.errors[0] : undefined;
  const { code, message } = isRecord(first) ? first : {};
  return {
    code: typeof code === 'string' ? code : '',
    message: typeof message === 'string' ? message.trim().replace(/\.$/, '') : '',
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
