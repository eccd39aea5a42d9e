# lint and fmt: everything that a machine can say about the code without running it.

cpp_files() { git ls-files -co --exclude-standard -- 'src/*.cc' 'src/*.h' 'tests/*.cc' 'tests/*.h' 'bench/*.cc' 'bench/*.h'; }

dev_fmt() {
  cpp_files | xargs -r clang-format-19 -i
  [ ! -f web/package.json ] || npm --prefix web run format --if-present
}

lint_format() { cpp_files | xargs -r clang-format-19 --dry-run -Werror; }

lint_gcc() { configure_native gcc && lint_with gcc --check g++; }

# What is generated must be there, for the sources include it.
lint_with() {
  local build=$1
  shift
  cmake --build "build/$build" -j "$jobs" -t node_proto_files runner_proto_files playground_proto_files >&2 &&
    python3 tools/lint_sources.py --build "build/$build" --jobs "$jobs" "$@"
}

dev_lint() {
  configure_native release
  lane "format" lint_format
  lane "layers" python3 tools/check_layers.py
  lane "await rules and clang-tidy" lint_with release
  lane "headers alone" lint_with release --check headers
  lane "g++" lint_gcc
  [ ! -f web/package.json ] || lane "web checks" npm --prefix web run check
  local index failed=0
  printf '\n' >&2
  for index in "${!lane_names[@]}"; do
    printf '  %-34s %s\n' "${lane_names[$index]}" "${lane_results[$index]}" >&2
    [[ "${lane_results[$index]}" == *ok* ]] || failed=1
  done
  return "$failed"
}
