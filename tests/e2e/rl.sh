#!/bin/bash
# polystep-rl as a user meets it, against a server: rl.sh BIN SERVER
set -u
bin=$1 server=$2
failures=0

# expect NAME STATUS TEXT COMMAND...: the exit status, and TEXT in what it prints.
expect() {
  name=$1 wanted=$2 text=$3
  shift 3
  output=$(timeout 300 "$@" 2>&1)
  status=$?
  if [ "$status" -ne "$wanted" ] || [[ $output != *"$text"* ]]; then
    echo "FAILED $name: exit status $status (wanted $wanted), wanted \"$text\" in: ${output:0:2000}"
    failures=$((failures + 1))
  else
    echo "ok $name"
  fi
}
cartpole="$bin/polystep-rl --task cartpole --policy int8"

# Two workers in processes of their own find what one process alone does.
$cartpole --server "$server" --max-evaluations 600 2>/dev/null &
expect shared 0 "SUCCEEDED" $cartpole --server "$server" --max-evaluations 600 --slots 2
wait
expect judged-again 0 "validation " $cartpole --server "$server" --eval
shared=$($cartpole --server "$server" --eval --json | sed 's/.*"validation"/"validation"/')
alone=$($cartpole --max-evaluations 600 --json 2>/dev/null | sed 's/.*"validation"/"validation"/')
expect same-result 0 "" test -n "$shared" -a "$shared" = "$alone"

expect scores-are-shown 0 "score of the center" \
  "$bin/polystep-rl" --task acrobot --policy binary --max-evaluations 60
expect no-study 1 "rl-cartpole-int8-7" $cartpole --server "$server" --eval --seed 7
expect other-task 1 "is not one of cartpole-float" \
  "$bin/polystep-rl" --task cartpole --server "$server" --study rl-cartpole-int8-1
expect bad-task 2 "{cartpole,acrobot}" "$bin/polystep-rl" --task pendulum
expect bad-budget 2 "--max-evaluations: must be a number above 0, is '-5'" $cartpole --max-evaluations -5
expect unreachable 3 "polystep-rl: " $cartpole --server 127.0.0.1:1

[ "$failures" -eq 0 ]
