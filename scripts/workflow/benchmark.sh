#!/usr/bin/env bash
# Measures the executables against the Go helper, on Debian or a descendant of it. Usage: scripts/workflow/benchmark.sh [<directory>]
# Leaves results.json, chart.svg and table.md in the directory. A runner that others share is no place for numbers to publish.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

out=${1:-dist/bench}
packages=(amazon-ecr-credential-helper time)
if ! dpkg --status "${packages[@]}" >/dev/null 2>&1; then
  as_root=()
  if [[ $(id -u) -ne 0 ]]; then as_root=(sudo); fi
  "${as_root[@]}" apt-get -q update
  "${as_root[@]}" apt-get -q -y install --no-install-recommends "${packages[@]}"
fi

mkdir -p "${out}"
npm run --silent bench -- "--pairs=${BENCHMARK_PAIRS:-30}" "--out=${out}" | tee "${out}/table.md"
if [[ -n ${GITHUB_STEP_SUMMARY:-} ]]; then cat "${out}/table.md" >>"${GITHUB_STEP_SUMMARY}"; fi
