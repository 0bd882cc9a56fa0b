// Owns the home directory of a client: its configuration files, its environment, our executable on its PATH.
// Nothing in it is shared with another client or with the user who runs the tests.

import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { type ExecutableName, installExecutable } from './executables.ts';
import { systemPath } from './prerequisites.ts';

/** A client's home. */
export interface Home {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The text of Docker's config.json. */
  dockerConfig(): string;
  /** The text of Podman's and Skopeo's auth.json. */
  authFile(): string;
}

/** What a client's home is made of. */
export interface HomeOptions {
  readonly parent: string;
  /** Registries for which the clients ask our executable; others have no credentials at all. */
  readonly helperFor: readonly string[];
  /** The content of Podman's and Skopeo's registries.conf. */
  readonly registriesConfiguration?: string;
  readonly executable?: ExecutableName;
  readonly awsEnvironment?: Readonly<Record<string, string>>;
  /** Plain credentials in the configuration files, as a user without a helper has them. */
  readonly auths?: Readonly<Record<string, { readonly auth: string }>>;
}

/** Makes a new home with configuration files for Docker and for Podman, Skopeo and Buildah. */
export function makeHome(options: HomeOptions): Home {
  const {
    parent,
    helperFor,
    registriesConfiguration = '',
    executable = 'native',
    awsEnvironment = {},
    auths,
  } = options;
  const directory = mkdtempSync(join(parent, 'home-'));
  const bin = join(directory, 'bin');
  installExecutable(executable, bin);
  const docker = join(directory, 'docker-config');
  const runtime = join(directory, 'runtime');
  for (const path of [docker, runtime]) mkdirSync(path, { mode: 0o700 });
  mkdirSync(join(directory, '.config/containers'), { recursive: true });

  const credHelpers = Object.fromEntries(helperFor.map((registry) => [registry, 'ecr-login']));
  const configuration = JSON.stringify({ ...(auths && { auths }), credHelpers }, null, '\t');
  const files = {
    dockerConfig: join(docker, 'config.json'),
    authFile: join(directory, 'auth.json'),
    containers: join(directory, 'containers.conf'),
    storage: join(directory, 'storage.conf'),
    // Skopeo looks nowhere else; the others are told by a variable.
    registries: join(directory, '.config/containers/registries.conf'),
  };
  writeFileSync(files.dockerConfig, configuration, { mode: 0o600 });
  writeFileSync(files.authFile, configuration, { mode: 0o600 });
  writeFileSync(files.containers, containersConfiguration(directory));
  writeFileSync(files.storage, storageConfiguration(directory));
  writeFileSync(files.registries, registriesConfiguration);

  return {
    directory,
    environment: {
      PATH: `${bin}:${systemPath}`,
      HOME: directory,
      TMPDIR: runtime,
      XDG_RUNTIME_DIR: runtime,
      DOCKER_CONFIG: docker,
      REGISTRY_AUTH_FILE: files.authFile,
      CONTAINERS_CONF: files.containers,
      CONTAINERS_STORAGE_CONF: files.storage,
      CONTAINERS_REGISTRIES_CONF: files.registries,
      ...awsEnvironment,
    },
    dockerConfig: () => readFileSync(files.dockerConfig, 'utf8'),
    authFile: () => readFileSync(files.authFile, 'utf8'),
  };
}

// No systemd, no journal and no user session are needed to pull an image; the default of every directory named
// here is outside of the home.
function containersConfiguration(directory: string): string {
  return `[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
static_dir = "${join(directory, 'libpod')}"
tmp_dir = "${join(directory, 'libpod-tmp')}"
volume_path = "${join(directory, 'volumes')}"
[network]
network_config_dir = "${join(directory, 'networks')}"
`;
}

function storageConfiguration(directory: string): string {
  return `[storage]
driver = "vfs"
graphroot = "${join(directory, 'storage')}"
runroot = "${join(directory, 'runroot')}"
`;
}
