// Owns the credential sources that no profile declares: the environment, the container endpoint, the instance.
// It must not run anything.
import { INSTANCE_ARN, POD_ROLE, ROLE, roleArn, type SourceWorld } from '../../support/sources.ts';
import { ACCOUNT, ALICE, BOB, type Env, keysOf } from '../../support/world.ts';

/** One source: how it is arranged, whom it makes of us, and who is asked at first and at a hit. */
export interface SourceRow {
  readonly name: string;
  /** Prepares AWS and the home; gives the variables. */
  readonly arrange: (world: SourceWorld) => Env;
  readonly arn: string | RegExp;
  readonly asked: readonly string[];
  readonly askedAtHit?: readonly string[];
}

const TOKEN = 'ecr:GetAuthorizationToken';
const IMDS_ROLE = ['imds:PUT /latest/api/token', 'imds:GET /latest/meta-data/iam/security-credentials/'];
const IMDS_KEYS = [...IMDS_ROLE, 'imds:GET /latest/meta-data/iam/security-credentials/node'];

export const sources: readonly SourceRow[] = [
  { name: 'environment keys', arrange: () => keysOf(ALICE), arn: ALICE.arn, asked: [TOKEN] },
  {
    name: 'environment keys with a session token',
    arrange: ({ aws, addSecret }) => {
      const key = {
        accessKeyId: 'ASIACANARYSESSION001',
        secretAccessKey: 'canary/session+secret/0123456789abcdef',
        sessionToken: 'canary-session-token-'.repeat(20),
      };
      aws.addAccessKey({ ...key, arn: BOB.arn });
      for (const secret of [key.secretAccessKey, key.sessionToken]) addSecret(secret);
      return {
        AWS_ACCESS_KEY_ID: key.accessKeyId,
        AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
        AWS_SESSION_TOKEN: key.sessionToken,
      };
    },
    arn: BOB.arn,
    asked: [TOKEN],
  },
  {
    name: 'AWS_WEB_IDENTITY_TOKEN_FILE',
    arrange: (world) => {
      world.aws.addRole({ arn: ROLE });
      // With the line end that `echo` leaves.
      world.write('token', `${world.aws.signWebIdentityToken({ sub: 'system:serviceaccount:ns:app' })}\n`);
      return {
        AWS_WEB_IDENTITY_TOKEN_FILE: `${world.home.directory}/token`,
        AWS_ROLE_ARN: ROLE,
        AWS_ROLE_SESSION_NAME: 'irsa',
      };
    },
    arn: roleArn('puller', 'irsa'),
    asked: ['sts:AssumeRoleWithWebIdentity', TOKEN],
  },
  {
    name: 'container endpoint',
    arrange: ({ aws }) => ({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: aws.addContainerCredentials({ roleArn: POD_ROLE }),
    }),
    arn: roleArn('pod', 'task'),
    asked: ['container:GetCredentials', TOKEN],
  },
  {
    name: 'container endpoint with a token',
    arrange: ({ aws, addSecret }) => {
      addSecret('canary-container-token-1234');
      return {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: aws.addContainerCredentials({
          roleArn: POD_ROLE,
          authorizationToken: 'Basic canary-container-token-1234',
        }),
        AWS_CONTAINER_AUTHORIZATION_TOKEN: 'Basic canary-container-token-1234',
      };
    },
    arn: roleArn('pod', 'task'),
    asked: ['container:GetCredentials', TOKEN],
  },
  {
    name: 'EKS Pod Identity: container endpoint with a token file',
    arrange: (world) => {
      const token = world.aws.signWebIdentityToken({
        sub: 'system:serviceaccount:ns:app',
        aud: 'pods.eks.amazonaws.com',
      });
      world.write('pod-token', `${token}\n`);
      return {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: world.aws.addContainerCredentials({
          roleArn: POD_ROLE,
          path: '/v1/credentials',
          authorizationToken: token,
        }),
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: `${world.home.directory}/pod-token`,
      };
    },
    arn: roleArn('pod', 'task'),
    asked: ['container:GetCredentials', TOKEN],
  },
  {
    name: 'instance metadata, version 2',
    arrange: ({ aws }) => {
      // Version 1 is on offer, and not taken: every request below carries a session token.
      aws.setInstance({ roleArn: `arn:aws:iam::${ACCOUNT}:role/node`, allowVersion1: true });
      return { AWS_EC2_METADATA_DISABLED: undefined, ...aws.environment({ imds: true }) };
    },
    arn: INSTANCE_ARN,
    asked: [...IMDS_KEYS, TOKEN],
    askedAtHit: IMDS_ROLE,
  },
];
