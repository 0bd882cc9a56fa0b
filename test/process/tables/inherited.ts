// Owns the variables that runtimes obey and that a helper may inherit from anybody's shell, and what each executable makes of
// them. `%PROJECT%` is the working directory, which holds code that leaves a mark. It must not run anything.
import type { Executable } from '../../support/executables.ts';

/** What a variable does in spite of us; all that stands here stands in SECURITY.md with its reason. */
export type Effect =
  /** Code of the variable's choice runs. */
  | 'code'
  /** The runtime ends before our first line, or talks on stderr. */
  | 'ends'
  | 'noise'
  /** The runtime writes files of its own into the directory that the variable names. */
  | 'files';

/** A row: the variables, and the executables that cannot refuse them. */
export interface Inherited {
  readonly env: Readonly<Record<string, string>>;
  readonly effects?: Readonly<Partial<Record<Executable['name'], Effect>>>;
}

const both = (effect: Effect) => ({ npm: effect, pkg: effect }) as const;

/** Node's own. */
const NODE: readonly Inherited[] = [
  { env: { NODE_OPTIONS: '--inspect=127.0.0.1:0' }, effects: { npm: 'noise' } },
  { env: { NODE_OPTIONS: '--no-such-option' }, effects: { npm: 'ends' } },
  { env: { NODE_OPTIONS: '--require ./preload.cjs' }, effects: { npm: 'code' } },
  { env: { NODE_OPTIONS: '--import ./preload.mjs' }, effects: { npm: 'code' } },
  { env: { NODE_OPTIONS: '--trace-exit' }, effects: { npm: 'noise' } },
  { env: { NODE_OPTIONS: '--trace-warnings --trace-deprecation --throw-deprecation' } },
  { env: { NODE_OPTIONS: '--max-old-space-size=512 --enable-source-maps --no-warnings' } },
  { env: { NODE_OPTIONS: '--use-openssl-ca --tls-min-v1.0 --dns-result-order=ipv6first' } },
  { env: { NODE_PATH: '%PROJECT%/node_modules:.' } },
  { env: { NODE_DEBUG: 'http,https,net,tls,stream,timer,fs,child_process' } },
  { env: { NODE_DEBUG: '*' }, effects: { npm: 'noise' } },
  { env: { NODE_DEBUG_NATIVE: 'crypto' }, effects: both('noise') },
  { env: { NODE_EXTRA_CA_CERTS: '/nonexistent.pem' }, effects: both('noise') },
  { env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } },
  { env: { NODE_V8_COVERAGE: '%PROJECT%/coverage' }, effects: both('files') },
  { env: { NODE_COMPILE_CACHE: '%PROJECT%/compiled' }, effects: both('files') },
  { env: { NODE_REDIRECT_WARNINGS: '%PROJECT%/warnings' } },
  { env: { NODE_REPL_EXTERNAL_MODULE: './preload.cjs' }, effects: { pkg: 'ends' } },
  { env: { NODE_REPL_HISTORY: '%PROJECT%/history' } },
  { env: { NODE_PENDING_DEPRECATION: '1' } },
  {
    env: { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://127.0.0.1:9' },
  },
  { env: { NODE_UNIQUE_ID: '1' } },
  { env: { NODE_CHANNEL_FD: '3' } },
  { env: { NODE_TEST_CONTEXT: 'child-v8' } },
  { env: { NODE_PRESERVE_SYMLINKS: '1', NODE_PRESERVE_SYMLINKS_MAIN: '1' } },
  { env: { NODE_ICU_DATA: '/nonexistent' } },
  { env: { NODE_DISABLE_COLORS: '0', FORCE_COLOR: '3' } },
  { env: { NODE_ENV: 'development' } },
  { env: { WATCH_REPORT_DEPENDENCIES: '1' } },
  { env: { UV_THREADPOOL_SIZE: '0', UV_USE_IO_URING: '1' } },
  { env: { OPENSSL_CONF: '%PROJECT%/openssl.cnf' }, effects: both('ends') },
  { env: { PKG_EXECPATH: 'PKG_INVOKE_NODEJS', PKG_DUMMY_ENTRYPOINT: './preload.cjs' } },
];

/** Bun's, and its engine's. */
const BUN: readonly Inherited[] = [
  { env: { BUN_OPTIONS: '--preload ./preload.cjs' } },
  { env: { BUN_OPTIONS: '--no-such-option' } },
  { env: { BUN_BE_BUN: '1' } },
  { env: { BUN_CONFIG_PRELOAD: './preload.cjs' } },
  { env: { BUN_CONFIG_VERBOSE_FETCH: 'curl' } },
  { env: { BUN_CONFIG_VERBOSE_FETCH: '1' } },
  { env: { BUN_CONFIG_REGISTRY: 'http://127.0.0.1:9', BUN_CONFIG_TOKEN: 'x' } },
  { env: { BUN_CONFIG_MAX_HTTP_REQUESTS: 'many' }, effects: { native: 'noise' } },
  { env: { BUN_INSPECT: '127.0.0.1:0' } },
  { env: { BUN_INSPECT: '1', BUN_INSPECT_PRELOAD: './preload.cjs' } },
  { env: { BUN_INSPECT_CONNECT_TO: '127.0.0.1:9', BUN_INSPECT_NOTIFY: 'unix:///nonexistent' } },
  { env: { BUN_DEBUG_QUIET_LOGS: '0', BUN_DEBUG_ALL: '1', BUN_DEBUG: '%PROJECT%/debug.log' } },
  { env: { BUN_RUNTIME_TRANSPILER_CACHE_PATH: '%PROJECT%/transpiled' } },
  { env: { BUN_JSC_dumpOptions: '1' }, effects: { native: 'noise' } },
  { env: { BUN_JSC_noSuchOption: '1' }, effects: { native: 'ends' } },
  { env: { BUN_JSC_useJIT: '0' } },
  { env: { BUN_ENV: 'development', BUN_INSTALL: '%PROJECT%' } },
  { env: { BUN_BYTECODE_ORDER_OUT: '%PROJECT%/order' }, effects: { native: 'files' } },
  { env: { BUN_TMPDIR: '/nonexistent' } },
  { env: { MIMALLOC_VERBOSE: '1', MIMALLOC_SHOW_STATS: '1' }, effects: { native: 'noise' } },
];

/** Other people's. */
const OTHERS: readonly Inherited[] = [
  { env: { SSLKEYLOGFILE: '%PROJECT%/tls-keys' } },
  { env: { DEBUG: '*', DEBUG_COLORS: '1', DEBUG_FD: '1' } },
  { env: { TMPDIR: '/nonexistent', TMP: '/nonexistent', TEMP: '/nonexistent' } },
  { env: { TMPDIR: '.' } },
  { env: { LANG: 'xx_XX.nonsense', LC_ALL: 'C', TZ: 'Nowhere/Nothing' } },
  { env: { AWS_SDK_LOAD_CONFIG: '1', AWS_SDK_UA_APP_ID: 'x', AWS_EXECUTION_ENV: 'x' } },
  { env: { JEST_WORKER_ID: '1', VITEST: '1', TS_NODE_PROJECT: './tsconfig.json' } },
];

/** Every row. */
export const INHERITED: readonly Inherited[] = [...NODE, ...BUN, ...OTHERS];
