"""Cryptographic long-term keys (Bloom filters): clkhash encodes, anonlink compares by Dice.

Schema as in clkhash's tutorials: bigrams of words, positional letters of numbers and dates, 1,024
bits. anonlink's own tutorial keeps pairs from a Dice coefficient of 0.8.
"""

import numpy as np
import pandas as pd
from anonlink.candidate_generation import find_candidate_pairs
from anonlink.similarities import dice_coefficient_accelerated
from clkhash.clk import generate_clks
from clkhash.comparators import NgramComparison
from clkhash.field_formats import BitsPerFeatureStrategy, FieldHashingProperties, StringSpec
from clkhash.schema import Schema

from peers.dataset import DataSet

NAME = "CLK, anonlink"
THRESHOLD = 0.8
# Pairs below are dropped at once, and in large sets a little earlier: there are too many.
KEPT_FROM = 0.65
KEPT_FROM_IF_LARGE = 0.75
LARGE_RECORDS = 20_000
CHUNK_ROWS = 2_000
BITS = 1024
SECRET = "agreed between the agencies"
POSITIONAL = {"birth", "postcode", "street_number", "middle", "sex"}
# Bits set per field: names and date of birth carry most.
FEATURE_BITS = {"forename": 200, "surname": 200, "birth": 200, "sex": 50, "middle": 50}
OTHER_BITS = 100

Side = tuple[pd.Series, list]


def run(dataset: DataSet) -> pd.DataFrame:
    schema = Schema([specification(field) for field in dataset.fields], BITS)
    frames = dataset.without_truth()
    filters = [encoded(frame[dataset.fields], schema) for frame in frames]
    kept_from = KEPT_FROM_IF_LARGE if dataset.records > LARGE_RECORDS else KEPT_FROM
    pairs = [
        compared((frames[a]["id"], filters[a]), (frames[b]["id"], filters[b]), a == b, kept_from)
        for a, b in dataset.file_pairs()
    ]
    return pd.concat(pairs)


def specification(field: str) -> StringSpec:
    comparison = NgramComparison(1, True) if field in POSITIONAL else NgramComparison(2)
    strategy = BitsPerFeatureStrategy(FEATURE_BITS.get(field, OTHER_BITS))
    return StringSpec(field, FieldHashingProperties(comparison, strategy))


def encoded(frame: pd.DataFrame, schema: Schema) -> list:
    rows = [tuple(value.lower() for value in row) for row in frame.itertuples(index=False)]
    return generate_clks(rows, schema, SECRET, validate=False, max_workers=1)


def compared(left: Side, right: Side, same: bool, kept_from: float) -> pd.DataFrame:
    """In chunks, so that memory is bounded; a file with itself only above the diagonal."""
    (ids_a, filters_a), (ids_b, filters_b) = left, right
    chunks = []
    for start in range(0, len(filters_a), CHUNK_ROWS):
        skipped = start if same else 0
        scores, _, (rows_a, rows_b) = find_candidate_pairs(
            [filters_a[start : start + CHUNK_ROWS], filters_b[skipped:]],
            dice_coefficient_accelerated,
            kept_from,
        )
        a, b = np.asarray(rows_a, dtype=int) + start, np.asarray(rows_b, dtype=int) + skipped
        wanted = a < b if same else slice(None)
        columns = {
            "a": ids_a.to_numpy()[a[wanted]],
            "b": ids_b.to_numpy()[b[wanted]],
            "score": np.asarray(scores)[wanted],
        }
        chunks.append(pd.DataFrame(columns))
    return pd.concat(chunks)
