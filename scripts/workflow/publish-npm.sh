#!/usr/bin/env bash
# Publishes npm tarballs with provenance, those of the platforms before the package that asks for them.
# Usage: scripts/workflow/publish-npm.sh [--dry-run] <directory>. A version that npm has already is left alone, so that it can run again.
set -euo pipefail

options=(--provenance --access public)
if [[ ${1:-} == --dry-run ]]; then
  options=(--dry-run --access public)
  shift
fi
# npm takes a relative path for the name of a repository.
directory=$(realpath "${1:?usage: publish-npm.sh [--dry-run] <directory>}")

field() {
  tar -xzOf "$1" package/package.json | node --print "JSON.parse(require('node:fs').readFileSync(0, 'utf8')).$2"
}

# The package that users name has optional dependencies: the others must be there first.
first=() last=()
for tarball in "${directory}"/*.tgz; do
  if [[ $(field "${tarball}" optionalDependencies) == undefined ]]; then first+=("${tarball}"); else last+=("${tarball}"); fi
done
for tarball in "${first[@]}" "${last[@]}"; do
  package=$(field "${tarball}" name)@$(field "${tarball}" version)
  if [[ -n $(npm view "${package}" version 2>/dev/null || true) ]]; then
    printf '%s is there already\n' "${package}"
  else
    npm publish "${tarball}" "${options[@]}"
  fi
done
