// The credential endpoint of ECS tasks and EKS Pod Identity: a GET that answers role credentials.
// Owns the paths and their authorization tokens; relative and full URIs are the same request here.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html

import { type Answer, restJson } from './answer.ts';
import { AwsError } from './errors.ts';
import { type Iam, issueSession } from './iam.ts';
import type { IssuedCredentials, WireRequest } from './model.ts';

/** Credentials behind one path. */
export interface ContainerCredentials {
  readonly roleArn: string;
  /** Path below the host, `/v2/credentials/…` (ECS) or `/v1/credentials` (EKS); an ECS path when left out. */
  readonly path?: string;
  /** The whole Authorization header that the container must send; none is asked for when left out. */
  readonly authorizationToken?: string;
  /** Life of the credentials in ms; 6 hours when left out. */
  readonly lifeMs?: number;
  readonly mayGetToken?: boolean;
}

/** The container endpoint of one loopback. */
export interface ContainerEndpoint {
  /** Adds credentials and returns their path. */
  add(credentials: ContainerCredentials): string;
  answer(request: WireRequest): Answer;
}

/** Makes the endpoint over a set of keys. */
export function containerEndpoint(iam: Iam): ContainerEndpoint {
  const byPath = new Map<string, { settings: ContainerCredentials; current?: IssuedCredentials }>();
  return {
    add(settings) {
      const path = settings.path ?? `/v2/credentials/task-${byPath.size + 1}`;
      byPath.set(path, { settings });
      return path;
    },

    answer(request) {
      const entry = byPath.get(request.url);
      if (!entry) throw new AwsError('InvalidIdInRequest', 400, 'CredentialManager: Credentials not found');
      const { roleArn, authorizationToken, lifeMs = 6 * 3_600_000, mayGetToken } = entry.settings;
      if (authorizationToken !== undefined && request.headers.authorization !== authorizationToken) {
        throw new AwsError('AccessDenied', 401, 'The authorization token is absent or wrong');
      }
      let { current } = entry;
      if (!current || current.expiresAt - iam.now() < 300_000) {
        current = issueSession(iam, { arn: roleArn, mayGetToken }, 'task', lifeMs);
        entry.current = current;
      }
      const reply = restJson({
        RoleArn: roleArn,
        AccessKeyId: current.accessKeyId,
        SecretAccessKey: current.secretAccessKey,
        Token: current.sessionToken,
        Expiration: new Date(current.expiresAt).toISOString().replace(/\.\d+/, ''),
      });
      return { reply, arn: current.arn };
    },
  };
}
