#!/usr/bin/env bash
# Puts the review into one comment of a pull request: the one of the run before is replaced.
#
# Environment: GITHUB_REPOSITORY, NUMBER (of the pull request), REVIEW_FILE; `gh` and its GH_TOKEN.
set -euo pipefail

[[ -s $REVIEW_FILE ]] || { echo "there is no review to tell"; exit 0; }
comments="repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments"
mark=$(head -n 1 "$REVIEW_FILE")
known=$(gh api "$comments" --paginate --jq ".[] | select(.body | startswith(\"$mark\")) | .id" | head -n 1)
if [[ -n $known ]]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$known" --field body=@"$REVIEW_FILE" --silent
else
  gh api --method POST "$comments" --field body=@"$REVIEW_FILE" --silent
fi
