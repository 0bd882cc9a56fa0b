// Owns the warnings about what would answer in this helper's place although the config names it: older logins, a variable,
// another program on PATH. Must not change anything, and must not show what a login or the variable holds.
import { spawnSync } from 'node:child_process';
import { parseTree } from 'jsonc-parser';
import { parseHost } from '../registry.ts';
import { PROGRAM, VERSION } from '../version.ts';
import { findMember, memberValue } from './json-text.ts';
import { findHelpers, isOurselves } from './search-path.ts';

/** What stands in the way, and what to do about it. */
export interface Shadow {
  readonly cause: string;
  readonly hint: string;
}

const VERSION_TIMEOUT_MS = 5000;

/** Logins of the same hosts that a config file still holds: some clients send them and never ask a helper. */
export function staleLogins(
  text: string,
  file: string,
  hosts: readonly string[],
  logout: (key: string) => string,
): Shadow[] {
  return loginsIn(text)
    .filter((key) => hosts.includes(parseHost(key) ?? ''))
    .map((key) => ({
      cause: `${file} still holds a login for ${key} in "auths", which some clients prefer to any helper`,
      hint: `remove it: ${logout(key)}`,
    }));
}

/** The keys of `auths` behind which credentials stand; Docker leaves empty entries for those that a helper keeps. */
export function loginsIn(text: string): string[] {
  const auths = memberValue(findMember(parseTree(text), 'auths'));
  return (auths?.type === 'object' ? (auths.children ?? []) : [])
    .filter((member) => (memberValue(member)?.children ?? []).length > 0)
    .map(({ children }) => String(children?.[0]?.value));
}

/** `DOCKER_AUTH_CONFIG`, whose entries Docker and GitLab Runner take before they ask any helper. */
export function environmentLogins(env: NodeJS.ProcessEnv, hosts: readonly string[]): Shadow[] {
  const content = env.DOCKER_AUTH_CONFIG;
  if (!content) return [];
  const covered = loginsIn(content).filter((key) => hosts.includes(parseHost(key) ?? ''));
  return [
    {
      cause:
        covered.length === 0
          ? 'DOCKER_AUTH_CONFIG is set: what it names is taken from it, and no helper is asked'
          : `DOCKER_AUTH_CONFIG holds a login for ${covered.join(', ')}, and Docker prefers that to any helper`,
      hint: 'unset DOCKER_AUTH_CONFIG, or take the ECR registries out of it',
    },
  ];
}

/** What Docker runs when it looks for this program on PATH, where that is not this program. */
export function otherProgram(env: NodeJS.ProcessEnv): Shadow | undefined {
  const found = findHelpers('ecr-login', env);
  const [first] = found;
  if (first === undefined)
    return {
      cause: `${PROGRAM} is not on PATH, so Docker will not find it`,
      hint: `put it into a directory of PATH: sudo install ${installSource()} /usr/local/bin/${PROGRAM}`,
    };
  if (isOurselves(first)) return undefined;
  const said = versionOf(first, env);
  // A copy, or the npm package's launcher on Windows: another file and the same program.
  if (said === `${PROGRAM} ${VERSION}`) return undefined;
  const own = found.find(isOurselves);
  return {
    cause: `Docker will run another program of this name, ${first}, which says ${said === undefined ? 'nothing to "version"' : `"${said}"`}; this one is ${VERSION}`,
    hint:
      own === undefined
        ? 'remove the other one, or put the directory of this one before its directory in PATH'
        : `remove the other one, or put the directory of ${own} before its directory in PATH`,
  };
}

/** The first line that a helper answers to `version`. */
function versionOf(path: string, env: NodeJS.ProcessEnv): string | undefined {
  const { stdout } = spawnSync(path, ['version'], {
    env,
    input: '',
    encoding: 'utf8',
    timeout: VERSION_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  const line = (stdout ?? '')
    .split('\n')[0]
    ?.replace(/[\p{Cc}\p{Cf}]/gu, ' ')
    .trim();
  return line ? line.slice(0, 100) : undefined;
}

/** The npm package is run by node: then the script is what people call. */
function installSource(): string {
  const script = process.argv[1];
  return /(^|[\\/])node(\.exe)?$/.test(process.execPath) && script !== undefined ? script : process.execPath;
}
