#!/usr/bin/env bash
# Lints a crate of this repository while cargo compiles it: as RUSTC_WORKSPACE_WRAPPER it runs Clippy with the compiler's arguments
# before the compiler. `cargo clippy` would check every dependency again, which takes minutes on a new machine.
set -euo pipefail

rustc=$1
shift
# Cargo also queries the compiler, with a placeholder crate name.
if [[ " $* " == *" --crate-name "* && " $* " != *" --crate-name ___ "* ]]; then
  scratch=$(mktemp -d)
  arguments=()
  previous=''
  for argument in "$@"; do
    case $previous:$argument in
      --out-dir:*) changed=$scratch ;;
      -C:incremental=*) changed=incremental=$scratch ;;
      *:--emit=*) changed=--emit=metadata ;;
      # Cargo would start to compile dependent crates as soon as this artifact is reported.
      *:--json=*) changed=${argument/artifacts,/} ;;
      *) changed=$argument ;;
    esac
    arguments+=("$changed")
    previous=$argument
  done
  status=0
  CLIPPY_ARGS='-Dwarnings__CLIPPY_HACKERY__' clippy-driver "$rustc" "${arguments[@]}" || status=$?
  rm -rf "$scratch"
  [[ $status -eq 0 ]] || exit "$status"
fi
exec "$rustc" "$@"
