#!/bin/bash
# What a change must pass before it is read: format, shell, clang-tidy, buf lint, house rules. All
# are run; the exit code is 0 only if none complains.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source deploy/dev/common.sh

failed=()

step() {
  local name=$1
  shift
  say "check: $name"
  "$@" || failed+=("$name")
}

check_format() { cpp_files | xargs -r clang-format-14 --dry-run -Werror; }

check_shell() {
  local scripts
  mapfile -t scripts < <(git ls-files | while read -r path; do
    [[ -f $path ]] && head -c 32 "$path" | head -n 1 | grep -qa '^#!/bin/\(ba\)\?sh' && echo "$path"
  done)
  shellcheck --external-sources --severity=warning "${scripts[@]}" deploy/dev/common.sh
}

# The commit that changes are counted from: where this branch left main, else the one before.
base_commit() {
  local base
  for main in origin/main main; do
    base=$(git merge-base HEAD "$main" 2>/dev/null) || continue
    [[ $base != $(git rev-parse HEAD) ]] && echo "$base" && return
  done
  git rev-parse --verify --quiet HEAD~1
}

changed_sources() {
  local base
  if base=$(base_commit); then
    { git diff --name-only "$base" -- '*.cc'; git ls-files --others --exclude-standard -- '*.cc'; } |
      sort -u
  else
    git ls-files -- '*.cc'  # a history of one commit: everything is new
  fi | while read -r path; do [[ -f $path ]] && echo "$path"; done
}

check_tidy() {
  local sources
  mapfile -t sources < <(changed_sources)
  if [[ ${#sources[@]} -eq 0 ]]; then
    echo "no changed sources"
    return
  fi
  echo "${#sources[@]} changed sources"
  cmake --preset release >build/configure.log 2>&1 || { cat build/configure.log; return 1; }
  cmake --build build --target polystep_proto >build/proto.log || { cat build/proto.log; return 1; }
  printf '%s\n' "${sources[@]}" |
    xargs -P "$(jobs_here)" -n 1 clang-tidy-14 -p build --quiet --warnings-as-errors='*' 2>/dev/null
}

check_buf() { (cd proto && ../build/venv/bin/buf lint); }

mkdir -p build
step "clang-format" check_format
step "shell" check_shell
step "house rules" /usr/bin/python3 -B tests/house/check.py
step "buf lint" check_buf
step "clang-tidy" check_tidy
if [[ ${#failed[@]} -gt 0 ]]; then
  say "check: FAILED: ${failed[*]}"
  exit 1
fi
say "check: all passed"
