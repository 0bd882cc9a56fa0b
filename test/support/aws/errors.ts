// AWS's error vocabulary on the wire: which code and status each service uses for the same failure,
// and the body shape of each protocol. It must not decide when an error happens.

import { randomUUID } from 'node:crypto';
import type { Reply, Service } from './model.ts';

/** A failure that a service answers with; `extra` fields join the JSON body. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  readonly extra: Readonly<Record<string, string>>;

  constructor(code: string, status: number, message: string, extra: Record<string, string> = {}) {
    super(message);
    this.name = 'AwsError';
    this.code = code;
    this.status = status;
    this.extra = extra;
  }
}

interface Wording {
  readonly json: readonly [code: string, status: number];
  readonly query: readonly [code: string, status: number];
  readonly message: string;
}

// Codes and statuses: "Common errors" of the ECR API reference (JSON) and of the STS API reference (query).
const COMMON = {
  'unknown-key': {
    json: ['UnrecognizedClientException', 400],
    query: ['InvalidClientTokenId', 403],
    message: 'The security token included in the request is invalid.',
  },
  'bad-signature': {
    json: ['InvalidSignatureException', 400],
    query: ['SignatureDoesNotMatch', 403],
    message:
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret ' +
      'Access Key and signing method. Consult the service documentation for details.',
  },
  'no-signature': {
    json: ['MissingAuthenticationTokenException', 400],
    query: ['MissingAuthenticationToken', 403],
    message: 'Missing Authentication Token',
  },
  'expired-token': {
    json: ['ExpiredTokenException', 400],
    query: ['ExpiredToken', 403],
    message: 'The security token included in the request is expired',
  },
  'access-denied': {
    json: ['AccessDeniedException', 400],
    query: ['AccessDenied', 403],
    message: 'Access Denied',
  },
  throttled: { json: ['ThrottlingException', 400], query: ['Throttling', 400], message: 'Rate exceeded' },
  'internal-error': {
    json: ['ServerException', 500],
    query: ['InternalFailure', 500],
    message: 'The request processing has failed because of an unknown error, exception or failure.',
  },
  unavailable: {
    json: ['ServiceUnavailable', 503],
    query: ['ServiceUnavailable', 503],
    message: 'The request has failed due to a temporary failure of the server.',
  },
  'unknown-operation': {
    json: ['UnknownOperationException', 400],
    query: ['InvalidAction', 400],
    message: 'The requested operation is not supported.',
  },
} satisfies Record<string, Wording>;

/** Failures that every signed service can answer with. */
export type CommonFailure = keyof typeof COMMON;

/** The error that a service answers with for a common failure, in its own code and status. */
export function commonError(service: Service, failure: CommonFailure, message?: string): AwsError {
  const wording: Wording = COMMON[failure];
  const [code, status] = service === 'sts' ? wording.query : wording.json;
  return new AwsError(code, status, message ?? wording.message);
}

/** The error of a caller whose policies do not allow an action, in IAM's sentence. */
export function deniedError(service: Service, arn: string, action: string, resource = '*'): AwsError {
  const reason = ` because no identity-based policy allows the ${action} action`;
  const sentence = `User: ${arn} is not authorized to perform: ${action} on resource: ${resource}${reason}`;
  return commonError(service, 'access-denied', sentence);
}

/** The error of a request whose X-Amz-Date (`signedAt`, basic ISO 8601) is off the server's clock `now` (ms). */
export function skewError(service: Service, signedAt: string, now: number, windowMs: number): AwsError {
  const late = Date.parse(fromBasic(signedAt)) > now;
  const edge = toBasic(late ? now + windowMs : now - windowMs);
  const minutes = windowMs / 60_000;
  const message = late
    ? `Signature not yet current: ${signedAt} is still later than ${edge} (${toBasic(now)} + ${minutes} min.)`
    : `Signature expired: ${signedAt} is now earlier than ${edge} (${toBasic(now)} - ${minutes} min.)`;
  return commonError(service, 'bad-signature', message);
}

/** `20260131T120000Z` to `2026-01-31T12:00:00Z`; anything else comes back unchanged. */
export function fromBasic(text: string): string {
  return text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
}

/** ms since the epoch to `20260131T120000Z`. */
export function toBasic(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** An error in the shape of the service's protocol: JSON 1.1, query XML, REST JSON, or the plain ones of metadata. */
export function errorReply(service: Service, error: AwsError): Reply {
  const requestId = randomUUID();
  const { code, status, message, extra } = error;
  switch (service) {
    case 'sts':
      return {
        status,
        headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
        body:
          '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n' +
          `  <Error>\n    <Type>${status < 500 ? 'Sender' : 'Receiver'}</Type>\n    <Code>${code}</Code>\n` +
          `    <Message>${escapeXml(message)}</Message>\n  </Error>\n` +
          `  <RequestId>${requestId}</RequestId>\n</ErrorResponse>\n`,
      };
    case 'sso':
    case 'oidc':
    case 'signin':
      return {
        status,
        headers: {
          'content-type': 'application/json',
          'x-amzn-requestid': requestId,
          'x-amzn-errortype': `${code}:http://internal.amazon.com/coral/com.amazonaws.${service}/`,
        },
        body: JSON.stringify({ message, ...extra }),
      };
    case 'container':
      return {
        status,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code, message, HTTPErrorCode: status }),
      };
    case 'imds':
      return {
        status,
        headers: { 'content-type': 'text/html', server: 'EC2ws' },
        body: `<html><head><title>${status} - ${message}</title></head><body><h1>${status} - ${message}</h1></body></html>`,
      };
    default:
      return {
        status,
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId },
        body: JSON.stringify({ __type: code, message, ...extra }),
      };
  }
}

/** Text made safe as XML element content. */
export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
