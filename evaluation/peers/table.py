"""The tables, as Markdown, and their places in a document."""

from datetime import date
from pathlib import Path

from peers.count import Figures
from peers.dataset import DataSet

def markdown(
    names: list[str], rows: list[tuple[DataSet, dict[str, Figures | None]]], command: str
) -> str:
    lines = [
        "| set | records | true pairs | " + " | ".join(names) + " |",
        "|---|---|---|" + "---|" * len(names),
    ]
    for dataset, results in rows:
        cells = [dataset.title, f"{dataset.records:,}", f"{dataset.true_pairs():,}"]
        lines.append("| " + " | ".join(cells + [cell(results.get(name)) for name in names]) + " |")
    return "\n".join([*lines, "", measured(command)])


def cell(figures: Figures | None) -> str:
    """F1 at the best threshold / at the program's own."""
    if figures is None:
        return "-"
    return f"{three(figures.best)} / {three(figures.default)}"


def three(f1: float) -> str:
    return f"{f1:.3f}".removeprefix("0")


def today() -> str:
    day = date.today()
    return f"{day.day} {day:%B %Y}"


def stages(rows: list[tuple[str, dict]], command: str) -> str:
    """Sanctuary's figures with more and more of its evidence, from its reports by title."""
    lines = [
        "| set | records | tokens/record | candidates/record | candidate recall"
        " | `tokens` | `cluster` | `pairs_only` | `second_step` |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for title, report in rows:
        records = sum(agency["records"] for agency in report["agencies"])
        tokens = sum(agency["tokens"] for agency in report["agencies"])
        cells = [
            title,
            f"{records:,}",
            f"{tokens / records:.1f}",
            f"{report['candidates_per_record']:.2f}",
            three(report["candidate_recall"]),
        ]
        for stage in ["tokens", "cluster", "pairs_only", "second_step"]:
            of_stage = report["stages"].get(stage)
            cells.append(
                f"{three(of_stage['at_best']['f1'])} / {three(of_stage['at_threshold']['f1'])}"
                if of_stage
                else "-"
            )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", measured(command)])


def equity(report: dict, cultures: dict[str, str], command: str) -> str:
    """Recall and precision at 0.5 by culture of the name."""
    lines = [
        "| culture of the name | true pairs | candidate recall"
        " | recall at 0.5 | precision at 0.5 |",
        "|---|---|---|---|---|",
    ]
    for group in sorted(report["groups"], key=lambda group: group["recall"]):
        cells = [cultures.get(group["name"], group["name"]), f"{group['true_pairs']:,}"]
        cells += [three(group[key]) for key in ["candidate_recall", "recall", "precision"]]
        lines.append("| " + " | ".join(cells) + " |")
    at, records = report["at_threshold"], sum(a["records"] for a in report["agencies"])
    cells = ["all", f"{report['true_pairs']:,}"]
    cells += [three(report["candidate_recall"]), three(at["recall"]), three(at["precision"])]
    lines.append("| " + " | ".join(cells) + " |")
    made = f"{records:,} records made up by `synth`, profile hard, four agencies' files with all"
    made += " their fields, without key holders (the same figures, sooner)."
    return "\n".join([*lines, "", f"{made} {measured(command)}"])


def measured(command: str) -> str:
    return f"Measured on {today()} with `{command}`."


def put(path: Path, mark: str, text: str) -> bool:
    """Writes a table between the two marks of a document; false when it has none."""
    document = path.read_text()
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    if begin not in document or end not in document:
        return False
    before, rest = document.split(begin, 1)
    after = rest.split(end, 1)[1]
    path.write_text(f"{before}{begin}\n{text}\n{end}{after}")
    return True
