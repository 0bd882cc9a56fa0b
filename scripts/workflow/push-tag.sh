#!/usr/bin/env bash
# Pushes main and a tag together, and starts the release of the tag. Usage: GH_TOKEN=... scripts/workflow/push-tag.sh <tag>
# The start is by hand because GitHub starts no workflow for what a workflow pushed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

tag=${1:?usage: push-tag.sh <tag>}
gh auth setup-git
git push --atomic origin HEAD:main "refs/tags/${tag}"
gh workflow run release.yml --ref "${tag}"
