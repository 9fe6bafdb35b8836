"""Page retrieval: recall, hit, reciprocal rank and nDCG, computed by ir-measures (MacAvaney et al., ECIR 2022)."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence


def page_measures(gold: Collection[Hashable], ranking: Sequence[Hashable], ks: Sequence[int]) -> dict[str, float]:
    """Ranking measures of one question with binary labels.

    - `recall@k` = |gold ∩ top k| / |gold|
    - `hit@k` = 1 if any of the top k is gold, else 0
    - `ndcg@k` = DCG@k / ideal DCG@k, gain 1, discount 1 / log2(rank + 1) (Järvelin & Kekäläinen, TOIS 2002)
    - `mrr@K` = 1 / rank of the first gold one in the top K, else 0; K is the largest of `ks` (its mean is the MRR)

    Args:
        gold: What should be found; not empty.
        ranking: What was found, best first. Its order alone counts; of an item repeated, the first place.
        ks: Cut-offs, each at least 1.

    Raises:
        ValueError: No gold, no cut-off, or a cut-off below 1.
    """
    if not gold:
        raise ValueError("recall of nothing is undefined: gold must not be empty")
    if not ks or min(ks) < 1:
        raise ValueError("cut-offs must be given, each at least 1")
    import ir_measures as ir  # 0.1 s

    by_measure = {ir.RR @ max(ks): f"mrr@{max(ks)}"}
    for k in ks:
        by_measure |= {ir.R @ k: f"recall@{k}", ir.Success @ k: f"hit@{k}", ir.nDCG @ k: f"ndcg@{k}"}
    # Scores are ranks, not the system's scores: ir-measures would break ties by name.
    ranks = {item: rank for rank, item in enumerate(dict.fromkeys(ranking))}
    names = {item: str(number) for number, item in enumerate(dict.fromkeys([*gold, *ranks]))}
    labels = {"q": {names[item]: 1 for item in gold}}
    run = {"q": {names[item]: -float(rank) for item, rank in ranks.items()}}
    found = {by_measure[m.measure]: float(m.value) for m in ir.iter_calc(list(by_measure), labels, run)}
    return {name: found[name] for name in sorted(found, key=lambda name: _order(name))}


def _order(name: str) -> tuple[int, int]:
    kind, k = name.split("@")
    return ("recall", "hit", "mrr", "ndcg").index(kind), int(k)
