// Signature Version 4 seen from the server, written from AWS's description and not from any SDK, so that a
// signing mistake cannot hide behind the same mistake here.
// Owns parsing and computing; it must not know keys, roles or services.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { WireRequest } from './model.ts';

/** The parts of an `Authorization: AWS4-HMAC-SHA256 …` header. */
export interface Authorization {
  readonly accessKeyId: string;
  /** Day of the credential scope, `YYYYMMDD`. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  /** 64 hexadecimal digits. */
  readonly signature: string;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=(?<key>[^/\s]*)\/(?<date>\d{8})\/(?<region>[^/]+)\/(?<service>[^/]+)\/aws4_request, ?SignedHeaders=(?<headers>[a-z0-9;-]+), ?Signature=(?<signature>[0-9a-f]{64})$/;

/** Reads an Authorization header; undefined when it is absent or not Signature Version 4 with HMAC. */
export function parseAuthorization(header: string | undefined): Authorization | undefined {
  const { key, date, region, service, headers, signature } = AUTHORIZATION.exec(header ?? '')?.groups ?? {};
  if (key === undefined || !date || !region || !service || !headers || !signature) return undefined;
  return { accessKeyId: key, date, region, service, signedHeaders: headers.split(';'), signature };
}

/** True when the request carries the signature that the secret gives for exactly these bytes. */
export function isSignedWith(request: WireRequest, authorization: Authorization, secret: string): boolean {
  const expected = Buffer.from(signatureOf(request, authorization, secret));
  const given = Buffer.from(authorization.signature);
  return expected.length === given.length && timingSafeEqual(expected, given);
}

function signatureOf(request: WireRequest, authorization: Authorization, secret: string): string {
  const scope = `${authorization.date}/${authorization.region}/${authorization.service}/aws4_request`;
  const stringToSign = [
    'AWS4-HMAC-SHA256',
    request.headers['x-amz-date'] ?? '',
    scope,
    sha256(canonicalRequest(request, authorization.signedHeaders)),
  ].join('\n');
  return hmac(signingKey(secret, authorization), stringToSign).toString('hex');
}

function signingKey(secret: string, { date, region, service }: Authorization): Buffer {
  return hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), 'aws4_request');
}

function canonicalRequest(request: WireRequest, signedHeaders: readonly string[]): string {
  const [path = '/', query = ''] = request.url.split('?', 2);
  const headers = signedHeaders.map((name) => `${name}:${canonicalValue(request.headers[name])}\n`);
  return [
    request.method,
    // Every service but S3 encodes the path twice: once on the wire, once more here.
    path.split('/').map(uriEncode).join('/'),
    canonicalQuery(query),
    headers.join(''),
    signedHeaders.join(';'),
    // The bytes received, not the x-amz-content-sha256 header: a changed body must fail.
    sha256(request.body),
  ].join('\n');
}

function canonicalValue(value: string | undefined): string {
  return (value ?? '').trim().replace(/ +/g, ' ');
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs = query.split('&').map((pair) => {
    const [name = '', value = ''] = pair.split('=', 2).map(decodeURIComponent);
    return [uriEncode(name), uriEncode(value)] as const;
  });
  const sorted = pairs.sort(([a, x], [b, y]) => (a === b ? order(x, y) : order(a, b)));
  return sorted.map(([name, value]) => `${name}=${value}`).join('&');
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

// encodeURIComponent leaves !'()* alone, which RFC 3986 reserves and AWS encodes.
function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
