"""Runs everybody on every set and writes the table."""

import argparse
import importlib
import json
import shutil
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from peers import sanctuary, table

HERE = Path(__file__).resolve().parents[1]
DOCUMENT = HERE.parent / "docs" / "linkage-quality.md"
OUT = sanctuary.OUT
# Public sets that may lie beside a clone.
DATA = HERE.parents[1] / "shared" / "data"
BY_CULTURE = "made up by `synth`, profile hard, all fields"
CULTURES = {
    "al": "Albanian",
    "ar": "Arabic",
    "cn": "Chinese",
    "er": "Eritrean",
    "gb": "British",
    "ng": "Nigerian",
    "pl": "Polish",
    "ro": "Romanian",
    "sd": "Sudanese",
    "so": "Somali",
    "ua": "Ukrainian",
    "vn": "Vietnamese",
}
# Module of each peer, in the order of the table's columns, least protection last.
PEERS = ["hashed_key", "bloom_filters", "ecm", "splink_plaintext"]
# recordlinkage compares one pair after the other.
SLOW_ABOVE_RECORDS = {"ecm": 30_000}


def main() -> int:
    options = arguments()
    problems: list[str] = []
    peers = loaded(PEERS, problems)
    if not sanctuary_ready(options.no_build, problems):
        print(problems[-1], file=sys.stderr)
        return 1
    rows, reports = [], []
    for name, make in chosen(options, problems).items():
        dataset = attempt(f"the set {name}", make, problems)
        if dataset is None:
            continue
        print(
            f"{dataset.title}: {dataset.records:,} records, {dataset.true_pairs():,} true pairs",
            flush=True,
        )
        report = ours(dataset, options.quick, problems)
        reports += [(dataset.title, report)] if report else []
        rows.append((dataset, results_of(dataset, report, peers, problems)))
    cultures = None if options.only else attempt("the table by culture", by_culture, problems)
    finish(options, peers, rows, reports, cultures, problems)
    return 0 if rows and not problems else 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python3 evaluation/run.py",
        description="Other linkage programs and Sanctuary on the same files, counted the same way.",
    )
    parser.add_argument(
        "--data",
        type=Path,
        help="folder with further sets (evaluation/README.md); ../shared/data beside the clone "
        "if not given",
    )
    parser.add_argument(
        "--only", action="append", help="run only sets whose name contains this; may be repeated"
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="Sanctuary without key holders: the same figures, sooner",
    )
    parser.add_argument(
        "--no-build", action="store_true", help="use the release build that is there"
    )
    parser.add_argument(
        "--no-document", action="store_true", help="leave docs/linkage-quality.md as it is"
    )
    return parser.parse_args()


def chosen(options: argparse.Namespace, problems: list[str]) -> dict[str, Callable]:
    sets = attempt("the list of sets", lambda: importlib.import_module("peers.sets"), problems)
    if sets is None:
        return {}
    makers = dict(sets.packaged())
    data = options.data or (DATA if DATA.is_dir() else None)
    if data is None:
        print("evaluation: no --data and no ../shared/data beside the clone", flush=True)
    makers |= dict(sets.in_folder(data and data.resolve()))
    if options.only:
        makers = {n: m for n, m in makers.items() if any(word in n for word in options.only)}
    return makers


def loaded(names: list[str], problems: list[str]) -> list:
    modules = [
        attempt(f"the peer {n}", lambda n=n: importlib.import_module(f"peers.{n}"), problems)
        for n in names
    ]
    return [module for module in modules if module is not None]


def sanctuary_ready(no_build: bool, problems: list[str]) -> bool:
    if not no_build:
        attempt("building sanctuary-lab", sanctuary.build, problems)
    if not sanctuary.PROGRAM.exists():
        problems.append(
            "evaluation: there is no release build of sanctuary-lab; install cargo and try again"
        )
        return False
    return True


def ours(dataset, quick: bool, problems: list[str]) -> dict | None:
    """Sanctuary's report."""
    return attempt(
        f"Sanctuary on {dataset.title}",
        lambda: sanctuary.run(dataset, OUT / dataset.name, quick),
        problems,
    )


def by_culture() -> dict:
    from peers import made_up

    print("made up, about 30,000 records, by culture", flush=True)
    return made_up.by_culture(OUT / "by_culture")


def results_of(dataset, report: dict | None, peers: list, problems: list[str]) -> dict:
    """Figures of every peer and of Sanctuary by name."""
    results = {}
    for peer in peers:
        module = peer.__name__.rsplit(".", 1)[1]
        if dataset.records > SLOW_ABOVE_RECORDS.get(module, sys.maxsize):
            continue
        results[peer.NAME] = attempt(
            f"{peer.NAME} on {dataset.title}",
            lambda peer=peer: peer_figures(peer, dataset),
            problems,
        )
        say(peer.NAME, results[peer.NAME])
    results[sanctuary.NAME] = sanctuary.figures(report) if report else None
    say(sanctuary.NAME, results[sanctuary.NAME])
    return results


def peer_figures(peer, dataset):
    from peers.count import figures

    start = time.monotonic()
    scored = peer.run(dataset)
    result = figures(dataset, scored, peer.THRESHOLD)
    result.seconds = time.monotonic() - start
    return result


def say(name: str, result) -> None:
    if result is not None:
        print(f"  {name:<30} {table.cell(result):<14} {result.seconds:6.1f} s", flush=True)


def attempt(what: str, work: Callable, problems: list[str]):
    """Does the work; a failure is named and the rest goes on."""
    try:
        return work()
    except (Exception, SystemExit) as error:  # a peer may fail in any way
        problems.append(f"evaluation: {what} failed: {type(error).__name__}: {error}")
        print(problems[-1], file=sys.stderr, flush=True)
        OUT.mkdir(exist_ok=True)
        with (OUT / "failures.log").open("a") as log:
            log.write(f"{what}\n{traceback.format_exc()}\n")
        return None


def finish(
    options: argparse.Namespace,
    peers: list,
    rows: list,
    reports: list,
    cultures: dict | None,
    problems: list[str],
) -> None:
    names = [peer.NAME for peer in peers] + [sanctuary.NAME]
    tables = {"peers": table.markdown(names, rows, command())}
    by_name = [(BY_CULTURE, cultures)] if cultures else []
    tables["stages"] = table.stages([*reports, *by_name], command())
    if cultures:
        tables["equity"] = table.equity(cultures, CULTURES, command())
    OUT.mkdir(exist_ok=True)
    (OUT / "table.md").write_text("\n\n".join(tables.values()) + "\n")
    results = {
        dataset.title: {n: asdict(f) for n, f in found.items() if f is not None}
        for dataset, found in rows
    }
    (OUT / "results.json").write_text(json.dumps(results, indent=2) + "\n")
    print("\n" + "\n\n".join(tables.values()))
    if rows and not options.no_document and not options.only:
        for mark, text in tables.items():
            if not table.put(DOCUMENT, mark, text):
                problems.append(f"evaluation: {DOCUMENT.name} has no place for the table {mark}")
    for problem in problems:
        print(problem, file=sys.stderr)


def command() -> str:
    arguments = [a for a in sys.argv[1:] if a != "--no-build"]  # Changes no figure.
    return " ".join(["python3 evaluation/run.py", *(shown(a) for a in arguments)])


def shown(argument: str) -> str:
    """A folder of this machine is nobody's business."""
    return "DIR" if Path(argument).is_absolute() else argument


if __name__ == "__main__":
    shutil.rmtree(OUT, ignore_errors=True)
    sys.exit(main())
