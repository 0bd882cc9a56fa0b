// Owns what makes a caller with keys another one: key, profile, role, process - and what does not.
// It must not run anything.
import { processAnswer, processFiles, ROLE, roleArn, writeAll } from '../../support/sources.ts';
import { ACCOUNT, ALICE, BOB, type Env, keysOf, keysProfile, type World } from '../../support/world.ts';

/** What changes between two calls, and the second one's variables where they differ. */
export type Change = (world: World, env: Env) => Env | undefined;

export interface IdentityRow {
  readonly name: string;
  readonly arrange: (world: World) => Env;
  /** Changes after which the token must still serve. */
  readonly hits?: Readonly<Record<string, Change>>;
  /** Changes after which another token is fetched, and its owner. */
  readonly misses?: Readonly<Record<string, readonly [change: Change, owner: string | RegExp]>>;
}

const OTHER_ROLE = `arn:aws:iam::${ACCOUNT}:role/pusher`;
const SESSION = 'docker-credential-ecr-login';
const CAROL = {
  ...ALICE,
  accessKeyId: 'AKIACAROLCANARY00003',
  secretAccessKey: 'canary/carol+secret/d4735e3a',
};

const roleConfig = (lines: string): string =>
  `[profile dev]\nrole_arn = ${ROLE}\nsource_profile = alice\n${lines}\n`;

export const keyIdentities: readonly IdentityRow[] = [
  {
    name: 'environment keys',
    arrange: () => keysOf(ALICE),
    hits: {
      'another secret under the same key id': () => ({ AWS_SECRET_ACCESS_KEY: 'rotated' }),
      'another session token under the same key id': () => ({ AWS_SESSION_TOKEN: 'renewed' }),
    },
    misses: {
      'another key': [() => keysOf(BOB), BOB.arn],
      'another endpoint': [
        ({ aws }) => ({ AWS_ENDPOINT_URL_ECR: aws.url.replace('127.0.0.1', 'localhost') }),
        ALICE.arn,
      ],
    },
  },
  {
    name: 'a static profile',
    arrange: (world) => {
      world.write('.aws/credentials', keysProfile('dev', ALICE) + keysProfile('bob', BOB));
      return { AWS_PROFILE: 'dev' };
    },
    hits: {
      'another secret': (world) => {
        world.write('.aws/credentials', keysProfile('dev', { ...ALICE, secretAccessKey: 'rotated' }));
        return undefined;
      },
      'another order of the file': (world) => {
        world.write('.aws/credentials', keysProfile('bob', BOB) + keysProfile('dev', ALICE));
        return undefined;
      },
      'the same key in the environment': () => ({ AWS_PROFILE: undefined, ...keysOf(ALICE) }),
    },
    misses: { 'another profile': [() => ({ AWS_PROFILE: 'bob' }), BOB.arn] },
  },
  {
    name: 'a role',
    arrange: (world) => {
      for (const arn of [ROLE, OTHER_ROLE]) world.aws.addRole({ arn });
      world.write('.aws/credentials', keysProfile('alice', ALICE));
      world.write('.aws/config', roleConfig('external_id = one'));
      return { AWS_PROFILE: 'dev' };
    },
    hits: {
      'another order of its settings': (world) => {
        world.write(
          '.aws/config',
          `[profile dev]\nexternal_id = one\nsource_profile = alice\nrole_arn = ${ROLE}\n`,
        );
        return undefined;
      },
      'another secret of its base': (world) => {
        world.write('.aws/credentials', keysProfile('alice', { ...ALICE, secretAccessKey: 'rotated' }));
        return undefined;
      },
    },
    misses: {
      'an edited role_arn': [
        (world) => {
          world.write('.aws/config', roleConfig('external_id = one').replace(ROLE, OTHER_ROLE));
          return undefined;
        },
        roleArn('pusher', SESSION),
      ],
      'another external id': [
        (world) => {
          world.write('.aws/config', roleConfig('external_id = two'));
          return undefined;
        },
        roleArn('puller', SESSION),
      ],
      'another session name': [
        (world) => {
          world.write('.aws/config', roleConfig('external_id = one\nrole_session_name = other'));
          return undefined;
        },
        roleArn('puller', 'other'),
      ],
      'another base': [
        (world) => {
          world.aws.addAccessKey(CAROL);
          world.write('.aws/credentials', keysProfile('alice', CAROL));
          return undefined;
        },
        roleArn('puller', SESSION),
      ],
    },
  },
  {
    name: 'a credential process',
    arrange: (world) => {
      writeAll(world, processFiles(world, ALICE));
      return { AWS_PROFILE: 'dev' };
    },
    hits: {
      'another secret under the same key id': (world) => {
        world.write('answer.json', processAnswer({ ...ALICE, secretAccessKey: 'rotated' }));
        return undefined;
      },
      'another command that answers the same key': (world) => {
        world.write(
          '.aws/config',
          `[profile dev]\ncredential_process = cat "${world.home.directory}/answer.json"\n`,
        );
        return undefined;
      },
    },
    misses: {
      'an answer with another key': [
        (world) => {
          world.write('answer.json', processAnswer(BOB));
          return undefined;
        },
        BOB.arn,
      ],
    },
  },
];
