#!/usr/bin/env bash
# What `make bench` measures: retrieval and answers on the example documents. Other question files:
#   octavo eval retrieval --questions Q.jsonl --pdfs DIR --scope document|corpus --out RUN/
set -euo pipefail
cd "$(dirname "$0")/.."
octavo eval retrieval --questions examples/questions.jsonl --pdfs examples --scope document --out "runs/examples-$(date +%s)" "$@"
