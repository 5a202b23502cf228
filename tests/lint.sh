#!/usr/bin/env bash
# Lints a crate of this repository while cargo compiles it: as RUSTC_WORKSPACE_WRAPPER it runs Clippy with the compiler's arguments
# before the compiler, and with LINT_DOCS also rustdoc for the library and the programs. `cargo clippy` and `cargo doc` would check
# every dependency again, which takes minutes on a new machine.
set -euo pipefail

rustc=$1
shift

# document ARGUMENT...: rustdoc with the compiler's arguments, except those about its output.
document() {
  local argument previous='' arguments=()
  for argument in "$@"; do
    case $previous:$argument in
      --crate-type:* | *:--crate-type | *:--emit=*) ;;
      -C:incremental=*) unset 'arguments[-1]' ;;
      *:--json=*) arguments+=("${argument/artifacts,/}") ;;
      *) arguments+=("$argument") ;;
    esac
    previous=$argument
  done
  if [[ " $* " == *" --crate-type bin "* ]]; then arguments+=(--document-private-items); fi
  rustdoc --crate-type lib -D warnings "${arguments[@]}"
}

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
  if [[ $status -eq 0 && -n ${LINT_DOCS:-} && " $* " == *" src/"*".rs "* && " $* " != *" --test "* ]]; then
    document "${arguments[@]}" || status=$?
  fi
  rm -rf "$scratch"
  [[ $status -eq 0 ]] || exit "$status"
fi
exec "$rustc" "$@"
