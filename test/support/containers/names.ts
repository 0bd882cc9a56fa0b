// Owns the two changes to /etc: the registries' names in /etc/hosts, and the trust of Docker and Podman in our CA.
// Both are undone at the end and recognised by a mark, so that what a killed run left is taken over by the next.

import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

import { undoAtExit } from './undo.ts';

const hostsFile = '/etc/hosts';
const mark = '# docker-credential-ecr-login end-to-end tests';

/** The folder name that marks a directory of certificates as ours, wherever the temporary directory is. */
export const trustFolder = 'docker-credential-ecr-login-trust';

/** Gives the names the loopback address; the answer takes them away again. */
export function mapNames(names: readonly string[]): () => void {
  const found = readFileSync(hostsFile, 'utf8');
  const before = withoutMark(found);
  const separator = before === '' || before.endsWith('\n') ? '' : '\n';
  const undo = undoAtExit(() => writeHosts(withoutMark(readFileSync(hostsFile, 'utf8'))));
  writeHosts(before + separator + names.map((name) => `127.0.0.1 ${name} ${mark}\n`).join(''));
  return undo;
}

// Written in place: in a container the file is a bind mount and cannot be replaced by a rename.
function writeHosts(content: string): void {
  writeFileSync(hostsFile, content);
}

function withoutMark(hosts: string): string {
  return hosts.replace(/^.*\n?/gm, (line) => (line.includes(mark) ? '' : line));
}

/** Makes Docker, Podman, Skopeo and Buildah trust the CA in `directory` for the names; the answer ends that. */
export function trustCertificates(names: readonly string[], directory: string): () => void {
  const undo: (() => void)[] = [];
  for (const parent of ['/etc/docker/certs.d', '/etc/containers/certs.d']) {
    undo.push(makeDirectories(parent));
    for (const name of names) undo.push(link(directory, `${parent}/${name}`));
  }
  return () => {
    for (const step of undo.reverse()) step();
  };
}

function link(target: string, path: string): () => void {
  if (lstatSync(path, { throwIfNoEntry: false })) {
    if (!isOurs(path)) throw new Error(`Cannot use ${path}: it exists and is not of the end-to-end tests`);
    unlinkSync(path);
  }
  symlinkSync(target, path);
  return undoAtExit(() => unlinkSync(path));
}

function isOurs(path: string): boolean {
  return lstatSync(path).isSymbolicLink() && readlinkSync(path).endsWith(`/${trustFolder}`);
}

function makeDirectories(path: string): () => void {
  const first = mkdirSync(path, { recursive: true });
  if (first === undefined) return () => {};
  return undoAtExit(() => {
    for (let directory = path; directory.length >= first.length; directory = dirname(directory)) {
      // Another program may have put something beside ours in the meantime.
      if (readdirSync(directory).length > 0) return;
      rmdirSync(directory);
    }
  });
}
