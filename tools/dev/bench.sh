# bench: every figure beside its floor, one JSON line each; a whole run is kept with date and machine.

dev_bench() {
  local only=${1:-} out
  check_host
  dev_setup
  build_web
  build_native release paddock paddock-agent paddock-sqlite bench_client challenges_bench challenges_postgres_bench
  ensure_service_user
  as_root "$paddock" images build base
  as_root "$paddock" images build postgres
  if [ -n "$only" ]; then
    as_root env "PATH=$PATH" bench/run "$only"
    return
  fi
  mkdir -p bench/results
  out=bench/results/$(date -u +%Y-%m-%d)-$(nproc)cpu.jsonl
  as_root env "PATH=$PATH" bench/run | tee "$out.new"
  mv "$out.new" "$out"
  say "kept in $out"
}
