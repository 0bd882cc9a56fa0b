// Owns the seven services that a `get` may ask, each with the surroundings in which it is asked, so that a fault of it is met.
// It must not know the faults, nor judge.
import type { Service } from '../aws/server.ts';
import { INSTANCE_ARN, NO_KEYS, POD_ROLE, ROLE, ssoFiles, writeAll } from '../sources.ts';
import { ALICE, type Env, HOST, keysProfile, PUBLIC_HOST, type World } from '../world.ts';

/** One service, and how a `get` comes to ask it. */
export interface Target {
  readonly service: Service;
  readonly host: string;
  /** Prepares AWS and the home; gives the variables. */
  readonly arrange: (world: World) => Env;
  /** Variables that point at this service; for faults of the connection itself. */
  readonly at: (url: string) => Env;
}

/** A port where nobody listens: the first one is reserved, and refused to ordinary programs. */
export const NOBODY = 'http://127.0.0.1:1';

/** By name of the service. */
export const targets = {
  ecr: {
    service: 'ecr',
    host: HOST,
    arrange: () => ({}),
    at: (url) => ({ AWS_ENDPOINT_URL_ECR: url }),
  },
  'ecr-public': {
    service: 'ecr-public',
    host: PUBLIC_HOST,
    arrange: () => ({}),
    at: (url) => ({ AWS_ENDPOINT_URL_ECR_PUBLIC: url }),
  },
  sts: {
    service: 'sts',
    host: HOST,
    arrange: (world) => {
      world.aws.addRole({ arn: ROLE });
      world.write('.aws/credentials', keysProfile('alice', ALICE));
      world.write('.aws/config', `[profile dev]\nrole_arn = ${ROLE}\nsource_profile = alice\n`);
      return { ...NO_KEYS, AWS_PROFILE: 'dev' };
    },
    at: (url) => ({ AWS_ENDPOINT_URL_STS: url }),
  },
  sso: {
    service: 'sso',
    host: HOST,
    arrange: (world) => {
      writeAll(world, ssoFiles(world, {}));
      return { ...NO_KEYS, AWS_PROFILE: 'dev' };
    },
    at: (url) => ({ AWS_ENDPOINT_URL_SSO: url }),
  },
  oidc: {
    service: 'oidc',
    host: HOST,
    arrange: (world) => {
      writeAll(world, ssoFiles(world, { accessTokenLifeMs: -1000 }));
      return { ...NO_KEYS, AWS_PROFILE: 'dev' };
    },
    at: (url) => ({ AWS_ENDPOINT_URL_SSO_OIDC: url }),
  },
  imds: {
    service: 'imds',
    host: HOST,
    arrange: ({ aws }) => {
      aws.setInstance({ roleArn: INSTANCE_ARN.replace(/sts(.*)assumed-role\/(\w+)\/.*/, 'iam$1role/$2') });
      return { ...NO_KEYS, AWS_EC2_METADATA_DISABLED: undefined, ...aws.environment({ imds: true }) };
    },
    at: (url) => ({ AWS_EC2_METADATA_SERVICE_ENDPOINT: url }),
  },
  container: {
    service: 'container',
    host: HOST,
    arrange: ({ aws }) => ({
      ...NO_KEYS,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: aws.addContainerCredentials({ roleArn: POD_ROLE }),
    }),
    at: (url) => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/v2/credentials/task-1` }),
  },
} as const satisfies Record<string, Target>;
