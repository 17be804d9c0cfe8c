#!/usr/bin/env bash
# alertc beside promtool on generated projects of 1,000, 10,000 and 100,000 alerting rules.
# Usage: benches/build.sh [RUNS]      (default 3; the fastest run of each counts)
#
# Columns: seconds of `alertc check` and `alertc build` of the sources (an empty output tree), of `alertc check` of the
# very YAML they emit, and of `promtool check rules` of the same YAML; then how many times faster than promtool.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-3}
PATH=/opt/peers/bin:$PATH
cargo build --release --quiet --bin alertc --example generate
alertc=$PWD/target/release/alertc
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The fastest of several runs, in seconds. The command's output goes nowhere, its failure ends everything.
best() {
  local least= took start end
  for ((i = 0; i < runs; i++)); do
    [[ -z ${before:-} ]] || eval "$before"
    start=$(date +%s%N)
    "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
    end=$(date +%s%N)
    took=$((end - start))
    [[ -n $least && $least -le $took ]] || least=$took
  done
  awk -v ns="$least" 'BEGIN { printf "%.3f", ns / 1e9 }'
}

printf '| rules | check | build | check of the YAML | promtool check rules | build / promtool | check of YAML / promtool |\n'
printf '|---|---|---|---|---|---|---|\n'
for n in 1000 10000 100000; do
  dir=$work/$n
  target/release/examples/generate "$n" "$dir"
  cd "$dir"
  check=$(best "$alertc" check)
  build=$(before="rm -rf $dir/generated" best "$alertc" build)
  mapfile -t files < <(find generated -path '*/rules/*.yml' | sort)
  yaml=$(best "$alertc" check "${files[@]}")
  if command -v promtool >/dev/null; then
    promtool=$(best promtool check rules "${files[@]}")
  else
    promtool=
  fi
  cd - >/dev/null
  awk -v n="$n" -v c="$check" -v b="$build" -v y="$yaml" -v p="$promtool" 'BEGIN {
    printf "| %d | %s s | %s s | %s s | %s | %s | %s |\n", n, c, b, y,
      p == "" ? "not here" : p " s", p == "" ? "-" : sprintf("%.1fx", p / b), p == "" ? "-" : sprintf("%.1fx", p / y)
  }'
  grown="${grown:-} $n:$check:$build:$yaml"
done
echo "$grown" | awk '{ for (i = 2; i <= NF; i++) { split($(i - 1), a, ":"); split($i, b, ":");
  printf "growth from %d to %d rules: check %.1fx, build %.1fx, check of the YAML %.1fx\n", a[1], b[1], b[2] / a[2], b[3] / a[3], b[4] / a[4] } }'
