#!/bin/sh
# A whole study with a command-line gRPC client and the .proto files, without any package of ours:
#   session.sh HOST:PORT
# The client is grpcurl or buf, whichever is found on PATH, or the program GRPC_TOOL names.
set -eu
server=$1
here=$(cd "$(dirname "$0")" && pwd)
proto=$here/../../../proto
tool=${GRPC_TOOL:-$(command -v grpcurl || command -v buf || true)}

# call SERVICE/METHOD: the request on standard input, the response on standard output, as JSON.
call() {
  case $(basename "$tool") in
    grpcurl) "$tool" -plaintext -import-path "$proto" -proto polystep/v1/study_service.proto \
      -proto polystep/v1/evaluation_service.proto -d @ "$server" "polystep.v1.$1" ;;
    buf) "$tool" curl --protocol grpc --http2-prior-knowledge --schema "$proto" -d @- \
      "http://$server/polystep.v1.$1" ;;
    *) echo "neither grpcurl nor buf found; set GRPC_TOOL" >&2; exit 2 ;;
  esac
}

ask='{"study": "studies/by-hand", "worker": "shell", "wait": "5s"}'
call StudyService/CreateStudy <"$here/create.json" >/dev/null
answer=$(printf '%s' "$ask" | call EvaluationService/Ask)
# evaluate.py turns the lease into a Tell with its losses, which asks for the next lease as well.
while tell=$(printf '%s' "$answer" | python3 "$here/evaluate.py" "$ask") && [ -n "$tell" ]; do
  answer=$(printf '%s' "$tell" | call EvaluationService/Tell)
done
printf '{"name": "studies/by-hand"}' | call StudyService/GetStudy | python3 -c '
import json, sys
study = json.load(sys.stdin)
print(study["state"], study["evaluations"], "evaluations, loss", study["best"]["loss"])
sys.exit(study["state"] != "SUCCEEDED")'
