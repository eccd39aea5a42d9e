# build: the web UI into web/dist, the binaries into build/<preset>/bin.

jobs=$(nproc)

web_sum() { find web api -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' -not -path 'web/build/*' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1; }

build_web() {
  [ -f web/package-lock.json ] || return 0
  local sum
  sum=$(web_sum)
  [ -f web/dist/index.html ] && [ "$(cat build/stamps/web 2>/dev/null)" = "$sum" ] && return
  say "building the web UI"
  quietly build/logs/web.log npm --prefix web run build
  build_notices
  mkdir -p build/stamps
  printf '%s\n' "$(web_sum)" >build/stamps/web
}

configure_native() {
  local preset=$1
  [ -f "build/$preset/build.ninja" ] && return
  quietly "build/logs/configure-$preset.log" cmake --preset "$preset"
}

# build_native PRESET [TARGET…]: with progress on a terminal, and the errors in either case.
build_native() {
  local preset=$1 log=build/logs/build-$1.log
  shift
  configure_native "$preset"
  mkdir -p build/logs
  local -a command=(cmake --build --preset "$preset" -j "$jobs")
  [ $# -eq 0 ] || command+=(-t "$@")
  if [ -t 1 ]; then
    say "building ($preset)"
    "${command[@]}" || die "the build failed"
  else
    say "building ($preset), log in $log"
    quietly "$log" "${command[@]}"
  fi
}

# What the binaries contain of others. The agent is static; the server links the rest.
linked_packages=(libc6-dev libstdc++-12-dev libboost1.81-dev libboost-json1.81-dev libfmt-dev
  libcli11-dev libtomlplusplus-dev libssl-dev libcurl4-openssl-dev libfyaml-dev libgrpc++-dev libprotobuf-dev)

# The page's own notices, which its build writes, become those of everything, which the server shows.
build_notices() {
  mv web/dist/third-party-notices.txt build/page-notices.txt
  quietly build/logs/notices.log python3 tools/third_party_notices.py --output web/dist/third-party-notices.txt \
    --debian "${linked_packages[@]}" --append build/page-notices.txt
}
