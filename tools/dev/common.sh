# Shared by every verb: messages, privileges, paths. Sourced by ../../dev from the top of the tree.

if [ -t 2 ]; then
  bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' dim=$'\e[2m' plain=$'\e[0m'
else
  bold='' red='' green='' dim='' plain=''
fi

say() { printf '%s\n' "${bold}==>${plain} $*" >&2; }
warn() { printf '%s\n' "${red}warning:${plain} $*" >&2; }
die() {
  printf '%s\n' "${red}error:${plain} $*" >&2
  exit 1
}

# Runs a command as root: directly, or through sudo.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -- "$@"
  else
    die "this step needs root ($1 …). Run ./dev as root, or install sudo and allow your user to use it."
  fi
}

# Runs a command with its output in a log file; shows the log's tail when it fails.
quietly() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    die "'$*' failed; the whole log is $log"
  fi
}

# ccache finds an object again whatever folder the checkout is in.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
export CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-10G}

paddock=build/release/bin/paddock
