# test: every lane in turn, going on after a failure, and one summary at the end.

lane_names=()
lane_results=()
tests_passed=0
tests_failed=0
tests_skipped=0

# lane NAME COMMAND…: the command's output goes to a log, its tail to the screen when it fails.
# The numbers of tests are read from the closing lines of ctest and of our own runners.
lane() {
  local name=$1 log status=0 started=$SECONDS
  shift
  log=build/logs/test-${name// /-}.log
  mkdir -p build/logs
  say "$name"
  ("$@") >"$log" 2>&1 || status=$?  # a subshell: what dies inside ends the lane, not the run
  count_tests "$log" "$status"
  lane_names+=("$name")
  if [ "$status" -eq 0 ]; then
    lane_results+=("${green}ok${plain} ${dim}$((SECONDS - started)) s${plain}")
  else
    lane_results+=("${red}failed${plain} $((SECONDS - started)) s, see $log")
    grep -E 'FAILED|\*\*\*|Error|error:|not ok|✗|×' "$log" | head -n 60 >&2 || true
    grep -E -A 9 ': Failure$|ERROR: [A-Z][a-z]+Sanitizer|runtime error:' "$log" | cut -c 1-300 |
      head -n 120 >&2 || true
    tail -n 40 "$log" >&2
  fi
}

count_tests() {
  local log=$1 status=$2 failed=0 line
  # "97% tests passed, 1 tests failed out of 36"
  while read -r line; do
    local total bad
    total=$(sed -E 's/.*out of ([0-9]+).*/\1/' <<<"$line")
    bad=$(sed -E 's/.*, ([0-9]+) tests? failed.*/\1/' <<<"$line")
    tests_passed=$((tests_passed + total - bad))
    failed=$((failed + bad))
  done < <(grep -E 'tests passed, [0-9]+ tests? failed out of' "$log" || true)
  # "12 passed, 0 failed, 1 skipped"
  while read -r line; do
    tests_passed=$((tests_passed + $(sed -E 's/^([0-9]+) passed.*/\1/' <<<"$line")))
    failed=$((failed + $(sed -E 's/.* ([0-9]+) failed.*/\1/' <<<"$line")))
    [[ "$line" == *skipped* ]] &&
      tests_skipped=$((tests_skipped + $(sed -E 's/.* ([0-9]+) skipped.*/\1/' <<<"$line")))
  done < <(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" || true)
  # vitest: "Tests  1 failed | 11 passed (12)"
  while read -r line; do
    local good=0 bad=0
    [[ "$line" =~ ([0-9]+)\ passed ]] && good=${BASH_REMATCH[1]}
    [[ "$line" =~ ([0-9]+)\ failed ]] && bad=${BASH_REMATCH[1]}
    tests_passed=$((tests_passed + good))
    failed=$((failed + bad))
  done < <(sed -E 's/\x1b\[[0-9;]*m//g' "$log" | grep -E '^ *Tests +[0-9]' || true)
  # node --test: "ℹ pass 19", "ℹ fail 0"
  while read -r _ kind line; do
    case "$kind" in
      pass) tests_passed=$((tests_passed + line)) ;;
      fail) failed=$((failed + line)) ;;
      skipped) tests_skipped=$((tests_skipped + line)) ;;
    esac
  done < <(sed -E 's/\x1b\[[0-9;]*m//g' "$log" | grep -E '^ℹ (pass|fail|skipped) [0-9]+' || true)
  # A lane that failed without naming a test (a build, a crash) counts as one.
  [ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
  tests_failed=$((tests_failed + failed))
}

run_ctest() {
  local preset=$1 label=$2 parallel=$3
  ctest --test-dir "build/$preset" -L "^$label\$" -j "$parallel" --output-on-failure --no-tests=error
}

unit_under() {
  local preset=$1
  local names=external_symbolizer_path=/usr/bin/addr2line  # LLVM's own is not installed
  export ASAN_OPTIONS="$names" UBSAN_OPTIONS="$names"
  export TSAN_OPTIONS="suppressions=$PWD/tests/thread-sanitizer.supp ignore_noninstrumented_modules=1 $names"
  configure_native "$preset" && cmake --build --preset "$preset" -j "$jobs" -t unit_tests &&
    run_ctest "$preset" unit "$jobs"
}

web_tests() { npm --prefix web test; }

summary() {
  local index
  printf '\n' >&2
  for index in "${!lane_names[@]}"; do
    printf '  %-34s %s\n' "${lane_names[$index]}" "${lane_results[$index]}" >&2
  done
  printf '\n%s passed, %s failed, %s skipped\n' "$tests_passed" "$tests_failed" "$tests_skipped"
  [ "$tests_failed" -eq 0 ]
}

slow_lanes() {
  lane "unit under thread sanitizer" unit_under tsan
  lane "unit, g++ with address sanitizer" unit_under asan-gcc
  lane "long fuzzing" run_ctest release fuzz-long 1
  lane "cgroup v2 in a guest" tests/guest/run
}

dev_test() {
  local all=no
  case "${1:-}" in
    --all) all=yes ;;
    '') ;;
    *) die "./dev test takes no '$1'" ;;
  esac
  check_host
  dev_setup
  lane "build the web UI" build_web
  lane "build" build_native release
  lane "unit" run_ctest release unit "$jobs"
  lane "unit under address sanitizer" unit_under asan
  lane "fuzz, short" run_ctest release fuzz 1
  lane "web unit" web_tests
  if as_root true; then
    ensure_service_user
    lane "image base" as_root "$paddock" images build base
    lane "image postgres" as_root "$paddock" images build postgres
    lane "contract" as_root "$(command -v ctest)" --test-dir build/release -L '^contract$' --output-on-failure --no-tests=error
    lane "integration" as_root "$(command -v ctest)" --test-dir build/release -L '^integration$' --output-on-failure --no-tests=error
    lane "browser" as_root env "PATH=$PATH" tests/browser/run
  fi
  [ "$all" = no ] || slow_lanes
  summary
}
