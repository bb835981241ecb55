"""recordlinkage's unsupervised classifier (ECM, Fellegi and Sunter) on plaintext.

Comparisons and thresholds as in the package's examples for FEBRL: Jaro-Winkler from 0.85 for
names, exact dates, places and numbers.
"""

import pandas as pd
import recordlinkage
from recordlinkage.index import Block

from peers.dataset import DataSet

NAME = "recordlinkage ECM, plaintext"
THRESHOLD = 0.5
SIMILAR = {"forename", "surname", "street", "town", "email"}
SIMILAR_FROM = 0.85
BLOCKS = ["forename", "surname", "birth", "postcode", "email"]


def run(dataset: DataSet) -> pd.DataFrame:
    frames = [prepared(frame) for frame in dataset.without_truth()]
    features = pd.concat(compared(dataset, frames, a, b) for a, b in dataset.file_pairs())
    features = (features > 0).astype(int)
    varying = features.loc[:, features.nunique() > 1]
    classifier = recordlinkage.ECMClassifier()
    classifier.fit(varying)
    scored = classifier.prob(varying).rename("score").reset_index()
    scored.columns = ["a", "b", "score"]
    return scored


def prepared(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.set_index("id")
    return frame.where(frame != "", None)


def compared(dataset: DataSet, frames: list[pd.DataFrame], a: int, b: int) -> pd.DataFrame:
    sides = (frames[a],) if a == b else (frames[a], frames[b])
    indexer = recordlinkage.Index([Block(f) for f in BLOCKS if f in dataset.fields])
    compare = recordlinkage.Compare()
    for field in dataset.fields:
        if field in SIMILAR:
            compare.string(field, field, method="jarowinkler", threshold=SIMILAR_FROM, label=field)
        else:
            compare.exact(field, field, label=field)
    return compare.compute(indexer.index(*sides), *sides)
