// Owns the real registry: Debian's docker-registry on 127.0.0.1:443 with TLS and one htpasswd entry, and its log.
// It must not know AWS: it is told which password to accept.

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

import type { Authority } from './authority.ts';
import { registryPort, systemPath } from './prerequisites.ts';
import { type Service, startService } from './service.ts';

// bcrypt reads no more of a password, so two passwords that agree in these are one to the registry.
const bcryptBytes = 72;

/** One request that the registry let in, from its log; the only user that it can let in is `AWS`. */
export interface AuthorizedRequest {
  readonly method: string;
  readonly uri: string;
  readonly userAgent: string;
}

/** The running registry. */
export interface Registry {
  readonly pid: number;
  /** From now on only `AWS` with this password is let in. */
  accept(password: string): void;
  /** From now on nobody is let in. */
  acceptNobody(): void;
  /** What the registry let in since `accept` or `acceptNobody` was called last. */
  authorized(): AuthorizedRequest[];
  /** How many requests it has refused since then. */
  refused(): number;
  log(): string;
  stop(): Promise<void>;
}

/** Starts the registry with an empty storage and nobody let in. */
export async function startRegistry(directory: string, authority: Authority): Promise<Registry> {
  const passwords = join(directory, 'htpasswd');
  const configuration = join(directory, 'registry.json');
  writeFileSync(passwords, '', { mode: 0o600 });
  // JSON is YAML, and needs no quoting rules of its own.
  writeFileSync(configuration, JSON.stringify(registryConfiguration(directory, passwords, authority)));

  const service: Service = await startService({
    command: 'docker-registry',
    args: ['serve', configuration],
    environment: { PATH: systemPath, HOME: directory, OTEL_TRACES_EXPORTER: 'none' },
    logFile: join(directory, 'registry.log'),
    isReady: acceptsConnections,
  });
  let seen = service.log().length;
  const accept = (password: string) => {
    writePassword(passwords, password);
    seen = service.log().length;
  };
  const entries = () => parseLog(service.log().slice(seen));
  return {
    pid: service.pid,
    accept,
    acceptNobody: () => accept(randomBytes(24).toString('base64url')),
    authorized: () => entries().filter(isAuthorized).map(toRequest),
    refused: () => entries().filter(isRefused).length,
    log: service.log,
    stop: service.stop,
  };
}

function registryConfiguration(directory: string, passwords: string, authority: Authority) {
  return {
    version: 0.1,
    log: { level: 'info', formatter: 'json' },
    storage: { filesystem: { rootdirectory: join(directory, 'registry') }, delete: { enabled: true } },
    http: {
      addr: `127.0.0.1:${registryPort}`,
      tls: { certificate: authority.certificate, key: authority.key },
    },
    auth: { htpasswd: { realm: 'e2e', path: passwords } },
  };
}

// The registry reads the file again when its time has changed; renamed, so that it never reads half of it.
function writePassword(file: string, password: string): void {
  const entry = execFileSync('htpasswd', ['-niB', '-C', '4', 'AWS'], {
    input: password.slice(0, bcryptBytes),
  });
  writeFileSync(`${file}.new`, entry, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

type LogEntry = Readonly<Record<string, unknown>>;

function parseLog(log: string): LogEntry[] {
  return log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): LogEntry => JSON.parse(line));
}

function isAuthorized(entry: LogEntry): boolean {
  return entry.msg === 'authorized request';
}

function isRefused(entry: LogEntry): boolean {
  return String(entry.msg).startsWith('error authorizing context');
}

function toRequest(entry: LogEntry): AuthorizedRequest {
  return {
    method: String(entry['http.request.method']),
    uri: String(entry['http.request.uri']),
    userAgent: String(entry['http.request.useragent']),
  };
}

function acceptsConnections(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(registryPort, '127.0.0.1');
    const answer = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });
}
