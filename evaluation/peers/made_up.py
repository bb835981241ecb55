"""A partnership of `cargo lab synth`: four agencies' files of different make, profile `hard`.

For the comparison the files are brought into the common form (names, birth, sex, place, e-mail):
the peers cannot read four kinds of file. Sanctuary's own table by culture uses them as they are.
"""

import subprocess
import tomllib
from datetime import datetime
from pathlib import Path

import pandas as pd

from peers import sanctuary
from peers.dataset import DataSet, made

AGENCIES = ["police", "council", "board", "charity"]
SEED = 1
# People and, roughly, 5 records for 3 of them.
PEOPLE_COMPARED = 3_000
PEOPLE_BY_CULTURE = 18_000
YES = {"y", "yes", "true", "1"}
SEXES = {"m": "M", "f": "F", "w": "F"}


def synth(folder: Path, people: int) -> Path:
    """Writes the files; the folder has an agency's CSV and mapping, truth.csv and people.csv."""
    command = [sanctuary.PROGRAM, "synth", "--out", folder, "--people", people]
    command += ["--agencies", len(AGENCIES), "--seed", SEED, "--profile", "hard"]
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
    return folder


def compared(folder: Path) -> DataSet:
    synth(folder, PEOPLE_COMPARED)
    truth = pd.read_csv(folder / "truth.csv", dtype=str)
    frames = []
    for agency in AGENCIES:
        own = truth[truth["agency"] == agency]
        person = dict(zip(own["record_id"], own["person_id"]))
        frame = common(folder / f"{agency}.csv", folder / f"{agency}.toml")
        frame["person"] = frame["id"].map(person)
        frames.append(frame)
    return made("made_up", "made up by `synth`, profile hard", frames)


def common(file: Path, mapping: Path) -> pd.DataFrame:
    rules = tomllib.loads(mapping.read_text())
    fields, frame = rules["fields"], pd.read_csv(file, dtype=str, encoding="utf-8-sig").fillna("")
    notified = rules["record"].get("duty_to_notify_only", {}).get("column")
    if notified:
        # Not even looked at by anybody: the law gives no basis for it.
        frame = frame[~frame[notified].str.lower().isin(YES)].reset_index(drop=True)

    def words(field: str) -> pd.Series:
        columns = fields.get(field, [])
        columns = [columns] if isinstance(columns, str) else columns
        return frame[columns].agg(" ".join, axis=1).str.split().str.join(" ")

    names = words("full_name") if "full_name" in fields else words("forenames")
    parts = names.str.split()
    result = pd.DataFrame({"id": frame[rules["record_id"]], "forename": parts.str[0]})
    if "full_name" in fields:
        result["middle"] = parts.str[1:-1].str.join(" ")
        result["surname"] = parts.str[-1].where(parts.str.len() > 1, "")
    else:
        result["middle"] = parts.str[1:].str.join(" ")
        result["surname"] = words("surnames")
    result["birth"] = words("date_of_birth").map(date_in(rules["formats"]["date_of_birth"]))
    result["sex"] = words("sex").str[:1].str.lower().map(SEXES)
    result["street"] = words("address").str.replace(",", "")
    result["town"] = words("locality") if "locality" in fields else ""
    result["postcode"] = words("postcode").str.replace(" ", "")
    result["email"] = words("email")
    # Simple cleaning that any user would do: one agency writes its names in capitals.
    texts = [column for column in result.columns if column != "id"]
    result[texts] = result[texts].fillna("").apply(lambda column: column.str.lower())
    return result


def date_in(formats: list[str]):
    def birth(text: str) -> str:
        for form in formats:
            try:
                return datetime.strptime(text, form).strftime("%Y%m%d")
            except ValueError:
                continue
        return ""

    return birth


def by_culture(folder: Path) -> dict:
    """Sanctuary's report on all fields of a partnership of about 30,000 records, without key
    holders: the same figures, sooner."""
    synth(folder, PEOPLE_BY_CULTURE)
    arguments = ["--truth-file", folder / "truth.csv", "--by", "culture"]
    arguments += ["--by-file", folder / "people.csv", "--no-key-holders"]
    for agency in AGENCIES:
        arguments += ["--agency", f"{agency}={folder / agency}.csv"]
        arguments += ["--per-agency-mapping", f"{agency}={folder / agency}.toml"]
    return sanctuary.evaluate(arguments, folder / "report.json")
