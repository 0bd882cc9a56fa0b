// Owns what makes a caller with a session another one: web identity, SSO, sign-in, container, instance - and what does not.
// It must not run anything.
import {
  loginFiles,
  POD_ROLE,
  ROLE,
  roleArn,
  type SsoProfile,
  ssoFiles,
  writeAll,
} from '../../support/sources.ts';
import { ACCOUNT, type World } from '../../support/world.ts';
import type { Change, IdentityRow } from './key-identities.ts';

const OTHER_ROLE = `arn:aws:iam::${ACCOUNT}:role/pusher`;
const SESSION = 'docker-credential-ecr-login';
const webToken = ({ aws }: World, sub: string): string => aws.signWebIdentityToken({ sub });
const ssoOwner = (role: string, user = 'alice'): RegExp =>
  new RegExp(`/AWSReservedSSO_${role}_\\w+/${user}$`);
const withSso =
  (options: SsoProfile): Change =>
  (world) => {
    writeAll(world, ssoFiles(world, options));
    return undefined;
  };

export const sessionIdentities: readonly IdentityRow[] = [
  {
    name: 'web identity',
    arrange: (world) => {
      for (const arn of [ROLE, OTHER_ROLE]) world.aws.addRole({ arn });
      world.write('token', webToken(world, 'system:serviceaccount:ns:app'));
      return { AWS_WEB_IDENTITY_TOKEN_FILE: `${world.home.directory}/token`, AWS_ROLE_ARN: ROLE };
    },
    hits: {
      'a renewed token': (world) => {
        world.write('token', webToken(world, 'system:serviceaccount:ns:app'));
        return undefined;
      },
      'the token at another path': (world) => {
        world.write('elsewhere', webToken(world, 'system:serviceaccount:ns:app'));
        return { AWS_WEB_IDENTITY_TOKEN_FILE: `${world.home.directory}/elsewhere` };
      },
    },
    misses: {
      'another subject': [
        (world) => {
          world.write('token', webToken(world, 'system:serviceaccount:ns:other'));
          return undefined;
        },
        roleArn('puller', SESSION),
      ],
      'another role': [() => ({ AWS_ROLE_ARN: OTHER_ROLE }), roleArn('pusher', SESSION)],
      'another session name': [() => ({ AWS_ROLE_SESSION_NAME: 'other' }), roleArn('puller', 'other')],
    },
  },
  {
    name: 'SSO',
    arrange: (world) => {
      writeAll(world, ssoFiles(world, {}));
      return { AWS_PROFILE: 'dev' };
    },
    hits: {
      'a renewed token file': withSso({}),
      'an access token that is over, in a file that is there': withSso({
        accessTokenLifeMs: -1000,
        refreshLifeMs: -1,
      }),
    },
    misses: {
      'another role': [withSso({ roleName: 'Push' }), ssoOwner('Push')],
      'another account': [withSso({ accountId: ACCOUNT }), ssoOwner('Pull')],
      'another session': [withSso({ session: 'play' }), ssoOwner('Pull')],
      'another start URL': [withSso({ startUrl: 'https://play.awsapps.com/start' }), ssoOwner('Pull')],
    },
  },
  {
    name: 'a login session',
    arrange: (world) => {
      writeAll(world, loginFiles(world, {}));
      return { AWS_PROFILE: 'dev' };
    },
    hits: {
      'a renewed token file': (world) => {
        writeAll(world, loginFiles(world, {}));
        return undefined;
      },
    },
  },
  {
    name: 'the container endpoint',
    arrange: (world) => {
      // So near their end that each answer has other keys; not so near that a slow machine finds them expired.
      const credentials = { roleArn: POD_ROLE, lifeMs: 240_000 };
      world.write('pod-token', webToken(world, 'system:serviceaccount:ns:app'));
      return {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: world.aws.addContainerCredentials(credentials),
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: `${world.home.directory}/pod-token`,
      };
    },
    hits: {
      'a renewed token': (world) => {
        world.write('pod-token', webToken(world, 'system:serviceaccount:ns:app'));
        return undefined;
      },
      'rotated credentials': () => undefined,
    },
    misses: {
      'the token of another subject': [
        (world) => {
          world.write('pod-token', webToken(world, 'system:serviceaccount:ns:other'));
          return undefined;
        },
        roleArn('pod', 'task'),
      ],
      'another URI': [
        ({ aws }) => ({
          AWS_CONTAINER_CREDENTIALS_FULL_URI: aws.addContainerCredentials({ roleArn: OTHER_ROLE }),
        }),
        roleArn('pusher', 'task'),
      ],
    },
  },
  {
    name: 'instance metadata',
    arrange: ({ aws }) => {
      aws.setInstance({ roleArn: ROLE });
      return { AWS_EC2_METADATA_DISABLED: undefined, ...aws.environment({ imds: true }) };
    },
    hits: {
      'rotated credentials': ({ aws }) => {
        aws.setInstance({ roleArn: ROLE });
        return undefined;
      },
    },
    misses: {
      'a swapped role': [
        ({ aws }) => {
          aws.setInstance({ roleArn: OTHER_ROLE });
          return undefined;
        },
        roleArn('pusher', 'i-0123456789abcdef0'),
      ],
    },
  },
];
