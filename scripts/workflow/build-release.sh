#!/usr/bin/env bash
# Builds everything that a release has, and packs the npm bundle for the machines that try it and have no compiler.
# Usage: scripts/workflow/build-release.sh. Leaves dist/release/ and dist/bundle.tar; publishes nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

npm run release
npm run build:node
tar -cf dist/bundle.tar -C dist node types man
