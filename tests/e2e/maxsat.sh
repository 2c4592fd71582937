#!/bin/bash
# polystep-maxsat as a user meets it, against a server: maxsat.sh BIN SERVER
# What it prints is verified by the checker, which shares no code with it.
set -u
bin=$1 server=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failures=0

# expect NAME STATUS TEXT COMMAND...: the exit status, and TEXT in what it prints.
expect() {
  name=$1 wanted=$2 text=$3
  shift 3
  output=$(timeout 100 "$@" 2>&1)
  status=$?
  if [ "$status" -ne "$wanted" ] || [[ $output != *"$text"* ]]; then
    echo "FAILED $name: exit status $status (wanted $wanted), wanted \"$text\" in: ${output:0:2000}"
    failures=$((failures + 1))
  else
    echo "ok $name"
  fi
}
# verified NAME FILE OUTPUT PERCENT TEXT: the checker agrees, and TEXT is in the output.
verified() {
  expect "$1" 0 "satisfied" sh -c "'$bin/polystep-maxsat-check' --at-least $4 '$2' <'$3'"
  grep -qF -e "$5" "$3" || { echo "FAILED $1: no \"$5\" in $3"; failures=$((failures + 1)); }
}
solve="timeout 100 $bin/polystep-maxsat"

"$bin/polystep-maxsat-generate" --variables 300 --seed 5 >random.cnf
# Two workers in processes of their own share the study; the second joins the first's.
$solve random.cnf --server "$server" --max-evaluations 8000 --workers 1 --lease 8 >first.out &
$solve random.cnf --server "$server" --max-evaluations 8000 --workers 2 --lease 8 >second.out
wait
verified two-workers-first random.cnf first.out 98 "s SATISFIABLE"
verified two-workers-second random.cnf second.out 98 "s SATISFIABLE"

# Twice in one process each: the same seed finds the same.
$solve random.cnf --max-evaluations 4000 >embedded.out
$solve random.cnf --max-evaluations 4000 --workers 1 --lease 7 >again.out
verified embedded random.cnf embedded.out 98.5 "s SATISFIABLE"
expect same-assignment 0 "" cmp <(grep ^v embedded.out) <(grep ^v again.out)

# SIGTERM, and the same study again, which goes on where it was.
"$bin/polystep-maxsat" random.cnf --server "$server" --study cut --seed 2 >cut.out &
solver=$!
for _ in $(seq 100); do
  grep -q '^o ' cut.out && break
  sleep 0.1
done
kill -TERM "$solver"
wait "$solver"
expect sigterm-status 0 "" test $? -eq 0
verified sigterm random.cnf cut.out 80 "s SATISFIABLE"
$solve random.cnf --server "$server" --study cut --seed 2 --time-limit 2 >resumed.out
verified resumed random.cnf resumed.out 80 "s SATISFIABLE"
expect resumed-is-no-worse 0 "" test \
  "$(grep '^o ' resumed.out | tail -n 1 | cut -c3-)" -le "$(grep '^o ' cut.out | tail -n 1 | cut -c3-)"

# Hard clauses: exactly one of each three, soft wishes against it, one that never holds.
{
  for i in $(seq 1 3 58); do
    j=$((i + 1)) k=$((i + 2))
    printf 'h %s %s %s 0\nh -%s -%s 0\nh -%s -%s 0\nh -%s -%s 0\n' $i $j $k $i $j $i $k $j $k
    printf '3 %s 0\n2 %s 0\n1 %s 0\n' $i $j $k
  done
  echo "7 0"
} >hard.wcnf
$solve hard.wcnf --server "$server" --max-evaluations 20000 >hard.out
verified hard hard.wcnf hard.out 0 "s SATISFIABLE"
expect hard-holds 0 "(0 hard)" sh -c "'$bin/polystep-maxsat-check' hard.wcnf <hard.out"
printf 'p wcnf 2 3 9\n9 1 2 0\n1 -1 0\n4 0\n' >easy.wcnf
$solve easy.wcnf >easy.out
verified optimum easy.wcnf easy.out 0 "s OPTIMUM FOUND"

printf 'p cnf 2 2\n1 2 0\n1 b 0\n' >broken.cnf
expect broken 2 "broken.cnf: line 3: 'b' is no literal" $solve broken.cnf
printf 'h 0\n1 1 0\n' >never.wcnf
expect unsatisfiable 0 "s UNSATISFIABLE" $solve never.wcnf
expect bad-option 2 "--workers" $solve random.cnf --workers 0
expect bad-limit 2 "--time-limit: must be a number above 0, is 'nan'" $solve random.cnf --time-limit nan
expect bad-ratio 2 "--ratio: must be a number from 0 on, is '-1'" \
  "$bin/polystep-maxsat-generate" --variables 10 --ratio -1
expect other-formula 1 "belongs to another formula" \
  $solve easy.wcnf --server "$server" --study cut
expect unreachable 3 "s UNKNOWN" $solve random.cnf --server 127.0.0.1:1
expect checker-sees-wrong 1 "wrong: " sh -c \
  "sed 's/^v [01]/v 2/' first.out | '$bin/polystep-maxsat-check' random.cnf"

[ "$failures" -eq 0 ]
