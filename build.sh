#!/usr/bin/env bash
# Builds, serves and tests Tweedie. Installs any missing tools.
#
#   ./build.sh              makes the npm package in pkg/ and the page in dist/
#   ./build.sh serve        the same, then serves the page on localhost (PORT, default 8080, or the next free one)
#   ./build.sh test         the same, then runs every check and every test
#   ./build.sh test LAYER   one layer only: native, wasm, package or page
#   ./build.sh docs         makes the documentation with the references of Rust and JavaScript in dist/docs
#   ./build.sh check        the quick checks before a commit: format, spelling, lint, rustdoc, unit tests, package tests with fakes
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly WASM_PACK_VERSION=0.15.1
readonly WASM_TARGET=wasm32-unknown-unknown
readonly MIN_NODE=20
readonly TYPOS_VERSION=1.52.0
readonly MAX_SUBJECT=72

mkdir -p "${CARGO_TARGET_DIR:=target}"
CARGO_TARGET_DIR=$(cd "$CARGO_TARGET_DIR" && pwd)
export CARGO_TARGET_DIR
readonly TOOLS=$CARGO_TARGET_DIR/tools
readonly BINDINGS=$CARGO_TARGET_DIR/bindings
# Tools of this build take precedence. A new rustup is on PATH only after the next login.
export PATH="$TOOLS/bin:$PATH:${CARGO_HOME:-${HOME:-}/.cargo}/bin"

say() { printf '\n== %s\n' "$*"; }

