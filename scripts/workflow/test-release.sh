#!/usr/bin/env bash
# Runs the process-level tests on released executables. Usage, after try-release.ts --install: scripts/workflow/test-release.sh
# Must not build: what the tests start is what is released, the npm bundle of dist/bundle.tar included.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

tar -xf dist/bundle.tar -C dist
npm ci --no-audit --no-fund
npm run test:process
