# bench: runs what is in bench/, one JSON line per figure, and keeps the lines with date and machine.

dev_bench() {
  local only=${1:-} out
  check_host
  dev_setup
  build_web
  build_native release
  ensure_service_user
  as_root "$paddock" images build base
  mkdir -p bench/results
  out=bench/results/$(date -u +%Y-%m-%d)-$(nproc)cpu.jsonl
  as_root env "PATH=$PATH" bench/run ${only:+"$only"} | tee -a "$out"
  say "kept in $out"
}
