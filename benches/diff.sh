#!/usr/bin/env bash
# alertc diff on a generated project of 10,000 alerting rules, in a real git repository: a commit against the working tree.
# Usage: benches/diff.sh [RUNS]      (default 3; the fastest run of each counts)
#
# Each case changes something else; the last ones have 1,000 tests beside the rules, over whose series both sides run.
# For each: seconds of the clock, of processor time (user and system), and the most memory.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-3}
cargo build --release --quiet --bin alertc --example generate
alertc=$PWD/target/release/alertc
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
target/release/examples/generate 10000 "$work/project"
cd "$work/project"
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=bench GIT_AUTHOR_EMAIL=bench@example.org
export GIT_COMMITTER_NAME=bench GIT_COMMITTER_EMAIL=bench@example.org
commit() { git add --all && git commit --quiet --message "$1"; }
git init --quiet --initial-branch=main
commit base

row() { # name; the change is in the working tree, and is undone
  for ((i = 0; i < runs; i++)); do
    /usr/bin/time -o "$work/time" -f '%e %U %S %M' "$alertc" diff >"$work/out" 2>"$work/err" || { cat "$work/err" >&2; exit 1; }
    tail -1 "$work/time"
  done | sort -n | head -1 | awk -v name="$1" -v says="$(tail -1 "$work/err")" \
    '{ printf "| %s | %.2f / %.2f | %.0f |\n", name, $1, $2 + $3, $4 / 1024 }'
  printf '    %s\n' "$(tail -1 "$work/err")" >&2
  git checkout --quiet -- .
}

files() { printf 'service-%04d.alert\n' $(seq 0 $(($1 - 1))); }
# 1,000 tests: of one alert in each of the first files, a table of 20 rows, so that they lie as in a real project.
tests() {
  for ((file = 0; file < 50; file++)); do
    service=$(printf '%04d' "$file")
    cat >"tests-$service.alert" <<TEST
test "errors of $service, the \$rate. time" {
  each (rate) in $(for ((row = 1; row <= 20; row++)); do printf '%s(%d)' "$([[ $row == 1 ]] || echo ', ')" "$row"; done)
  series http_requests_total{job="svc_${service}_000", instance="a", code="500"} = +20/s
  series up{job="svc_${service}_003", instance="a"} = 1 for 10m, 0 for 10m
  at 16m firing TargetDown${service}x003
}
TEST
  done
}

echo "alertc $("$alertc" --version | cut -d' ' -f2), $(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg)"
echo
echo '| what changes | s clock / processor | MiB |'
echo '|---|---|---|'
row 'nothing'
sed -i 's/> 500ms for 5m/> 600ms for 5m/' service-0000.alert
row 'thresholds of 40 alerts'
sed -i 's/when {team="team-3"} -> team-3/when {team="team-3"} -> team-4/' routes.alert
row 'the route of 500 alerts'
sed -i 's/for       5m/for 7m/; s/> 500ms for 5m/> 600ms for 6m/; s/> 1% for 10m/> 2% for 10m/; s/> 5% for/> 6% for/' $(files 10)
row 'conditions of 2,000 alerts'
sed -i 's/app="bench"/app="other"/' metrics.alert
row 'a label of all alerts'
tests
commit tests
row 'nothing, 1,000 tests'
sed -i 's/> 1$/> 10/' service-0000.alert
row 'thresholds of 40 alerts, 1,000 tests'
sed -i 's/when {team="team-3"} -> team-3/when {team="team-3"} -> team-4/' routes.alert
row 'the route of 500 alerts, 1,000 tests'
