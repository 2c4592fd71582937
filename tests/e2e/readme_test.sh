#!/bin/sh
# Runs the shell examples of the front page as they stand there: readme_test.sh BIN SERVER
set -eu
bin=$1 server=$2
readme=$PWD/README.md
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
PATH=$bin:$PATH
export PATH

# block NAME: the shell block behind "<!-- run: NAME -->".
block() {
  sed -n "/<!-- run: $1 -->/,/^\`\`\`\$/p" "$readme" | sed -e '/^<!--/d' -e '/^```/d'
}

block readme-minimize >minimize.sh
sh -eu minimize.sh >minimize.txt
cat minimize.txt
grep -q 'turns = 13' minimize.txt
grep -q 'core *= iron' minimize.txt

# The simulator of the second example is the reader's: this one stands in for it.
cat >simulate.sh <<'EOF'
#!/bin/sh
awk -v w="$1" -v n="$2" -v c="$3" 'BEGIN { print (log(w) - 0.7)^2 + (n - 13)^2 / 50 + (c != "iron") }'
EOF
chmod +x simulate.sh
block readme-server | sed -e '/^polystepd /d' -e 's/&.*$//' >server.sh
POLYSTEP_SERVER=$server sh -eu server.sh >server.txt
cat server.txt
grep -q '"turns":13' server.txt
