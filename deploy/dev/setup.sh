#!/bin/bash
# Installs what is missing for the purposes given (build check demo soak all): Debian packages, the
# Python environment build/venv (buf is in it). Run again it only looks.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source deploy/dev/common.sh

as_root() {
  if [[ $(id -u) -eq 0 ]]; then "$@"; else sudo "$@"; fi
}

is_installed() {
  [[ $(dpkg-query -W -f='${Status}' "$1" 2>/dev/null) == "install ok installed" ]]
}

# Packages of the purposes that are neither installed nor replaced by a command on PATH.
missing_packages() {
  local purpose package command
  while read -r purpose package command; do
    [[ " $* " == *" $purpose "* ]] || continue
    if [[ -n $command ]] && command -v "$command" >/dev/null; then continue; fi
    is_installed "$package" || echo "$package"
  done < <(grep -v '^#' deploy/dev/packages.txt)
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  if [[ ${#missing[@]} -eq 0 ]]; then
    say "setup: Debian packages for $*: all there"
    return
  fi
  if ! command -v apt-get >/dev/null; then
    echo "setup: no apt-get here; install the equivalents of: ${missing[*]}" >&2
    return 1
  fi
  say "setup: apt-get install ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

install_python() {
  local wanted=deploy/dev/python-requirements.txt
  if cmp -s "$wanted" build/venv/requirements.txt; then
    say "setup: build/venv: all there"
    return
  fi
  say "setup: Python environment build/venv"
  mkdir -p build
  # The system's interpreter: another python3 on PATH may be anything.
  /usr/bin/python3 -m venv build/venv
  build/venv/bin/pip install --quiet --disable-pip-version-check -r "$wanted"
  cp "$wanted" build/venv/requirements.txt
}

purposes=("${@:-build}")
[[ " ${purposes[*]} " == *" all "* ]] && purposes=(build check demo soak)
for purpose in "${purposes[@]}"; do
  if [[ " build check demo soak " != *" $purpose "* ]]; then
    echo "setup: unknown purpose '$purpose' (build check demo soak all)" >&2
    exit 2
  fi
done
install_packages "${purposes[@]}"
install_python