fail() {
  printf '\nbuild.sh: %s\n' "$*" >&2
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# ---------------------------------------------------------------- tools

# apt_install PACKAGE...: false where there is no apt-get, or where it may not or cannot install.
apt_install() {
  has apt-get || return 1
  local as_root=env
  if [[ $(id -u) -ne 0 ]]; then
    has sudo || return 1
    as_root="sudo env"
  fi
  say "Installing $* with apt-get"
  $as_root apt-get update -qq &&
    $as_root DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

need_rust() {
  has cargo || fail "Rust is missing: install it from https://rustup.rs, then run this again."
  has cc || apt_install gcc libc6-dev || fail "Rust needs a C compiler to link: install gcc or clang, then run this again."
  if has rustup; then
    # rust-toolchain.toml names the version, its components and the WebAssembly target.
    rustup target list --installed 2>/dev/null | grep -qx "$WASM_TARGET" || {
      say "Installing the Rust toolchain of rust-toolchain.toml"
      rustup toolchain install --no-self-update || rustup target add "$WASM_TARGET" || fail "rustup could not install the toolchain of rust-toolchain.toml: check the network, then run this again."
    }
  elif [[ ! -d $(rustc --print sysroot)/lib/rustlib/$WASM_TARGET ]]; then
    fail "this Rust cannot compile to WebAssembly: install rustup from https://rustup.rs (or your system's package of the $WASM_TARGET standard library), then run this again."
  fi
}

# need_cargo_tool PROGRAM VERSION ARGUMENT...: `cargo install ARGUMENT...` unless PROGRAM has that version.
need_cargo_tool() {
  local program=$1 version=$2
  shift 2
  [[ "$("$program" --version 2>/dev/null) " == *" $version "* ]] && return
  say "Installing $program $version (a few minutes, once)"
  # These tools run for seconds but take minutes to compile, so they are hardly optimised.
  CARGO_PROFILE_RELEASE_OPT_LEVEL=${TOOL_OPT_LEVEL:-1} CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    env -u RUSTC_WORKSPACE_WRAPPER cargo install --quiet --root "$TOOLS" --target-dir "$TOOLS/build-$program" --version "$version" "$@" ||
    fail "$program $version could not be installed: read cargo's message above; without network, put that version on PATH."
  rm -rf "$TOOLS/build-$program"
}

need_bindgen() {
  # The bindings and their generator must have the same version, which is that in Cargo.lock.
  local version
  version=$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/"/, ""); print $3 }' Cargo.lock)
  [[ -n $version ]] || fail "Cargo.lock names no version of wasm-bindgen: restore Cargo.lock from the repository."
  # Without --locked: the lock file of the crate requires a version that is not available.
  need_cargo_tool wasm-bindgen "$version" wasm-bindgen-cli
}

# It only runs other programs, so it is not optimised at all.
need_wasm_pack() { TOOL_OPT_LEVEL=0 need_cargo_tool wasm-pack "$WASM_PACK_VERSION" wasm-pack --locked; }

node_major() { node --version 2>/dev/null | sed -E 's/^v([0-9]+).*/\1/'; }

need_node() {
  has node && has npm || apt_install nodejs npm || true
  local major
  major=$(node_major)
  has npm && [[ ${major:-0} -ge $MIN_NODE ]] ||
    fail "Node.js $MIN_NODE or later with npm is needed (found: ${major:-none}): install it from https://nodejs.org, then run this again."
  # npm updates this file after each installation, so that it is newer than the lock file.
  [[ node_modules/.package-lock.json -nt package-lock.json ]] && return
  say "Installing the npm tools of package-lock.json"
  npm ci --no-fund --no-audit --loglevel=error || fail "npm ci failed: check the network and npm's registry setting, then run this again."
  touch node_modules/.package-lock.json
}

# The released binary of typos comes as a Python wheel, which installs in seconds.
need_typos() {
  [[ "$(typos --version 2>/dev/null) " == *" $TYPOS_VERSION "* ]] && return
  python3 -m pip --version >/dev/null 2>&1 || return 1
  say "Installing typos $TYPOS_VERSION"
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --upgrade \
    --target "$TOOLS/typos" "typos==$TYPOS_VERSION" && mkdir -p "$TOOLS/bin" && ln -sf ../typos/bin/typos "$TOOLS/bin/typos"
}

need_chromium() {
  local name
  has chromedriver && has chromium || apt_install chromium chromium-driver || true
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if [[ -z ${CHROMIUM:-} ]] && has "$name"; then CHROMIUM=$(command -v "$name"); fi
  done
  if [[ -z ${CHROMIUM:-} ]] || ! has chromedriver; then
    fail "the tests need Chromium (or Chrome) and the chromedriver of the same version: install both, put them on PATH, then run this again."
  fi
  export CHROMIUM
}

# ---------------------------------------------------------------- time

# Duration of each phase, as lines of "phase<TAB>seconds", in order of completion.
TIMES=$(mktemp)
readonly TIMES
trap 'rm -f "$TIMES"' EXIT

# timed PHASE COMMAND...: records the duration of the command.
timed() {
  local phase=$1 began=$SECONDS status=0
  shift
  "$@" || status=$?
  printf '%s\t%d\n' "$phase" "$((SECONDS - began))" >>"$TIMES"
  return "$status"
}

# Prints the phases with the budgets in CONTRIBUTING.md; exceeding a budget is not a failure.
report_times() {
  say "Time"
  awk -F '\t' '
    FNR == NR { if (split($0, cell, / *\| */) >= 4 && cell[3] ~ /^[0-9]+$/) budget[cell[2]] = cell[3]; next }
    { over = ($1 in budget && $2 > budget[$1]) ? "  over its budget of " budget[$1] " s" : ""
      printf "%-28s %5d s%s\n", $1, $2, over; sum += $2 }
    END { printf "%-28s %5d s\n", "sum", sum }' CONTRIBUTING.md "$TIMES"
}

# ---------------------------------------------------------------- build

# in_module MODULE COMMAND...: runs in a target directory per module, since cargo uses the same file names for both.
in_module() {
  local module=$1
  shift
  CARGO_TARGET_DIR=$CARGO_TARGET_DIR/$module "$@"
}

# compile MODULE ARGUMENT...: compiles the crate to WebAssembly with those arguments of cargo and writes its bindings.
compile() {
  local module=$1
  shift
  say "Compiling tweedie_$module"
  in_module "$module" cargo build --quiet --lib --profile wasm --target "$WASM_TARGET" --no-default-features "$@" &&
    wasm-bindgen --target web --out-dir "$BINDINGS" --out-name "tweedie_$module" \
      "$CARGO_TARGET_DIR/$module/$WASM_TARGET/wasm/tweedie.wasm" ||
    fail "the crate did not compile to WebAssembly: read the messages above."
}

need_build_tools() {
  need_rust
  need_node
  need_bindgen
}

assemble() {
  say "Assembling the npm package in pkg/ and the page in dist/"
  node src/web/js/build.mjs "$BINDINGS" pkg || fail "the package could not be assembled: read the message above."
  node tools/page.mjs pkg dist || fail "the page could not be assembled: read the message above."
  node tools/sizes.mjs dist
}

build() {
  timed "tools" need_build_tools
  timed "module cpu" compile cpu
  timed "module webgpu" compile webgpu --features webgpu
  timed "package" assemble
}

serve() {
  say "Serving the page; Ctrl+C stops"
  rm -f "$TIMES" # exec runs no trap
  # Uses another port if this one is taken, and prints the address.
  # Like a web host, it serves compressed files and supports ETags; with --dev it serves the files of later builds.
  HOST=localhost exec node_modules/.bin/sirv dist --dev --etag --brotli --gzip --no-clear --no-logs --port "${PORT:-8080}"
}

# ---------------------------------------------------------------- documentation

# The pages of docs/ as in the page, and the references that rustdoc and TypeDoc write from the code.
docs() {
  need_rust
  need_node
  local typedoc=$CARGO_TARGET_DIR/typedoc
  say "Writing the reference of the Rust crate"
  cargo doc --quiet --no-deps --lib || fail "rustdoc found something wrong: mend what it names above."
  say "Writing the reference of the npm package"
  [[ tools/reference/node_modules/.package-lock.json -nt tools/reference/package-lock.json ]] ||
    npm ci --prefix tools/reference --no-fund --no-audit --loglevel=error ||
    fail "npm ci failed: check the network and npm's registry setting, then run this again."
  (cd tools/reference && node_modules/.bin/typedoc --out "$typedoc") || fail "TypeDoc found something wrong: mend what it names above."
  node tools/docs.mjs dist/docs --javascript "$typedoc" --rust "$CARGO_TARGET_DIR/doc" &&
    node tools/links.mjs dist/docs || fail "the documentation could not be written: read the message above."
  say "The documentation is in dist/docs"
}

# ---------------------------------------------------------------- test

passed=0
failed=0
broken=''

# check TITLE REMEDY COMMAND...: a check that passes or fails as a whole.
check() {
  local title=$1 remedy=$2
  shift 2
  say "$title"
  "$@" && return
  failed=$((failed + 1))
  broken+="Failed: $title: $remedy"$'\n'
}

# count TITLE REMEDY COMMAND...: a test runner, whose counts are added up.
count() {
  local title=$1 remedy=$2 status=0 log here_passed here_failed
  shift 2
  log=$(mktemp)
  say "$title"
  "$@" 2>&1 | tee "$log" || status=$?
  # cargo and wasm-bindgen: "test result: ok. 3 passed; 0 failed; …"; node: "ℹ pass 3".
  read -r here_passed here_failed < <(awk '
    /^test result: / { passed += $4; failed += $6 }
    /^ℹ pass / { passed += $3 }
    /^ℹ (fail|cancelled) / { failed += $3 }
    END { print passed + 0, failed + 0 }' "$log")
  rm -f "$log"
  # A runner that fails without counts, or without tests, is also a failure.
  if [[ $here_failed -eq 0 ]] && [[ $status -ne 0 || $here_passed -eq 0 ]]; then here_failed=1; fi
  passed=$((passed + here_passed))
  failed=$((failed + here_failed))
  [[ $here_failed -eq 0 ]] || broken+="Failed: $title: $remedy"$'\n'
}

# Runs cargo with Clippy on the crates of this repository, with warnings denied; with LINT_DOCS, also rustdoc.
linted() { RUSTC_WORKSPACE_WRAPPER="$PWD/tests/lint.sh" "$@"; }

npm_pack() { (cd pkg && npm pack --dry-run --loglevel=error >/dev/null); }

node_tests() { node --test --test-reporter=spec "$@"; }

# wasm_tests ARGUMENT...: runs the browser tests with arguments for cargo and, after "--", for the runner.
wasm_tests() {
  WASM_BINDGEN_TEST_TIMEOUT=300 CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner \
    CHROMEDRIVER=$(command -v chromedriver) \
    linted cargo test --profile wasm --target "$WASM_TARGET" --no-default-features --test web "$@"
}

test_native() {
  need_rust
  local remedy="see above, fix it, and rerun it with: cargo test NAME."
  LINT_DOCS=1 timed "native: compile" check "Native tests compile, without a warning of Clippy or rustdoc" "fix the problems listed above." \
    linted cargo test --quiet --no-run
  timed "native: test" count "Native tests" "$remedy" linted cargo test --no-fail-fast
}

test_wasm() {
  need_rust
  need_bindgen
  need_chromium
  local remedy="see above, fix it, and rerun it with: ./build.sh test wasm."
  timed "wasm: cpu" count "WebAssembly tests in headless Chromium, on the CPU" "$remedy" \
    in_module cpu wasm_tests -- --skip webgpu
  timed "wasm: webgpu" count "WebAssembly tests in headless Chromium, on WebGPU" "$remedy" \
    in_module webgpu wasm_tests --features webgpu -- webgpu
}

# The crate must also compile with wasm-pack, for users of the crate itself.
test_wasm_pack() {
  need_wasm_pack
  in_module cpu linted wasm-pack --quiet build --profile wasm --target web --mode no-install --no-pack --out-dir "$BINDINGS/wasm-pack" . --no-default-features
}

test_package() {
  [[ -d pkg ]] || build
  need_node
  # The tests import the package by name, through its exports.
  ln -sfn ../pkg node_modules/tweedie
  check "npm pack" "read npm's message." npm_pack
  check "publint" "fix src/web/js/build.mjs." node_modules/.bin/publint pkg --strict
  check "Types resolve for every kind of consumer" "fix the exports in src/web/js/build.mjs." \
    node_modules/.bin/attw --pack pkg --profile esm-only \
    --exclude-entrypoints ./worker-script.js ./tweedie_cpu_bg.wasm ./tweedie_webgpu_bg.wasm
  check "Types fit a program" "fix src/web/js/*.d.ts." node node_modules/typescript/bin/tsc --project tests/package
  check "Types fit the oldest TypeScript" "fix src/web/js/*.d.ts." \
    node node_modules/typescript-oldest/bin/tsc --project tests/package/tsconfig.oldest.json
  count "Package tests" "see above, fix it, and rerun them with: ./build.sh test package." node_tests tests/package/*.test.mjs
}

test_page() {
  [[ -d dist ]] || build
  need_node
  need_chromium
  count "Page tests" "see above, fix it, and rerun one file with: node --test tests/page/NAME.mjs." \
    node_tests tests/page/all.test.mjs
}

# Rustdoc of this crate, with every link resolved.
documentation() { RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps; }

spelling() {
  if need_typos; then
    typos
  else
    printf 'Skipped: install typos %s, or Python with pip.\n' "$TYPOS_VERSION"
  fi
}

# Subjects of the last 50 commits, and of all commits that the default branch does not have.
subjects() {
  git rev-parse --git-dir >/dev/null 2>&1 || return 0
  local LC_ALL=C.UTF-8 hash subject base status=0
  base=$(git rev-parse --quiet --verify origin/HEAD || git rev-parse --quiet --verify main || true)
  while read -r hash subject; do
    if [[ ${#subject} -gt $MAX_SUBJECT ]]; then
      printf '%s has %d characters: %s\n' "$hash" "${#subject}" "$subject"
      status=1
    fi
  done < <({
    git log --no-merges --format='%h %s' --max-count=50
    if [[ -n $base ]]; then git log --no-merges --format='%h %s' "$base..HEAD"; fi
  } | sort -u)
  return "$status"
}

text_checks() {
  check "Spelling" "correct the words above, or add them to typos.toml." spelling
  check "Commit subjects" "shorten the subjects above to $MAX_SUBJECT characters." subjects
}

formatting() { check "Formatting" "run cargo fmt, which changes the files above." cargo fmt --check -- -l; }

run_check() {
  need_rust
  need_node
  timed "format" formatting
  timed "text" text_checks
  timed "lint" check "Clippy" "fix the problems listed above." cargo clippy --all-targets --quiet -- -D warnings
  timed "rustdoc" check "Rustdoc" "correct the links and code that it names above." documentation
  timed "unit tests" count "Unit tests" "see above, fix it, and rerun it with: cargo test --lib NAME." cargo test --quiet --lib
  timed "package over fakes" count "Package tests over fakes" "see above and fix it." \
    node_tests $(ls tests/package/*.test.mjs | grep -v built) tests/page/logic/*.test.mjs
  report
}

run_tests() {
  case "${1:-all}" in
    native) test_native ;;
    wasm) test_wasm ;;
    package) timed "package: test" test_package ;;
    page) timed "page: test" test_page ;;
    all)
      need_rust
      timed "format" formatting
      timed "text" text_checks
      linted build
      timed "package: test" test_package
      test_native
      test_wasm
      timed "page: test" test_page
      timed "wasm-pack" check "wasm-pack" "read its message above." test_wasm_pack
      ;;
    *) fail "unknown layer $1: use native, wasm, package or page." ;;
  esac
  report
}

report() {
  report_times
  say "Result"
  printf '%s' "$broken"
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [[ -z $broken ]]
}

case "${1:-build}" in
  build)
    build
    report_times
    ;;
  serve)
    build
    report_times
    serve
    ;;
  docs) docs ;;
  test) run_tests "${2:-all}" ;;
  check) run_check ;;
  *) fail "unknown command $1: use ./build.sh, or with serve, docs, test or check." ;;
esac
