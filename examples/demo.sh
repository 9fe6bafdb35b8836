#!/usr/bin/env bash
# What `make demo` shows: the PDFs beside this file go into a library, three questions are answered from it, and each
# cited region is drawn on its page into demo-output/.
set -euo pipefail
cd "$(dirname "$0")/.."
export OCTAVO_LIBRARY=demo-output/library

questions=(
    "When did the night charging station at Brannet Harbour open?"
    "What was the net debt of Quillmere Lines in 2022, in millions of euros?"
    "Until what date will the 14 gallons of lamp oil keep the lamp burning?"
)

octavo add examples/*.pdf
for question in "${questions[@]}"; do
    printf '\n\033[1m%s\033[0m\n' "$question"
    octavo ask "$question" --show --pictures demo-output
done
