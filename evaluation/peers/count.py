"""Counting, the same for everybody: all pairs, no one-to-one assignment, no clustering."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from peers.dataset import DataSet


@dataclass
class Figures:
    """F1 at the best threshold, and at the one that the program's own documentation uses."""

    best: float
    default: float
    threshold: float
    seconds: float = 0.0


def figures(dataset: DataSet, scored: pd.DataFrame, threshold: float) -> Figures:
    """Of pairs with the columns `a`, `b` (ids) and `score`; the best threshold is tried between
    different scores only."""
    person = pd.Series(dataset.person_of())
    total = dataset.true_pairs()
    scored = scored.sort_values("score", ascending=False, kind="stable")
    right = (scored["a"].map(person).to_numpy() == scored["b"].map(person).to_numpy()).astype(float)
    score = scored["score"].to_numpy(dtype=float)
    f1 = 2 * right.cumsum() / (np.arange(1, len(right) + 1) + total)
    ends = np.append(score[1:] != score[:-1], True) if len(score) else np.array([], dtype=bool)
    taken = score >= threshold
    default = 2 * right[taken].sum() / (taken.sum() + total)
    return Figures(float(f1[ends].max(initial=0.0)), float(default), threshold)
