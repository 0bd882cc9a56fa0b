// Owns the one constant that says which release this is; a test holds it against package.json.
// Must not read files: `version` works with no configuration, no network and no disk.

/** This release, as in package.json (semantic version, no leading "v"). */
export const VERSION = '0.1.0';

/** The name of the executable: Docker runs `docker-credential-<suffix>`, the suffix is what users write into `credHelpers`. */
export const PROGRAM = 'docker-credential-ecr-login';
