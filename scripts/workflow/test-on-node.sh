#!/usr/bin/env bash
# Runs the tests on another Node than the one of package-lock.json: node_modules gets it, for the npm package as for the test
# runner. Usage: scripts/workflow/test-on-node.sh <major>. Needs what `npm ci && npm test` built; `npm ci` puts Node back.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

major=${1:?usage: test-on-node.sh <major>}
wanted=$(node --print "Math.min(...require('./package.json').engines.node.match(/\d+/g))")
if [[ ${major} -lt ${wanted} ]]; then
  printf 'Node %s is older than what package.json asks for: npm runs on it, the program does not\n' "${major}"
  exit 0
fi

npm install --no-save --no-audit --no-fund "node@${major}"
npm exec -- node --version
npm run test:unit
npm run test:process
