// Owns the fixed words of Docker's credential helper protocol and the types that cross it.
// Follows docker/docker-credential-helpers, credentials/error.go and credentials/credentials.go. Knows no AWS.

/** The sentinel: clients compare the whole trimmed stdout of a failed helper with it (client/client.go). */
export const CREDENTIALS_NOT_FOUND = 'credentials not found in native keychain';
/** Said for empty input to `get` and `erase`, and for `store` without a ServerURL. */
export const NO_SERVER_URL = 'no credentials server URL';
/** Said for `store` without a Username. */
export const NO_USERNAME = 'no credentials username';

/** The four verbs that carry a message; `version` carries none. */
export type Action = 'get' | 'store' | 'erase' | 'list';

/** Docker's triple, with the wire's own key names. */
export interface Credentials {
  readonly ServerURL: string;
  readonly Username: string;
  readonly Secret: string;
}

/** What a credential helper does; each may throw a {@link Refusal}. */
export interface CredentialHelper {
  get(serverUrl: string): Promise<Credentials>;
  store(credentials: Credentials): Promise<void>;
  erase(serverUrl: string): Promise<void>;
  /** Server URL to user name, for every credential held. */
  list(): Promise<Readonly<Record<string, string>>>;
}

/** Another helper, for the server URLs that are not ours; it gets requests as they came, and its answers go back so. */
export interface Neighbour {
  /** True for a server URL that is the neighbour's. */
  owns(serverUrl: string): boolean;
  pass(action: Exclude<Action, 'list'>, request: Uint8Array): Promise<Outcome<string | Uint8Array>>;
  /** What it holds; nothing when it cannot be asked. */
  list(request: Uint8Array): Promise<Readonly<Record<string, string>>>;
}

/** What the process shall leave behind: exact bytes of both streams, and the exit code. */
export interface Outcome<Stdout = string> {
  /** Text of ours; bytes where they are another program's. */
  readonly stdout: Stdout;
  readonly stderr: string;
  readonly exitCode: 0 | 1;
}

/** A request that ends with exit 1: `message` is the whole of stdout, `stderr` the lines for people. */
export class Refusal extends Error {
  readonly stderr: readonly string[];

  constructor(message: string, stderr: readonly string[] = []) {
    super(message);
    this.name = 'Refusal';
    this.stderr = stderr;
  }
}
