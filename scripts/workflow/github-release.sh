#!/usr/bin/env bash
# Makes the GitHub release of a tag as a draft with all files of a directory, or publishes it when everything else is out.
# Usage: GH_TOKEN=... github-release.sh draft <tag> <directory>, github-release.sh publish <tag>. A published release is never changed.
set -euo pipefail

usage='usage: github-release.sh draft <tag> <directory> | publish <tag>'
step=${1:?${usage}}
tag=${2:?${usage}}
is_draft=$(gh release view "${tag}" --json isDraft --jq .isDraft 2>/dev/null || true)
if [[ ${is_draft} == false ]]; then
  printf 'github-release: %s is published already\n' "${tag}" >&2
  exit 1
fi

case ${step} in
  draft)
    directory=${3:?${usage}}
    if [[ -z ${is_draft} ]]; then gh release create "${tag}" --draft --verify-tag --generate-notes --title "${tag}"; fi
    find "${directory}" -maxdepth 1 -type f -print0 | xargs -0 gh release upload "${tag}" --clobber
    ;;
  publish) gh release edit "${tag}" --draft=false ;;
  *)
    printf '%s\n' "${usage}" >&2
    exit 1
    ;;
esac
