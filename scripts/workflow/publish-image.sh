#!/usr/bin/env bash
# Pushes the image for all processors under the version and "latest", and says its digest. Usage:
# REGISTRY_USER=... REGISTRY_PASSWORD=... scripts/workflow/publish-image.sh <directory> <name> <tag>. Needs skopeo; must not build.
set -euo pipefail

directory=${1:?usage: publish-image.sh <directory> <name> <tag>}
# Names of images are lower case, names of repositories need not be.
name=$(tr '[:upper:]' '[:lower:]' <<<"${2:?usage: publish-image.sh <directory> <name> <tag>}")
version=${3:?usage: publish-image.sh <directory> <name> <tag>}
version=${version#v}

images=("${directory}"/*oci*.tar*)
if [[ ${#images[@]} -ne 1 || ! -e ${images[0]} ]]; then
  printf 'publish-image: %s must have one image, has %s\n' "${directory}" "${images[*]}" >&2
  exit 1
fi

options=(--all --preserve-digests)
# Plain HTTP, for a trial with a registry on this machine.
if [[ ${name} == localhost:* || ${name} == 127.0.0.1:* ]]; then options+=(--dest-tls-verify=false); fi
if [[ -n ${REGISTRY_PASSWORD:-} ]]; then
  skopeo login --username "${REGISTRY_USER:?}" --password-stdin "${name%%/*}" <<<"${REGISTRY_PASSWORD}"
fi

digest_file=$(mktemp)
trap 'rm -f "${digest_file}"' EXIT
for tag in "${version}" latest; do
  skopeo copy "${options[@]}" --digestfile "${digest_file}" "oci-archive:${images[0]}" "docker://${name}:${tag}"
done
printf 'name=%s\ndigest=%s\n' "${name}" "$(cat "${digest_file}")" | tee -a "${GITHUB_OUTPUT:-/dev/null}"
