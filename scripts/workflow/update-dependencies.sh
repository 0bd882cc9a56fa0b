#!/usr/bin/env bash
# Takes the newest dependencies that package.json allows, and says whether any changed. Usage: scripts/workflow/update-dependencies.sh
# Changes package-lock.json and nothing else. In GitHub Actions it sets the output "changed".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

before=$(git hash-object package-lock.json)
npm update --package-lock-only --ignore-scripts --no-audit --no-fund
changed=true
if [[ $(git hash-object package-lock.json) == "${before}" ]]; then changed=false; fi
git diff --stat -- package-lock.json
printf 'changed=%s\n' "${changed}" | tee -a "${GITHUB_OUTPUT:-/dev/null}"
