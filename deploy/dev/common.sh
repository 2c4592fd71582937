# shellcheck shell=bash
# Functions shared by ./dev and its parts. Sourced, with the root of the tree as working directory.

say() { printf '== %s\n' "$*"; }

jobs_here() { nproc 2>/dev/null || echo 2; }

# The C++ files that git knows of, less what is not there any more.
cpp_files() {
  git ls-files --cached --others --exclude-standard -- '*.cc' '*.h' | while read -r path; do
    [[ -f $path ]] && echo "$path"
  done
}

# Folder of a preset's build (CMakePresets.json).
build_folder() { [[ $1 == release ]] && echo build || echo "build-$1"; }

build_preset() {
  local preset=$1 folder log
  folder=$(build_folder "$preset")
  say "build: $preset in $folder/"
  mkdir -p "$folder"
  log=$folder/configure.log
  if ! cmake --preset "$preset" >"$log" 2>&1; then
    cat "$log"
    return 1
  fi
  cmake --build "$folder" -j "$(jobs_here)"
}

# run_ctest "PRESET..." ARG...: one ctest run, and so one summary, over the build folders.
run_ctest() {
  local presets=$1 preset
  shift
  local suite=$PWD/build/suite
  mkdir -p "$suite"
  : >"$suite/CTestTestfile.cmake"
  for preset in $presets; do
    echo "subdirs(\"$PWD/$(build_folder "$preset")\")" >>"$suite/CTestTestfile.cmake"
  done
  say "test: $presets"
  ctest --test-dir "$suite" --output-on-failure -j "$(jobs_here)" "$@"
}

# Benchmarks by name: programs of tests/bench, and scripts tests/bench/NAME/NAME.sh.
benchmarks() {
  find tests/bench -name CMakeLists.txt -print0 | sort -z |
    xargs -0 sed -n 's/^polystep_program(\([a-z0-9_]*\).*/\1/p'
  local folder
  for folder in tests/bench/*/; do
    folder=$(basename "$folder")
    [[ ! -f tests/bench/$folder/$folder.sh ]] || echo "$folder"
  done
}

# What runs a benchmark.
benchmark_path() {
  local script=tests/bench/$1/$1.sh
  if [[ -f $script ]]; then echo "$script"; else echo "build/bin/$1"; fi
}
