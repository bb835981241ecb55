"""One set of records in one form for everybody."""

from dataclasses import dataclass

import pandas as pd

# Every set has some of these columns, always under these names; absent values are "".
FIELDS = [
    "forename",
    "middle",
    "surname",
    "birth",  # YYYYMMDD
    "sex",
    "street_number",
    "street",
    "town",
    "postcode",
    "email",
]


@dataclass
class DataSet:
    """Files to be linked with each other, or one file to be compared with itself.

    Each frame has the columns `id` (unique over all frames) and `person` (the truth), and some of
    FIELDS. Peers get `without_truth()` and never `person`.
    """

    name: str
    title: str
    frames: list[pd.DataFrame]

    @property
    def within(self) -> bool:
        return len(self.frames) == 1

    @property
    def fields(self) -> list[str]:
        return [field for field in FIELDS if field in self.frames[0].columns]

    @property
    def records(self) -> int:
        return sum(len(frame) for frame in self.frames)

    def without_truth(self) -> list[pd.DataFrame]:
        return [frame.drop(columns="person") for frame in self.frames]

    def true_pairs(self) -> int:
        """Pairs of records of one person, of different files unless there is only one."""
        of_person = pd.concat(
            frame[["person"]].assign(file=number) for number, frame in enumerate(self.frames)
        )
        sizes = of_person.groupby(["person", "file"]).size()
        all_pairs = sizes.groupby("person").sum().pipe(pairs_among).sum()
        return int(all_pairs if self.within else all_pairs - sizes.pipe(pairs_among).sum())

    def person_of(self) -> dict[str, str]:
        everyone = pd.concat(self.frames)
        return dict(zip(everyone["id"], everyone["person"]))

    def file_pairs(self) -> list[tuple[int, int]]:
        """The numbers of the frames that are compared with each other."""
        count = len(self.frames)
        if self.within:
            return [(0, 0)]
        return [(a, b) for a in range(count) for b in range(a + 1, count)]


def pairs_among(sizes: pd.Series) -> pd.Series:
    return sizes * (sizes - 1) // 2


def made(name: str, title: str, frames: list[pd.DataFrame]) -> DataSet:
    """A set from frames whose columns have the right names; fields nobody fills are left out."""
    kept = [frame.astype(object).where(frame.notna(), "").astype(str) for frame in frames]
    used = [
        f for f in FIELDS if any(f in k.columns and (k[f].str.strip() != "").any() for k in kept)
    ]
    for number, frame in enumerate(kept):
        for field in used:
            frame[field] = frame[field].str.strip() if field in frame.columns else ""
        frame["id"] = f"{number}-" + frame["id"]
    return DataSet(name, title, [k[["id", "person", *used]].reset_index(drop=True) for k in kept])
