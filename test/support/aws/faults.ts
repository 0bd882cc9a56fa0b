// What goes wrong on request: which fault hits which request, the errors it answers with instead, and the damage
// it does to a good answer. Owns the fault list; how bytes reach the wire is wire.ts's.

import { AwsError, commonError, errorReply, skewError, toBasic } from './errors.ts';
import type { Fault, FaultMatch, Reply, Service } from './model.ts';
import { REDIRECT_PREFIX } from './route.ts';

const HUGE_BYTES = 10 * 1024 * 1024;

/** The faults that a test has set, first match first. */
export interface FaultList {
  add(match: FaultMatch, fault: Fault): void;
  clear(): void;
  /** The fault for this request, counted as used. */
  take(service: Service, operation: string): Fault | undefined;
}

/** Makes an empty fault list. */
export function faultList(): FaultList {
  const entries: { match: FaultMatch; fault: Fault; left: number }[] = [];
  return {
    add(match, fault) {
      entries.push({ match, fault, left: match.times ?? Number.POSITIVE_INFINITY });
    },
    clear() {
      entries.length = 0;
    },
    take(service, operation) {
      // The far end of a redirect must answer, or a client that follows one would seem to stop.
      if (operation === 'FollowedRedirect') return undefined;
      const entry = entries.find(
        ({ match, left }) =>
          left > 0 &&
          match.service === service &&
          (match.operation === undefined || match.operation === operation),
      );
      if (!entry) return undefined;
      entry.left -= 1;
      return entry.fault;
    },
  };
}

/** The answer that a fault gives before the service is asked at all, or undefined when the service is to answer. */
export function replyInstead(
  fault: Fault | undefined,
  service: Service,
  arn: string,
  now: number,
): Reply | undefined {
  switch (fault?.kind) {
    case 'internal-error':
    case 'unavailable':
    case 'throttled':
    case 'expired-token':
      return errorReply(service, commonError(service, fault.kind));
    case 'access-denied': {
      const action = `${service}:GetAuthorizationToken`;
      const message = `User: ${arn} is not authorized to perform: ${action} on resource: * with an explicit deny in a service control policy`;
      return errorReply(service, commonError(service, 'access-denied', message));
    }
    case 'clock-skew':
      return errorReply(service, skewError(service, toBasic(now - 3_600_000), now, 300_000));
    case 'status': {
      const { status, code = 'Fault', message = 'An injected fault' } = fault;
      return errorReply(service, new AwsError(code, status, message));
    }
    case 'redirect':
      return {
        status: 302,
        headers: { location: fault.to ?? `${REDIRECT_PREFIX}${service}`, 'content-type': 'text/plain' },
        body: '',
      };
    case 'html-page':
      return {
        status: 200,
        headers: { 'content-type': 'text/html' },
        body: '<!DOCTYPE html>\n<html><head><title>Sign in to the network</title></head><body></body></html>\n',
      };
    default:
      return undefined;
  }
}

/** A good answer after the damage of a fault; faults that are about the connection leave it alone. */
export function damaged(reply: Reply, fault: Fault | undefined, service: Service): Reply {
  switch (fault?.kind) {
    case 'wrong-content-type':
      return { ...reply, headers: { ...reply.headers, 'content-type': 'text/html' } };
    case 'malformed-body':
      return { ...reply, body: reply.body.slice(0, Math.floor(reply.body.length / 2)) };
    case 'huge-body':
      // White space before the document is legal in JSON and in XML without a declaration.
      return { ...reply, body: ' '.repeat(HUGE_BYTES) + reply.body };
    case 'empty-data':
      return { ...reply, body: emptyBody(service, reply.body) };
    case 'bad-base64-token':
      return withToken(reply, () => '*** not base64 ***');
    case 'token-without-colon':
      return withToken(reply, (token) =>
        Buffer.from(Buffer.from(token, 'base64').toString().replace(':', '')).toString('base64'),
      );
    case 'expiry-in-the-past':
      return withExpiry(reply, pastLike);
    case 'expiry-absent':
      return withExpiry(reply, () => undefined);
    default:
      return reply;
  }
}

function emptyBody(service: Service, body: string): string {
  switch (service) {
    case 'ecr':
      return '{"authorizationData":[]}';
    case 'ecr-public':
      return '{"authorizationData":{}}';
    case 'sts':
      return body.replace(/(<\w+Result>).*(<\/\w+Result>)/s, '$1$2');
    case 'imds':
      return '';
    default:
      return '{}';
  }
}

function withToken(reply: Reply, change: (token: string) => string): Reply {
  return withJson(reply, (name, value) =>
    name === 'authorizationToken' && typeof value === 'string' ? change(value) : value,
  );
}

function withExpiry(reply: Reply, change: (value: unknown) => unknown): Reply {
  if (reply.headers['content-type'] === 'text/xml') {
    const body = reply.body.replace(/<Expiration>([^<]*)<\/Expiration>/, (_, text) => {
      const changed = change(text);
      return changed === undefined ? '' : `<Expiration>${changed}</Expiration>`;
    });
    return { ...reply, body };
  }
  return withJson(reply, (name, value) =>
    /^(expiresAt|expiration|expiresIn)$/i.test(name) ? change(value) : value,
  );
}

function pastLike(value: unknown): unknown {
  if (typeof value === 'string') return '2020-01-01T00:00:00Z';
  const seconds = 1_577_836_800;
  // SSO counts in ms, the JSON protocols in s, OAuth in seconds from now.
  if (typeof value !== 'number' || value < 1e8) return -1;
  return value > 1e11 ? seconds * 1000 : seconds;
}

function withJson(reply: Reply, change: (name: string, value: unknown) => unknown): Reply {
  try {
    return { ...reply, body: JSON.stringify(JSON.parse(reply.body, change)) };
  } catch {
    return reply;
  }
}
