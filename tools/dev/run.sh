# run: from a fresh clone to a running server.

service_user=paddock

ensure_service_user() {
  getent passwd "$service_user" >/dev/null && return
  say "creating the system user '$service_user', which the server runs as"
  as_root useradd --system --no-create-home --shell /usr/sbin/nologin "$service_user"
}

option_value() {
  local wanted=$1 default=$2
  shift 2
  while [ $# -gt 0 ]; do
    case "$1" in
      "$wanted") printf '%s' "${2:-}"; return ;;
      "$wanted"=*) printf '%s' "${1#*=}"; return ;;
    esac
    shift
  done
  printf '%s' "$default"
}

dev_run() {
  check_host
  dev_setup
  build_web
  build_native release paddock paddock-agent paddock-sqlite
  if [[ " $* " == *" --help "* ]]; then
    exec "$paddock" serve --help
  fi
  as_root true || die "sandboxes need root"
  ensure_service_user
  local data
  data=$(option_value --data-dir /var/lib/paddock "$@")
  say "preparing the image 'base'"
  as_root "$paddock" images build base --data-dir "$data" || die "the image 'base' could not be built"
  if [ "$(id -u)" -eq 0 ]; then
    exec "$paddock" serve "$@"
  fi
  exec sudo -- "$paddock" serve "$@"
}
