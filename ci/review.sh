#!/usr/bin/env bash
# What continuous integration runs on a change of alerts: checks, tests, the generated tree, and the review.
#
#   ci/review.sh [BASE]        BASE: what the change goes into (a revision); by default the default branch's merge base
#
# Environment:
#   ALERTC          the binary (alertc)
#   REVIEW_FILE     where the review goes, in Markdown (alertc-review.md)
#   ALERTC_ALLOW    risks that are allowed, separated by spaces: `silenced:RedisDown runbook-lost`
#   ALERTC_FORMAT   the form of findings (github in GitHub Actions, else human)
#
# Ends with 1 when something is wrong, or the review finds what `[diff] risk` forbids; all steps are run all the same.
set -uo pipefail

base=${1:-}
alertc=${ALERTC:-alertc}
review=${REVIEW_FILE:-alertc-review.md}
format=${ALERTC_FORMAT:-human}
[[ -n ${ALERTC_FORMAT:-} || ${GITHUB_ACTIONS:-} != true ]] || format=github
failed=0

step() {
  local name=$1
  shift
  printf -- '-- %s\n' "$name"
  "$@"
  local code=$?
  if ((code > 1)); then
    printf '!! %s could not be run\n' "$name"
    exit "$code"
  fi
  ((code == 0)) || { printf '!! %s\n' "$name"; failed=1; }
}

allow=()
for risk in ${ALERTC_ALLOW:-}; do
  allow+=(--allow "$risk")
done

step "check" "$alertc" check --format "$format"
step "layout" "$alertc" fmt --check
step "tests" "$alertc" test --format "$format"
step "the generated tree is up to date" "$alertc" build --check
step "the snapshot is up to date" "$alertc" snapshot --check

diff=("$alertc" diff ${base:+"$base..."} --as markdown ${allow[@]+"${allow[@]}"})
review_to_file() { "${diff[@]}" >"$review"; }
step "the review" review_to_file
cat "$review"
exit "$failed"
