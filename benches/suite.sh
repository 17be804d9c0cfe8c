#!/usr/bin/env bash
# alertc test beside promtool test rules, on the same files.
# Usage: benches/suite.sh [PROMTOOL_SECONDS] [CASE…]
#
# Cases: small (100 rules, 100 tests in one file), files (1,000 and 1,000, 20 a file), one-file (1,000 and 1,000 in one
# file; promtool runs 20 of its tests and the time is multiplied), long (2,000 series over a day), week (1,000 series over
# seven days), corpus (real test files, where they are at hand). promtool gets at most PROMTOOL_SECONDS for each (default
# 900); a case that takes longer counts as that much, and says so.
#
# For each: seconds of the clock, of processor time (user and system), and the most memory; the ratio is promtool's through
# alertc's. alertc is run three times and its fastest run counts, promtool once.
set -euo pipefail
cd "$(dirname "$0")/.."
limit=${1:-900}
shift || true
cases=("$@")
((${#cases[@]})) || cases=(small files one-file long week corpus)
PATH=/opt/peers/bin:$PATH
cargo build --release --quiet --bin alertc --example generate_tests
alertc=$PWD/target/release/alertc
generate=$PWD/target/release/examples/generate_tests
corpus=$PWD/../shared/corpus
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# "clock processor KiB" of a command, whose output goes to a file and whose failure is no matter.
measure() {
  /usr/bin/time -o "$work/time" -f '%e %U %S %M' "$@" >"$work/log" 2>&1 || true
  tail -1 "$work/time" | awk '{ printf "%.3f %.3f %d", $1, $2 + $3, $4 }'
}
# The fastest of three runs.
best() {
  for _ in 1 2 3; do measure "$@"; echo; done | sort -n -k2 | head -1
}
row() { # name, alertc's figures, promtool's figures, how many times promtool's work counts, remark
  awk -v name="$1" -v a="$2" -v p="$3" -v times="$4" -v remark="$5" 'BEGIN {
    split(a, x); split(p, y); y[1] *= times; y[2] *= times
    printf "| %s | %.2f / %.2f | %.0f | %.1f / %.1f | %.0f | %.0fx / %.0fx |%s\n", name, x[1], x[2], x[3] / 1024, y[1], y[2], y[3] / 1024,
      y[1] / (x[1] + 1e-9), y[2] / (x[2] + 1e-9), remark == "" ? "" : " " remark }'
}
# Compares on the test files of a directory; further words go to promtool only.
compare() { # name, directory, times, words for promtool
  local name=$1 dir=$2 times=$3
  shift 3
  cd "$dir"
  local ours theirs remark=""
  ours=$(best "$alertc" test -q --format concise test*.yml)
  grep -q 'error\[' "$work/log" && remark="(alertc fails!)"
  theirs=$(measure timeout "$limit" promtool test rules "$@" test*.yml)
  grep -q FAILED "$work/log" && remark="$remark (promtool fails!)"
  awk -v t="$theirs" -v l="$limit" 'BEGIN { split(t, x); exit x[1] < l }' && remark="$remark (promtool was stopped)"
  row "$name" "$ours" "$theirs" "$times" "$remark"
  cd - >/dev/null
}

echo "alertc $("$alertc" --version | cut -d' ' -f2), $(promtool --version 2>&1 | head -1 | cut -d' ' -f1-3), $(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg)"
echo
echo '| case | alertc: s clock / processor | MiB | promtool: s clock / processor | MiB | ratio |'
echo '|---|---|---|---|---|---|'
for case in "${cases[@]}"; do
  case $case in
    small)
      "$generate" suite 100 100 100 "$work/small"
      compare '100 rules, 100 tests, one file' "$work/small" 1
      ;;
    files)
      "$generate" suite 1000 1000 20 "$work/files"
      compare '1,000 rules, 1,000 tests, 20 a file' "$work/files" 1
      ;;
    one-file)
      "$generate" suite 1000 1000 1000 "$work/one"
      compare '1,000 rules, 1,000 tests, one file' "$work/one" 50 --run 'test-000[01]'
      ;;
    long)
      "$generate" long 2000 24 "$work/long"
      compare '2,000 series, 24 h, 20 rules' "$work/long" 1
      ;;
    week)
      "$generate" week 1000 7 "$work/week"
      compare '1,000 series, 7 days, 50 rules' "$work/week" 1
      ;;
    corpus)
      if [[ ! -f $corpus/index.tsv ]]; then
        echo "corpus: not at hand" >&2
        continue
      fi
      cd "$corpus"
      # One process for all: what each file took promtool stands in the index (column 12), made one by one.
      mapfile -t files < <(awk -F'\t' '$4 == "promtool-test" { sub("/", "+", $1); print $1 "/" $3 }' index.tsv)
      ours=$(best "$alertc" test -q --format concise "${files[@]}")
      # Those that take promtool less than ten seconds are run; the others count as recorded.
      mapfile -t quick < <(awk -F'\t' '$4 == "promtool-test" && $12 < 10 { sub("/", "+", $1); print $1 "/" $3 }' index.tsv)
      recorded=$(awk -F'\t' '$4 == "promtool-test" && $12 >= 10 { s += $12 } END { print s }' index.tsv)
      theirs=$(measure timeout "$limit" sh -c 'for f; do promtool test rules "$f"; done' sh "${quick[@]}")
      theirs=$(awk -v t="$theirs" -v r="$recorded" 'BEGIN { split(t, x); print x[1] + r, x[2] + r, x[3] }')
      row "the corpus, ${#files[@]} real files" "$ours" "$theirs" 1 "(of promtool's, $recorded s are recorded)"
      cd - >/dev/null
      ;;
    *) echo "no case $case" >&2 ;;
  esac
done
