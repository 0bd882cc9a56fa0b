// All services of one loopback together, over the same keys, and the choice of the one that answers.
// Owns the wiring; it must not know sockets, faults or records.

import type { Answer } from './answer.ts';
import { type ContainerEndpoint, containerEndpoint } from './container.ts';
import { answerEcr, answerEcrPublic, type Mint } from './ecr.ts';
import { commonError } from './errors.ts';
import type { Caller, Iam } from './iam.ts';
import { type InstanceMetadata, instanceMetadata } from './imds.ts';
import type { WireRequest } from './model.ts';
import { formOf, type Route } from './route.ts';
import { type Signin, signinService } from './signin.ts';
import { type Sso, ssoServices } from './sso.ts';
import { answerSts, answerWebIdentity } from './sts.ts';
import { type WebIdentityIssuer, webIdentityIssuer } from './webIdentity.ts';

/** The services, each with what tests may add to it. */
export interface Services {
  readonly issuer: WebIdentityIssuer;
  readonly sso: Sso;
  readonly signin: Signin;
  readonly imds: InstanceMetadata;
  readonly container: ContainerEndpoint;
  /** Answers a request; `caller` is set for signed ones, `url` is the server's own. */
  answer(route: Route, request: WireRequest, caller: Caller | undefined, url: string): Answer;
}

/** Makes all services. */
export function loopbackServices(iam: Iam, mint: Mint): Services {
  const issuer = webIdentityIssuer(iam.now);
  const sts = { iam, issuer };
  const sso = ssoServices(iam);
  const signin = signinService(iam);
  const imds = instanceMetadata(iam);
  const container = containerEndpoint(iam);

  function answerSigned(route: Route, request: WireRequest, caller: Caller): Answer {
    if (route.service === 'ecr') return { reply: answerEcr(mint, request, caller, route.operation) };
    if (route.service === 'ecr-public') return { reply: answerEcrPublic(mint, caller, route.operation) };
    return { reply: answerSts(sts, formOf(request), caller) };
  }

  return {
    issuer,
    sso,
    signin,
    imds,
    container,
    answer(route, request, caller, url) {
      if (route.operation === 'FollowedRedirect') return { reply: { status: 200, headers: {}, body: '{}' } };
      if (caller) return answerSigned(route, request, caller);
      switch (route.service) {
        case 'sts':
          return answerWebIdentity(sts, formOf(request));
        case 'sso':
          return sso.answerPortal(request);
        case 'oidc':
          return sso.answerOidc(request);
        case 'signin':
          return signin.answer(request, url);
        case 'imds':
          return imds.answer(request);
        case 'container':
          return container.answer(request);
        default:
          throw commonError(route.service, 'unknown-operation');
      }
    },
  };
}
