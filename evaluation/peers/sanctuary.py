"""Sanctuary: `sanctuary-lab evaluate` on the same records, default settings."""

import json
import subprocess
from pathlib import Path

from peers.count import Figures
from peers.dataset import DataSet

NAME = "Sanctuary"
ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "evaluation" / "out"
PROGRAM = ROOT / "target" / "release" / "sanctuary-lab"
MAPPED = {
    "forenames": ["forename", "middle"],
    "surnames": ["surname"],
    "date_of_birth": ["birth"],
    "sex": ["sex"],
    "email": ["email"],
    "address": ["street_number", "street", "town"],
    "locality": ["town"],
    "postcode": ["postcode"],
}
AGENCIES = ["police", "council", "charity", "board", "other"]


def build() -> None:
    command = ["cargo", "build", "--release", "--quiet", "--package", "sanctuary-lab"]
    subprocess.run(command, cwd=ROOT, check=True)


def run(dataset: DataSet, folder: Path, quick: bool) -> dict:
    """The report of `evaluate` as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    mapping = folder / "mapping.toml"
    mapping.write_text(mapping_text(dataset))
    command = ["--mapping", str(mapping), "--truth-column", "person"]
    for agency, frame in zip(AGENCIES, dataset.frames):
        path = folder / f"{agency}.csv"
        frame.to_csv(path, index=False)
        command += ["--agency", f"{agency}={path}"]
    command += ["--within"] if dataset.within else []
    command += ["--no-key-holders"] if quick else []
    return evaluate(command, folder / "report.json")


def evaluate(arguments: list, report: Path) -> dict:
    command = [PROGRAM, "evaluate", *arguments, "--json", report]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    return json.loads(report.read_text())


def mapping_text(dataset: DataSet) -> str:
    lines = ["version = 1", 'record_id = "id"', "[fields]"]
    for field, columns in MAPPED.items():
        columns = [column for column in columns if column in dataset.fields]
        if columns:
            lines.append(f"{field} = {json.dumps(columns)}")
    if "birth" in dataset.fields:
        lines += ["[formats]", 'date_of_birth = ["%Y%m%d"]']
    lines += [
        "[record]",
        'role = "potential_victim"',
        'basis = "safeguarding"',
        'visibility = "open"',
    ]
    return "\n".join(lines) + "\n"


def figures(report: dict) -> Figures:
    at = report["at_threshold"]
    return Figures(
        report["at_best"]["f1"], at["f1"], at["threshold"], sum(report["timing_s"].values())
    )
