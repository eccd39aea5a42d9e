#!/usr/bin/env bash
# usage: http_bench.sh SERVER_BINARY [ROUNDS] [SECONDS]
# A small JSON resource on keep-alive with 32 connections, server on core 0 and wrk on core 1, beside
# its floor: nginx returning a static string. Rounds alternate. One JSON line, medians of the rounds.
set -euo pipefail
binary=$1 rounds=${2:-5} seconds=${3:-2}
for tool in nginx wrk taskset python3; do
  command -v "$tool" >/dev/null || { echo "http_bench.sh needs $tool" >&2; exit 1; }
done
work=$(mktemp -d)
pids=()
cleanup() { [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true; rm -rf "$work"; }
trap cleanup EXIT

nginx_port=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')
cat >"$work/nginx.conf" <<CONF
daemon off; master_process off; worker_processes 1; pid $work/nginx.pid; error_log $work/error.log;
events { worker_connections 256; }
http { access_log off; keepalive_requests 1000000000;
  client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s;
  server { listen 127.0.0.1:$nginx_port;
    location / { default_type application/json; return 200 '{"id":"aaaaaaaaaaaaaaaaaaaaaaaaaa","state":"running"}'; } } }
CONF
taskset -c 0 nginx -c "$work/nginx.conf" -e "$work/error.log" & pids+=($!)
nginx_pid=$!
taskset -c 0 "$binary" >"$work/port" & pids+=($!)
paddock_pid=$!
for _ in $(seq 100); do
  [ -s "$work/port" ] && (exec 3<>"/dev/tcp/127.0.0.1/$nginx_port") 2>/dev/null && break
  sleep 0.05
done
paddock_port=$(cat "$work/port")

# requests and CPU seconds of one round
measure() {  # PID PORT
  local before after
  before=$(awk '{print $14 + $15}' "/proc/$1/stat")
  taskset -c 1 wrk -t1 -c32 -d"${seconds}s" "http://127.0.0.1:$2/api/v1/sandboxes/aaaaaaaaaaaaaaaaaaaaaaaaaa" >"$work/wrk"
  after=$(awk '{print $14 + $15}' "/proc/$1/stat")
  awk -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" \
    '/requests in/ {n = $1} /Requests\/sec/ {rate = $2} /Non-2xx/ {bad = 1} END {print rate, ticks / hz / n * 1e6, bad + 0}' "$work/wrk"
}
for _ in $(seq "$rounds"); do
  measure "$nginx_pid" "$nginx_port" >>"$work/nginx"
  measure "$paddock_pid" "$paddock_port" >>"$work/paddock"
done
rss_kib=$(awk '/VmRSS/ {print $2}' "/proc/$paddock_pid/status")
python3 - "$work/nginx" "$work/paddock" "$rss_kib" <<'PY'
import json, statistics, sys
def read(path):
    rows = [list(map(float, line.split())) for line in open(path)]
    assert not any(row[2] for row in rows), "wrk saw errors"
    return statistics.median(r[0] for r in rows), statistics.median(r[1] for r in rows)
floor, ours = read(sys.argv[1]), read(sys.argv[2])
print(json.dumps({"figure": "http_small_json_rate", "unit": "requests/s", "value": round(ours[0]), "floor": round(floor[0]),
                  "ratio": round(ours[0] / floor[0], 3), "cpu_us_per_request": round(ours[1], 2),
                  "floor_cpu_us_per_request": round(floor[1], 2), "rss_kib": int(sys.argv[3])}))
PY
