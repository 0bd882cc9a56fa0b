#!/usr/bin/env bash
# Fails unless a tag is the one of this version, of a commit that main has, in the repository that package.json names.
# Usage: scripts/workflow/check-tag.sh <tag>. Must not change anything; it needs the history of main, that is, a full clone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

tag=${1:?usage: check-tag.sh <tag>}
version=$(node --print "require('./package.json').version")
if [[ ${tag} != "v${version}" ]]; then
  printf 'check-tag: the tag is "%s", and package.json says version %s: must be "v%s"\n' "${tag}" "${version}" "${version}" >&2
  exit 1
fi
# npm refuses a provenance whose repository is another than the package's own, after everything else is done.
if [[ -n ${GITHUB_REPOSITORY:-} ]]; then
  repository=$(node --print "String(require('./package.json').repository?.url)")
  if [[ ${repository} != *"github.com/${GITHUB_REPOSITORY}.git" ]]; then
    printf 'check-tag: "repository" in package.json is "%s": must be "git+https://github.com/%s.git"\n' \
      "${repository}" "${GITHUB_REPOSITORY}" >&2
    exit 1
  fi
fi
for main in origin/main main; do
  if git merge-base --is-ancestor HEAD "${main}" 2>/dev/null; then
    printf '%s is on %s\n' "${tag}" "${main}"
    exit 0
  fi
done
printf 'check-tag: the commit of "%s" is not on main: only what was reviewed there is released\n' "${tag}" >&2
exit 1
