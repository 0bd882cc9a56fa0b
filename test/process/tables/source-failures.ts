// Owns the failures of the credential sources, with the cause and the next command that a person is told.
// It must not run anything.
import { loginFiles, POD_ROLE, ROLE, ssoFiles, writeAll } from '../../support/sources.ts';
import type { Env, World } from '../../support/world.ts';

/** One failure: how it comes about, and what is told. */
export interface FailureRow {
  readonly name: string;
  readonly arrange: (world: World) => Env;
  readonly cause: RegExp;
  readonly hint: RegExp;
  /** Who is asked; not looked at when left out. */
  readonly asked?: readonly string[];
  /** 3.5 s when left out. */
  readonly withinMs?: number;
}

/** The profile that every row is about. */
export const PROFILE = { AWS_PROFILE: 'dev' };
const SSO_OVER = /^the AWS SSO sign-in of profile "dev" is missing or has expired$/;
const SSO_LOGIN = /^aws sso login --sso-session work$/;
const IMDS_TOKEN = 'imds:PUT /latest/api/token';
const IMDS_ROLES = 'imds:GET /latest/meta-data/iam/security-credentials/';

const instance =
  (mode: 'hop-limit' | 'disabled' | 'no-role') =>
  ({ aws }: World): Env => {
    // Version 1 would answer all of these.
    aws.setInstance({ roleArn: ROLE, mode, allowVersion1: true });
    return { AWS_EC2_METADATA_DISABLED: undefined, ...aws.environment({ imds: true }) };
  };

/** A container endpoint. */
export const container =
  (more: object = {}) =>
  ({ aws }: World): Env => ({
    AWS_CONTAINER_CREDENTIALS_FULL_URI: aws.addContainerCredentials({ roleArn: POD_ROLE, ...more }),
  });

