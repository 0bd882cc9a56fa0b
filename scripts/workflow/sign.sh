#!/usr/bin/env bash
# Signs the list of checksums with the identity of the workflow, without a key (Sigstore), and puts the build's provenance beside it.
# Usage: scripts/workflow/sign.sh <directory> [<provenance bundle>]. One signature covers all files: the list names each by its SHA-256.
set -euo pipefail

directory=${1:?usage: sign.sh <directory> [<provenance bundle>]}
provenance=${2:-}

(cd "${directory}" && sha256sum --check --quiet SHA256SUMS)
cosign sign-blob --yes --bundle "${directory}/SHA256SUMS.sigstore.json" "${directory}/SHA256SUMS"
# For who verifies without asking GitHub: `gh attestation verify --bundle`, `cosign verify-blob-attestation --bundle`.
if [[ -n ${provenance} ]]; then cp "${provenance}" "${directory}/provenance.sigstore.json"; fi
