"""The simplest baseline: a keyed hash of names and date of birth, equal or not."""

import hashlib
import hmac

import pandas as pd

from peers.dataset import DataSet

NAME = "hashed key"
THRESHOLD = 0.5
KEY = b"agreed between the agencies"


def run(dataset: DataSet) -> pd.DataFrame:
    last = "birth" if "birth" in dataset.fields else "postcode"
    frames = [
        frame.assign(key=frame.apply(hashed, axis=1, last=last))
        for frame in dataset.without_truth()
    ]
    pairs = [joined(frames[a], frames[b], a == b) for a, b in dataset.file_pairs()]
    return pd.concat(pairs).assign(score=1.0)


def hashed(row: pd.Series, last: str) -> str:
    text = "|".join(row[field].lower() for field in ("forename", "surname", last))
    return hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()


def joined(left: pd.DataFrame, right: pd.DataFrame, same: bool) -> pd.DataFrame:
    pairs = left[["id", "key"]].merge(right[["id", "key"]], on="key", suffixes=("_a", "_b"))
    pairs = pairs.rename(columns={"id_a": "a", "id_b": "b"})
    return pairs[pairs["a"] < pairs["b"]] if same else pairs
