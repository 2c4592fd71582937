#!/bin/bash
# Builds the image of the Dockerfile without a Docker engine, runs it read-only, as a user, without
# capabilities and with little memory, and finishes a study against it with the command line.
#
# Needs what `./dev setup soak` installs and build/bin/polystep. Keeps the base image in
# build/soak/base.tar, everything else in a folder that is removed at the end. Exit code 0: passed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly image=localhost/polystep:soak evaluations=400 memory=256m
readonly client=${POLYSTEP_BIN:-build/bin}/polystep
container=""
scratch=$(mktemp -d)
base=$PWD/build/soak/base.tar
mkdir -p build/soak

storage=(--root "$scratch/storage" --runroot "$scratch/run" --storage-driver overlay)
on_images() { podman "${storage[@]}" "$@"; }

fail() {
  echo "image_test: $*" >&2
  [[ -z $container ]] || on_images logs "$container" >&2 || true
  exit 1
}

# Whatever happened, nothing stays mounted or running; files are removed only where nothing is.
clean_up() {
  trap - EXIT
  [[ -z $container ]] || on_images rm -f -t 5 "$container" >/dev/null 2>&1 || true
  buildah "${storage[@]}" rm --all >/dev/null 2>&1 || true
  on_images volume rm -a -f >/dev/null 2>&1 || true
  awk -v prefix="$scratch/" 'index($2, prefix) == 1 {print $2}' /proc/mounts | sort -r |
    while read -r mounted; do umount "$mounted" || umount -l "$mounted"; done || true
  rm -rf --one-file-system "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# podman and buildah where there is no systemd: runc, cgroupfs and limits that can be set.
configure_engine() {
  cat >"$scratch/containers.conf" <<EOF
[containers]
default_ulimits=["nofile=20000:20000","nproc=4096:4096"]
[engine]
runtime="runc"
cgroup_manager="cgroupfs"
events_logger="file"
[network]
network_backend="netavark"
EOF
  export CONTAINERS_CONF=$scratch/containers.conf
}

# debian:bookworm-slim, made from the packages of this machine's mirror: without manuals, as it is.
import_base() {
  local mirror
  if [[ ! -f $base ]]; then
    mirror=$(awk '/^URIs:/ {print $2; exit}' /etc/apt/sources.list.d/debian.sources 2>/dev/null ||
      awk '$1 == "deb" {print $2; exit}' /etc/apt/sources.list)
    mmdebstrap --quiet --variant=minbase --include=ca-certificates --format=tar \
      --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
      --dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
      bookworm "$base.part" "$mirror"
    mv "$base.part" "$base"
  fi
  on_images import --quiet "$base" docker.io/library/debian:bookworm-slim >/dev/null
}

build_image() {
  buildah "${storage[@]}" bud --isolation chroot --format docker --layers --pull-never \
    --network host -t "$image" . >"$scratch/build.log" 2>&1 ||
    { tail -n 40 "$scratch/build.log" >&2; fail "the image does not build"; }
}

start_container() {
  container=polystep-soak
  on_images run -d --name "$container" --network host --no-healthcheck --read-only \
    --cap-drop all --security-opt no-new-privileges --memory "$memory" --pids-limit 256 \
    -v polystep-soak-data:/data -e POLYSTEP_LISTEN=0.0.0.0:0 "$image" >/dev/null ||
    fail "the container does not start"
  local address="" attempt
  for ((attempt = 0; attempt < 100; attempt++)); do
    address=$(on_images logs "$container" 2>&1 | sed -n 's/.*polystepd listening on //p')
    [[ -z $address ]] || break
    sleep 0.1
  done
  [[ -n $address ]] || fail "the server does not say where it listens"
  export POLYSTEP_SERVER=127.0.0.1:${address##*:}
}

check_container() {
  local user
  user=$(on_images exec "$container" sh -c 'awk "/^Uid:/ {print \$2}" /proc/1/status')
  [[ $user == 65532 ]] || fail "the server runs as uid $user, not 65532"
  if on_images exec "$container" sh -c 'echo x >/usr/local/bin/x' 2>/dev/null; then
    fail "the root file system is writable"
  fi
  on_images exec "$container" polystepd health --server "$POLYSTEP_SERVER" >/dev/null ||
    fail "the health check of the image fails"
}

finish_study() {
  cat >"$scratch/spec.json" <<EOF
{"parameters": [{"name": "x", "real": {"min": -5, "max": 5}},
                {"name": "y", "real": {"min": -5, "max": 5}}],
 "seed": "7", "stop": {"maxEvaluations": "$evaluations"}}
EOF
  "$client" study create soak --spec "$scratch/spec.json" >/dev/null || fail "study create"
  # shellcheck disable=SC2016  # awk's own variables
  "$client" worker soak --slots 2 -- awk -v 'x={x}' -v 'y={y}' \
    'BEGIN {print (x - 1)^2 + 10 * (y - x)^2}' >"$scratch/worker.log" 2>&1 ||
    { tail -n 20 "$scratch/worker.log" >&2; fail "the worker failed"; }
  "$client" study get soak --json >"$scratch/study.json"
  python3 - "$scratch/study.json" "$evaluations" <<'EOF' || fail "the study did not succeed"
import json, sys
study = json.load(open(sys.argv[1]))
print(f"study: {study['state']}, {study['evaluations']} evaluations, best {study['best']['loss']:.3g}")
sys.exit(not (study["state"] == "SUCCEEDED" and study["best"]["loss"] < 0.1
              and 0 < study["evaluations"] <= int(sys.argv[2])))
EOF
}

# The data folder outlives the container, and SIGTERM ends it cleanly.
restart_keeps_study() {
  local digest
  digest=$(grep -o '"trajectoryDigest": *"[0-9a-f]*"' "$scratch/study.json")
  on_images stop -t 20 "$container" >/dev/null
  [[ $(on_images inspect -f '{{.State.ExitCode}}' "$container") == 0 ]] || fail "SIGTERM: not 0"
  on_images rm "$container" >/dev/null
  start_container
  "$client" study get soak --json | grep -qF "$digest" || fail "the restarted server lost the study"
}

size_mb() { on_images image inspect -f '{{.Size}}' "$1" | awk '{printf "%.0f", $1 / 1e6}'; }

main() {
  configure_engine
  import_base
  build_image
  echo "image: $(size_mb "$image") MB, on a base of $(size_mb debian:bookworm-slim) MB"
  start_container
  check_container
  finish_study
  restart_keeps_study
  echo "image_test: PASS"
}

main
