"""Precision and recall of the verdicts on claims about the example documents and about invented ones.

    python benchmarks/grounding.py [--misjudged]

The examples are read as `octavo add` reads them; the claims are those of `grounding_claims.yaml`, and as many more made
from the cells of their tables by sentence patterns. `grounding_documents.yaml` holds invented documents with theirs,
`grounding_daily.yaml` such as somebody else wrote. No two sets have a document in common; rules were adjusted on
`development`, `seen` and, after its first run, `daily`; `--misjudged` lists what goes wrong there.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence

from octavo.benchmarks.grounding_sets import LOOKED_AT, SETS, Labelled, daily, invented, made, read_examples, written
from octavo.generators.grounding.support import judge_claim

VERDICTS = ("supported", "derived", "contradicted", "absent", "unchecked")


def table_of(judged: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Precision and recall of each verdict, from pairs of what it should be and what it was."""
    should, was = Counter(s for s, _ in judged), Counter(w for _, w in judged)
    right = Counter(s for s, w in judged if s == w)
    for verdict in VERDICTS:
        precision = f"{right[verdict] / was[verdict]:.2f}" if was[verdict] else ""
        recall = f"{right[verdict] / should[verdict]:.2f}" if should[verdict] else ""
        yield f"| {verdict} | {should[verdict]} | {precision} | {recall} |"
    yield f"| all | {len(judged)} | {sum(right.values()) / len(judged):.2f} | |"


def report(claims: Sequence[Labelled], misjudged: bool) -> None:
    verdicts = [judge_claim(claim.text, claim.cited, claim.title).support for claim in claims]
    for name in SETS:
        for by_program in (False, True):
            chosen = [(c, v) for c, v in zip(claims, verdicts, strict=True) if (c.set, c.made) == (name, by_program)]
            if not chosen:
                continue
            print(f"\n{name}, {'made from tables' if by_program else 'written'}\n\n| | claims | precision | recall |")
            print("|---|---|---|---|")
            print("\n".join(table_of([(c.verdict, v) for c, v in chosen])))
            # A claim that is wrong must not pass as proven: this is what grounding is for.
            wrong = [(c, v) for c, v in chosen if c.verdict in ("contradicted", "absent")]
            passed = sum(v in ("supported", "derived") for _, v in wrong)
            print(f"\nwrong or unsaid claims that pass as supported or derived: {passed} of {len(wrong)}")
            if misjudged and name in LOOKED_AT:
                for claim, verdict in chosen:
                    if claim.verdict != verdict:
                        print(f"  {claim.verdict} → {verdict} [{claim.style}] {claim.text}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--misjudged", action="store_true", help=f"list the misjudged claims of {' and '.join(LOOKED_AT)}"
    )
    arguments = parser.parse_args()
    examples = read_examples()
    report([*written(examples), *made(examples), *invented(), *daily()], arguments.misjudged)
