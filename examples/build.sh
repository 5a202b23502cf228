#!/usr/bin/env bash
# Builds the starters as a project would, with the package of pkg/: installs their tools from npm's registry.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

[[ -f ../pkg/package.json ]] || { echo "examples/build.sh: there is no pkg/: run ./build.sh first." >&2; exit 1; }
for starter in vite-typescript react; do
  printf '\n== %s\n' "$starter"
  (cd "$starter" && npm install --no-fund --no-audit --no-package-lock && npm run build)
done
