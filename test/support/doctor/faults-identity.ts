// Owns the staged faults of the identity: what is declared, what has ended, what AWS refuses.
import { LOGIN_TOKEN_PATH, loginFiles, NO_KEYS, ROLE, ssoFiles, ssoTokenPath, writeAll } from '../sources.ts';
import { ACCOUNT, ALICE, BOB, keysOf, keysProfile } from '../world.ts';
import type { FaultRow } from './row.ts';

const SERIAL = `arn:aws:iam::${ACCOUNT}:mfa/alice`;

export const IDENTITY_FAULTS: readonly FaultRow[] = [
  {
    name: 'AWS_PROFILE names no profile',
    arrange({ write }) {
      write('.aws/credentials', keysProfile('dev', ALICE));
      return { ...NO_KEYS, AWS_PROFILE: 'devv' };
    },
    path: '',
    status: 'broken',
    text: /^AWS profile "devv" not found in \S+ and \S+: there is dev$/,
    fix: /^set AWS_PROFILE to one of them, or run "aws configure --profile devv"$/,
  },
  {
    name: 'a rule names no profile',
    arrange({ write, registry }) {
      write('.aws/credentials', keysProfile('dev', ALICE));
      const rule = { match: registry.host, account: ACCOUNT, region: 'us-east-1', profile: 'prod' };
      write('.ecr/config.json', JSON.stringify({ registries: [rule] }));
      return {};
    },
    path: '',
    status: 'broken',
    text: /^AWS profile "prod" not found in .*: there is dev$/,
    fix: /^name one of them in the registry rule, or run "aws configure --profile prod"$/,
  },
  {
    name: 'no profiles at all',
    arrange: () => ({ ...NO_KEYS, AWS_PROFILE: 'dev' }),
    path: '',
    status: 'broken',
    text: /"dev" not found in .*: there are no profiles$/,
    fix: /^run "aws configure --profile dev", or "aws configure sso --profile dev"$/,
  },
  {
    name: 'no AWS credentials',
    arrange: () => NO_KEYS,
    path: '',
    status: 'broken',
    text: /^no AWS credentials found: tried environment keys, /,
    fix: /^run "aws configure" or "aws sso login"/,
  },
  {
    name: 'keys shadow the profile',
    arrange({ write }) {
      write('.aws/credentials', keysProfile('dev', BOB));
      return { AWS_PROFILE: 'dev' };
    },
    path: '',
    status: 'warning',
    text: /^keys in the environment win over AWS_PROFILE="dev"$/,
    fix: /^unset AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/,
  },
  {
    name: 'no SSO sign-in',
    arrange(clinic) {
      writeAll(clinic, { '.aws/config': ssoFiles(clinic, {})['.aws/config'] });
      return { ...NO_KEYS, AWS_PROFILE: 'dev' };
    },
    path: '',
    status: 'broken',
    text: /^the SSO sign-in of profile "dev" is missing$/,
    fix: /^aws sso login --sso-session work$/,
  },
  {
    name: 'an SSO sign-in that has ended',
    arrange(clinic) {
      const files = ssoFiles(clinic, { isLegacy: true });
      const path = ssoTokenPath('https://work.awsapps.com/start');
      const token = { ...JSON.parse(files[path] ?? '{}'), expiresAt: '2020-01-01T00:00:00Z' };
      writeAll(clinic, { ...files, [path]: JSON.stringify(token) });
      return { ...NO_KEYS, AWS_PROFILE: 'dev' };
    },
    path: '',
    status: 'broken',
    text: /^the SSO sign-in of profile "dev" ended at 2020-01-01 /,
    fix: /^aws sso login --profile dev$/,
  },
  {
    name: 'an SSO sign-in that AWS has ended',
    arrange(clinic) {
      const files = ssoFiles(clinic, { isLegacy: true });
      const path = ssoTokenPath('https://work.awsapps.com/start');
      const token = { ...JSON.parse(files[path] ?? '{}'), accessToken: 'revoked-canary-access-token' };
      writeAll(clinic, { ...files, [path]: JSON.stringify(token) });
      return { ...NO_KEYS, AWS_PROFILE: 'dev' };
    },
    path: '',
    status: 'broken',
    text: /^the AWS SSO sign-in of profile "dev" is missing or has expired$/,
    fix: /^aws sso login --profile dev$/,
  },
  {
    name: 'no aws login',
    arrange(clinic) {
      const { [LOGIN_TOKEN_PATH]: _, ...files } = loginFiles(clinic, {});
      writeAll(clinic, files);
      return { ...NO_KEYS, AWS_PROFILE: 'dev' };
    },
    path: '',
    status: 'broken',
    text: /^the AWS sign-in of profile "dev" is missing$/,
    fix: /^aws login --profile dev$/,
  },
  {
    name: 'a web identity token that has expired',
    arrange({ write, home, aws }) {
      aws.addRole({ arn: ROLE });
      const claims = Buffer.from(JSON.stringify({ iss: 'i', sub: 's', exp: 1_577_836_800 })).toString(
        'base64url',
      );
      write('token', `eyJhbGciOiJub25lIn0.${claims}.x`);
      return { ...NO_KEYS, AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: `${home.directory}/token` };
    },
    path: '',
    status: 'broken',
    text: /^the web identity token in \S+\/token expired at 2020-01-01 /,
    fix: /^have the platform write a new one/,
  },
  {
    name: 'keys that AWS does not know',
    arrange: () => keysOf({ ...ALICE, accessKeyId: 'AKIAUNKNOWNCANARY001' }),
    path: '',
    status: 'broken',
    text: /^AWS STS in us-east-1 does not accept the AWS credentials from environment keys: The security token included in the request is invalid$/,
    fix: /^renew the credentials from environment keys/,
  },
  {
    name: 'keys that have expired',
    arrange: ({ aws }) => void aws.addAccessKey({ ...ALICE, expired: true }),
    path: '',
    status: 'broken',
    text: /^the AWS credentials from environment keys have expired: /,
    fix: /^renew the credentials/,
  },
  {
    name: 'no right to a token',
    arrange: ({ aws }) => void aws.addAccessKey({ ...ALICE, mayGetToken: false }),
    path: '',
    status: 'broken',
    text: /^access denied: arn:aws:iam::123456789012:user\/alice may not call ecr:GetAuthorizationToken \(User: .* because no identity-based policy allows the ecr:GetAuthorizationToken action\)$/,
    fix: /^add to a policy of arn:aws:iam::123456789012:user\/alice: \{"Effect":"Allow","Action":"ecr:GetAuthorizationToken","Resource":"\*"\}$/,
  },
  {
    name: 'a token denied by the organization',
    arrange: ({ aws }) => void aws.fault({ service: 'ecr' }, { kind: 'access-denied' }),
    path: '',
    status: 'broken',
    text: /with an explicit deny in a service control policy\)$/,
    fix: /^take the deny of ecr:GetAuthorizationToken out of the service control policy; no allow elsewhere outweighs it$/,
  },
  {
    name: 'a role that does not trust the caller',
    arrange({ aws, write }) {
      aws.addRole({ arn: ROLE, trustedArns: [BOB.arn] });
      write('.aws/credentials', keysProfile('alice', ALICE));
      write('.aws/config', `[profile dev]\nrole_arn = ${ROLE}\nsource_profile = alice\n`);
      return { ...NO_KEYS, AWS_PROFILE: 'dev' };
    },
    path: '',
    status: 'broken',
    text: /^access denied: \S+user\/alice may not call sts:AssumeRole \(.* on resource: \S+role\/puller\)$/,
    fix: /^add to a policy of \S+user\/alice: \{.*"Resource":"\S+role\/puller"\}; and to the trust policy of \S+role\/puller: \{.*"Principal":\{"AWS":"\S+user\/alice"\}\}$/,
  },
  {
    name: 'a role that needs an MFA code',
    arrange({ aws, write }) {
      aws.addRole({ arn: ROLE, mfaSerial: SERIAL, mfaCode: '1' });
      write('.aws/credentials', keysProfile('alice', ALICE));
      write(
        '.aws/config',
        `[profile dev]\nrole_arn = ${ROLE}\nsource_profile = alice\nmfa_serial = ${SERIAL}\n`,
      );
      return { ...NO_KEYS, AWS_PROFILE: 'dev' };
    },
    path: '',
    status: 'broken',
    text: /^profile "dev" needs the MFA code of \S+mfa\/alice, and doctor asks nobody for it; there is no token in the cache$/,
    fix: /^docker-credential-ecr-login login 127\.0\.0\.1:\d+$/,
  },
  {
    name: 'instance metadata behind a hop limit',
    arrange({ aws }) {
      aws.setInstance({ mode: 'hop-limit', roleArn: `arn:aws:iam::${ACCOUNT}:role/node` });
      return { ...NO_KEYS, AWS_EC2_METADATA_DISABLED: undefined, ...aws.environment({ imds: true }) };
    },
    path: '',
    status: 'broken',
    text: /instance metadata \(it takes connections but its answers do not arrive within 1 s, as in a container whose instance has a hop limit of 1\)$/,
    fix: /^aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 2 /,
  },
  {
    name: 'an instance without a role',
    arrange: ({ aws }) => ({
      ...NO_KEYS,
      AWS_EC2_METADATA_DISABLED: undefined,
      ...aws.environment({ imds: true }),
    }),
    path: '',
    status: 'broken',
    text: /instance metadata \(this instance has no role\)$/,
    fix: /^aws ec2 associate-iam-instance-profile /,
  },
  {
    name: 'a credential process that fails',
    arrange(clinic) {
      clinic.writeScript('keys.sh', 'exit 3');
      clinic.write('.aws/config', `[profile dev]\ncredential_process = ${clinic.home.directory}/keys.sh\n`);
      return { ...NO_KEYS, AWS_PROFILE: 'dev' };
    },
    path: '',
    status: 'broken',
    text: /^cannot get AWS credentials from credential_process of profile "dev": it ended with exit code 3$/,
    fix: /./,
  },
  {
    name: 'a clock that is wrong',
    options: { aws: { now: () => Date.now() + 3_600_000 } },
    path: '',
    status: 'broken',
    text: /^the clock of this machine is 3[56]\d\d s behind AWS's$/,
    fix: /^set the clock: timedatectl set-ntp true$/,
  },
  {
    name: 'a clock that is a little wrong',
    options: { aws: { now: () => Date.now() - 120_000 } },
    path: '',
    status: 'warning',
    text: /^the clock of this machine is 1[12]\d s ahead of AWS's$/,
    fix: /^set the clock: /,
  },
];
