// Owns the staged faults of the machine itself: executables, settings, clients' configs, directories.
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { HOST } from '../world.ts';
import type { FaultRow } from './row.ts';

const OLD =
  'echo "docker-credential-ecr-login (github.com/awslabs/amazon-ecr-credential-helper/ecr-login) 0.9.0"';
const MISSING = '210987654321.dkr.ecr.eu-west-1.amazonaws.com';

export const MACHINE_FAULTS: readonly FaultRow[] = [
  {
    name: 'the program is not on PATH',
    arrange: ({ home }) => ({ PATH: join(home.directory, 'other') }),
    status: 'broken',
    text: /^docker-credential-ecr-login is not on PATH, so no client finds it$/,
    fix: /sudo install \S+ \/usr\/local\/bin\/docker-credential-ecr-login$/,
  },
  {
    name: 'the Go helper stands before it',
    arrange(clinic) {
      clinic.writeScript('old/docker-credential-ecr-login', OLD);
      return { PATH: `${clinic.home.directory}/old:${clinic.home.directory}/bin` };
    },
    status: 'broken',
    text: /^clients run \S+\/old\/docker-credential-ecr-login: docker-credential-ecr-login \(github\S+ 0\.9\.0, which is another program$/,
    fix: /^put the directory of this one before it in PATH/,
  },
  {
    name: "Docker Desktop's copy stands before it",
    arrange(clinic) {
      clinic.writeScript('Docker.app/Contents/Resources/bin/docker-credential-ecr-login', 'echo "Usage: x"');
      clinic.writeScript('local/placeholder', '');
      symlinkSync(
        join(clinic.home.directory, 'Docker.app/Contents/Resources/bin/docker-credential-ecr-login'),
        join(clinic.home.directory, 'local/docker-credential-ecr-login'),
      );
      return { PATH: `${clinic.home.directory}/local:${clinic.home.directory}/bin` };
    },
    status: 'broken',
    text: /^clients run \S+\/local\/docker-credential-ecr-login \(from Docker Desktop\): Usage: x, which is another program$/,
    fix: /Docker Desktop brings an old copy in \/usr\/local\/bin$/,
  },
  {
    name: 'an old copy stands behind it',
    arrange(clinic) {
      clinic.writeScript('old/docker-credential-ecr-login', OLD);
      return { PATH: `${clinic.home.directory}/bin:${clinic.home.directory}/old` };
    },
    status: 'warning',
    text: /^\S+\/old\/docker-credential-ecr-login stands behind it: .* 0\.9\.0$/,
    fix: /^a client with another PATH runs that one/,
  },
  {
    name: 'another version of it stands before it',
    arrange(clinic) {
      clinic.writeScript('new/docker-credential-ecr-login', 'echo docker-credential-ecr-login 99.0.0');
      return { PATH: `${clinic.home.directory}/new:${clinic.home.directory}/bin` };
    },
    status: 'warning',
    text: /99\.0\.0, which is not this version \(\d+\.\d+\.\d+\)$/,
    fix: /^install one version/,
  },
  {
    name: 'a program of that name hangs',
    arrange(clinic) {
      clinic.writeScript('old/docker-credential-ecr-login', 'exec /bin/sleep 30');
      return { PATH: `${clinic.home.directory}/old:${clinic.home.directory}/bin` };
    },
    status: 'broken',
    text: /: does not answer within 3 s, which is another program$/,
    fix: /PATH/,
  },
  {
    name: 'an unknown key in the config file',
    arrange: ({ write }) =>
      void write(
        '.ecr/config.json',
        '{\n  "registries": [{ "match": { "account": "1" }, "profil": "x" }]\n}',
      ),
    status: 'broken',
    text: /^cannot use \S+\/\.ecr\/config\.json:2: .*did you mean "profile"\?$/,
    fix: /^mend \S+\/\.ecr\/config\.json:2$/,
  },
  {
    name: 'a config file that is not there',
    arrange: () => ({ AWS_ECR_CONFIG_FILE: '/nowhere/config.json' }),
    status: 'broken',
    text: /^cannot read \/nowhere\/config\.json, named by AWS_ECR_CONFIG_FILE: no such file$/,
    fix: /^write the file, or correct or unset AWS_ECR_CONFIG_FILE$/,
  },
  {
    name: 'a setting that cannot be used',
    arrange: () => ({ AWS_ECR_TIMEOUT: 'soon' }),
    status: 'broken',
    text: /^cannot use AWS_ECR_TIMEOUT "soon": must be a number of seconds from 1 to 600$/,
    fix: /^correct AWS_ECR_TIMEOUT$/,
  },
  {
    name: 'no Docker config',
    arrange: ({ home }) => ({ DOCKER_CONFIG: join(home.directory, 'other') }),
    status: 'broken',
    text: /^docker: \S+\/other\/config\.json does not exist, so Docker asks no helper$/,
    fix: /^docker-credential-ecr-login configure <registry>$/,
  },
  {
    name: 'a Docker config that is not JSON',
    arrange: ({ write }) => void write('.docker/config.json', '{\n  "credHelpers": {\n    "a": "b",\n  }\n}'),
    status: 'broken',
    text: /^cannot parse \S+\/config\.json:4: it is not JSON: property name expected$/,
    fix: /^mend the file/,
  },
  {
    name: 'credStore for credsStore',
    arrange: ({ writeDocker }) => writeDocker({ credHelpers: { [HOST]: 'ecr-login' }, credStore: 'desktop' }),
    status: 'broken',
    text: /has the key "credStore", which no client reads$/,
    fix: /^call it "credsStore"$/,
  },
  {
    name: 'credHelper for credHelpers',
    arrange: ({ writeDocker }) => writeDocker({ credHelper: { [HOST]: 'ecr-login' } }),
    status: 'broken',
    text: /has the key "credHelper", which no client reads$/,
    fix: /^call it "credHelpers"$/,
  },
  {
    name: 'a repository as the key',
    arrange: ({ writeDocker }) => writeDocker({ credHelpers: { [`${HOST}/team/app`]: 'ecr-login' } }),
    status: 'broken',
    text: /credHelpers "\S+\/team\/app" has a path; clients ask for the host alone$/,
    fix: new RegExp(`^call it "${HOST}"$`),
  },
  {
    name: 'a wildcard as the key',
    arrange: ({ writeDocker }) =>
      writeDocker({ credHelpers: { '*.dkr.ecr.us-east-1.amazonaws.com': 'ecr-login' } }),
    status: 'broken',
    text: /is a pattern; clients compare names to the letter$/,
    fix: /docker-credential-ecr-login configure$/,
  },
  {
    name: 'a URL as the key',
    arrange: ({ writeDocker }) => writeDocker({ credHelpers: { [`https://${HOST}`]: 'ecr-login' } }),
    status: 'broken',
    text: /has a scheme; clients ask for the host alone$/,
    fix: new RegExp(`^call it "${HOST}"$`),
  },
  {
    name: 'a misspelt registry',
    arrange: ({ writeDocker }) =>
      writeDocker({ credHelpers: { [HOST.replace('amazonaws', 'amazonws')]: 'ecr-login' } }),
    status: 'warning',
    text: /is not a registry of Amazon ECR, so this helper has no answer for it$/,
    fix: /^correct the name/,
  },
  {
    name: 'the whole name of the program as the helper',
    arrange: ({ writeDocker }) => writeDocker({ credHelpers: { [HOST]: 'docker-credential-ecr-login' } }),
    status: 'broken',
    text: /names "docker-credential-ecr-login", so clients run docker-credential-docker-credential-ecr-login$/,
    fix: /^write "ecr-login"$/,
  },
  {
    name: 'a misspelt helper',
    arrange: ({ writeDocker }) => writeDocker({ credHelpers: { [HOST]: 'ecr' } }),
    status: 'broken',
    text: /names a helper that is not on PATH: docker-credential-ecr$/,
    fix: /^write "ecr-login"$/,
  },
  {
    name: 'a missing store',
    arrange: ({ writeDocker }) =>
      writeDocker({ credHelpers: { [HOST]: 'ecr-login' }, credsStore: 'desktop' }),
    status: 'broken',
    text: /credsStore "desktop" is not on PATH: docker-credential-desktop$/,
    fix: /^install it, or remove "credsStore"/,
  },
  {
    name: 'this helper as the store of all',
    arrange: ({ writeDocker }) => writeDocker({ credsStore: 'ecr-login' }),
    status: 'warning',
    text: /credsStore is ecr-login, so every registry goes through this helper$/,
    fix: /docker-credential-ecr-login configure --all$/,
  },
  {
    name: 'a login that is left',
    arrange: ({ writeDocker }) =>
      writeDocker({
        auths: { [MISSING]: { auth: 'QVdTOmNhbmFyeQ==' } },
        credHelpers: { [HOST]: 'ecr-login' },
      }),
    status: 'warning',
    text: /auths "210987654321\S+" holds an old token and is used instead of the helper until it is gone$/,
    fix: new RegExp(`^docker logout ${MISSING}$`),
  },
  {
    name: 'DOCKER_AUTH_CONFIG',
    arrange: () => ({
      DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [HOST]: { auth: 'QVdTOmNhbmFyeQ==' } } }),
    }),
    status: 'warning',
    text: /^DOCKER_AUTH_CONFIG is set/,
    fix: /^unset DOCKER_AUTH_CONFIG/,
  },
  {
    name: 'a misspelt key of finch',
    arrange: ({ write }) => void write('.finch/finch.yaml', 'cpus: 4\ncred_helpers:\n    - ecr-login\n'),
    status: 'broken',
    text: /finch\.yaml has the key "cred_helpers", which finch does not read$/,
    fix: /^call it "creds_helpers"$/,
  },
  {
    name: 'a cache that others can look into',
    arrange({ write, home }) {
      write('.ecr/tokens-v1/x', '');
      home.chmod('.ecr/tokens-v1', 0o755);
      return {};
    },
    status: 'warning',
    text: /^cache directory \S+ is open to others and is not used$/,
    fix: /^chmod 700 \S+\/\.ecr\/tokens-v1$/,
  },
  {
    name: 'a file where the cache belongs',
    arrange: ({ write }) => void write('.ecr/tokens-v1', 'x'),
    status: 'broken',
    text: /^cache directory \S+ cannot be used: it is not a directory$/,
    fix: /AWS_ECR_CACHE_DIR/,
  },
  {
    name: 'a file where the log belongs',
    arrange: ({ write }) => void write('.ecr/log', 'x'),
    status: 'warning',
    text: /^log directory \S+ cannot be used: it is not a directory$/,
    fix: /AWS_ECR_LOG_LEVEL=off/,
  },
  {
    name: 'the cache switched off',
    arrange: () => ({ AWS_ECR_DISABLE_CACHE: '1' }),
    status: 'warning',
    text: /^the cache is switched off: every pull asks AWS$/,
    fix: /^unset AWS_ECR_DISABLE_CACHE/,
  },
];