export const sourceFailures: readonly FailureRow[] = [
  {
    name: 'SSO: the access token is over and there is none to renew it with',
    arrange: (world) => {
      writeAll(world, ssoFiles(world, { isLegacy: true, accessTokenLifeMs: -1000 }));
      return PROFILE;
    },
    cause: SSO_OVER,
    hint: /^aws sso login --profile dev$/,
    asked: [],
  },
  {
    name: 'SSO: the renewal is refused',
    arrange: (world) => {
      writeAll(world, ssoFiles(world, { accessTokenLifeMs: -1000, refreshLifeMs: -1 }));
      return PROFILE;
    },
    cause: SSO_OVER,
    hint: SSO_LOGIN,
    asked: ['oidc:CreateToken'],
  },
  {
    name: 'SSO: the token file is no JSON',
    arrange: (world) => {
      const files = ssoFiles(world, {});
      writeAll(
        world,
        Object.fromEntries(
          Object.entries(files).map(([path, text]) => [path, path.endsWith('.json') ? '{' : text]),
        ),
      );
      return PROFILE;
    },
    cause: SSO_OVER,
    hint: SSO_LOGIN,
    asked: [],
  },
  {
    name: 'SSO: the portal does not know the token',
    arrange: (world) => {
      writeAll(world, ssoFiles(world, {}));
      world.aws.fault({ service: 'sso' }, { kind: 'status', status: 401, code: 'UnauthorizedException' });
      return PROFILE;
    },
    cause: SSO_OVER,
    hint: SSO_LOGIN,
  },
  {
    name: 'SSO: the renewal meets no network, which no sign-in would mend',
    arrange: (world) => {
      writeAll(world, ssoFiles(world, { accessTokenLifeMs: -1000 }));
      return { ...PROFILE, AWS_ENDPOINT_URL_SSO_OIDC: 'http://127.0.0.1:1' };
    },
    cause: /^cannot connect to http:\/\/127\.0\.0\.1:1: connection refused/,
    hint: /./,
  },
  {
    name: 'SSO: a role that the person does not have',
    arrange: (world) => {
      writeAll(world, ssoFiles(world, { roleName: 'Admin' }));
      return PROFILE;
    },
    cause:
      /^cannot get AWS credentials from profile "dev": AWS SSO does not give you role "Admin" in account 210987654321 \(status 403\)$/,
    hint: /^choose an account and a role that you have: aws configure sso --profile dev$/,
  },
  {
    name: 'login session: over',
    arrange: (world) => {
      writeAll(world, loginFiles(world, { accessLifeMs: -1000, refreshLifeMs: -1 }));
      return PROFILE;
    },
    cause: /^the AWS sign-in of profile "dev" is missing or has expired$/,
    hint: /^aws login --profile dev$/,
    asked: ['signin:CreateOAuth2Token'],
  },
  {
    name: 'login session: no permission to renew it',
    arrange: (world) => {
      writeAll(world, loginFiles(world, { accessLifeMs: -1000, refusal: 'INSUFFICIENT_PERMISSIONS' }));
      return PROFILE;
    },
    cause: /^access denied: .* may not call signin:CreateOAuth2Token$/,
    hint: /^allow signin:CreateOAuth2Token /,
  },
  {
    name: 'web identity: the token file is not there',
    arrange: () => ({ AWS_WEB_IDENTITY_TOKEN_FILE: '/nowhere/token', AWS_ROLE_ARN: ROLE }),
    cause: /^cannot read \/nowhere\/token: no such file$/,
    hint: /./,
    asked: [],
  },
  {
    name: 'web identity: the token is over',
    arrange: (world) => {
      world.aws.addRole({ arn: ROLE });
      world.write('token', world.aws.signWebIdentityToken({ sub: 'app', lifeMs: -1000 }));
      return { AWS_WEB_IDENTITY_TOKEN_FILE: `${world.home.directory}/token`, AWS_ROLE_ARN: ROLE };
    },
    cause: /^the AWS credentials from AWS_WEB_IDENTITY_TOKEN_FILE have expired: /,
    hint: /./,
  },
  {
    name: 'instance metadata: the hop limit',
    arrange: instance('hop-limit'),
    cause:
      /instance metadata \(it takes connections but its answers do not arrive within 1 s, as in a container whose instance has a hop limit of 1\)$/,
    hint: /^aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 2 /,
    asked: [IMDS_TOKEN],
    withinMs: 2500,
  },
  {
    name: 'instance metadata: disabled',
    arrange: instance('disabled'),
    cause: /instance metadata \(it is disabled for this instance \(status 403\)\)$/,
    hint: /^aws ec2 modify-instance-metadata-options --http-endpoint enabled /,
    asked: [IMDS_TOKEN],
  },
  {
    name: 'instance metadata: no role',
    arrange: instance('no-role'),
    cause: /instance metadata \(this instance has no role\)$/,
    hint: /^aws ec2 associate-iam-instance-profile /,
    asked: [IMDS_TOKEN, IMDS_ROLES],
  },
  {
    name: 'instance metadata: nobody there',
    arrange: () => ({
      AWS_EC2_METADATA_DISABLED: undefined,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1',
    }),
    cause: /instance metadata \(127\.0\.0\.1:1 cannot be asked: connection refused\)$/,
    hint: /^run "aws configure" or "aws sso login"/,
  },
  {
    name: 'container: refused',
    arrange: container({ authorizationToken: 'other' }),
    cause:
      /^cannot get AWS credentials from the container endpoint: it answered with status 401: AccessDenied$/,
    hint: /./,
    asked: ['container:GetCredentials'],
  },
  {
    name: 'container: never answers',
    arrange: (world) => {
      world.aws.fault({ service: 'container' }, { kind: 'hang-after-headers' });
      return container()(world);
    },
    cause: /^cannot get AWS credentials from the container endpoint: no answer within 2 s$/,
    hint: /./,
    asked: ['container:GetCredentials'],
  },
  {
    name: 'container: a host that no token may go to',
    arrange: () => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://user:canary@169.254.170.3/creds?canary' }),
    cause:
      /^cannot get AWS credentials from the container endpoint: http:\/\/169\.254\.170\.3\/creds is not allowed: /,
    hint: /^check AWS_CONTAINER_CREDENTIALS_FULL_URI$/,
    asked: [],
  },
  {
    name: 'container: an answer that is none',
    arrange: (world) => {
      world.aws.fault({ service: 'container' }, { kind: 'malformed-body' });
      return container()(world);
    },
    cause: /^cannot get AWS credentials from the container endpoint: its answer is not JSON$/,
    hint: /./,
  },
];
