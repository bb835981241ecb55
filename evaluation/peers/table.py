"""The table, as Markdown, and its place in a document."""

from datetime import date
from pathlib import Path

from peers.count import Figures
from peers.dataset import DataSet

BEGIN = "<!-- peers: begin -->"
END = "<!-- peers: end -->"


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
    lines += ["", f"Measured on {today()} with `{command}`."]
    return "\n".join(lines)


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


def put(path: Path, text: str) -> bool:
    """Writes the table between the two marks of a document; false when it has none."""
    document = path.read_text()
    if BEGIN not in document or END not in document:
        return False
    before, rest = document.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    path.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")
    return True
