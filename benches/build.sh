#!/usr/bin/env bash
# alertc beside promtool on generated projects of 1,000, 10,000 and 100,000 alerting rules.
# Usage: benches/build.sh [RUNS]      (default 3; the fastest run of each counts)
#
# For each command: seconds of the clock, and seconds of processor time, which other work on the machine disturbs less.
# `alertc check` and `alertc build` work on the sources (build into an empty tree), the other two on the very YAML that
# build emitted. The ratios are promtool's time through alertc's.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-3}
PATH=/opt/peers/bin:$PATH
cargo build --release --quiet --bin alertc --example generate
alertc=$PWD/target/release/alertc
work=$(mktemp -d)
grown=()
trap 'rm -rf "$work"' EXIT

# The fastest of several runs: "clock processor". The command's output goes nowhere, its failure ends everything.
best() {
  local all=()
  for ((i = 0; i < runs; i++)); do
    [[ -z ${before:-} ]] || eval "$before"
    TIMEFORMAT='%R %U %S'
    { time "$@" >"$work/log" 2>&1; } 2>"$work/time" || { cat "$work/log" >&2; exit 1; }
    all+=("$(awk '{ printf "%.3f %.3f", $1, $2 + $3 }' "$work/time")")
  done
  printf '%s\n' "${all[@]}" | sort -n -k2 | head -1
}
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { split(a, x); split(b, y); printf "%.1fx / %.1fx", x[1] / (y[1] + 1e-9), x[2] / (y[2] + 1e-9) }'; }
cell() { echo "${1/ / / } s"; }

echo '| rules | check | build | check of the YAML | promtool check rules | build against promtool | check of the YAML against promtool |'
echo '|---|---|---|---|---|---|---|'
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
    echo "| $n | $(cell "$check") | $(cell "$build") | $(cell "$yaml") | $(cell "$promtool") | $(ratio "$promtool" "$build") | $(ratio "$promtool" "$yaml") |"
  else
    echo "| $n | $(cell "$check") | $(cell "$build") | $(cell "$yaml") | not here | - | - |"
  fi
  if [[ -n ${last:-} ]]; then
    grown+=("from $last to $n rules: check $(ratio "$check" "$last_check"), build $(ratio "$build" "$last_build"), check of the YAML $(ratio "$yaml" "$last_yaml")")
  fi
  last=$n last_check=$check last_build=$build last_yaml=$yaml
  cd "$OLDPWD"
  rm -rf "$dir"
done
printf '\ngrowth (clock / processor)\n'
printf '  %s\n' "${grown[@]}"
