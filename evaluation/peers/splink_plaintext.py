"""Splink on plaintext (DuckDB), with the comparisons and training of its own tutorials.

Prior by deterministic rules, u by random sampling, m by expectation-maximisation in two or three
passes with different blocking; predictions from 0.5 are what its documentation calls a match.
"""

import logging

import pandas as pd

from peers.dataset import DataSet

NAME = "Splink, plaintext"
THRESHOLD = 0.5
RECALL_OF_RULES = 0.8
SAMPLED_PAIRS = 1e6
SEED = 1


def run(dataset: DataSet) -> pd.DataFrame:
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    fields = set(dataset.fields)
    settings = SettingsCreator(
        link_type="dedupe_only" if dataset.within else "link_only",
        unique_id_column_name="id",
        blocking_rules_to_generate_predictions=[
            rule if isinstance(rule, str) else block_on(*rule) for rule in blocking(fields)
        ],
        comparisons=comparisons(fields),
    )
    database = DuckDBAPI()
    tables = [database.register(prepared(frame)) for frame in dataset.without_truth()]
    linker = Linker(tables, settings, log_level=logging.ERROR)
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on(*rule) for rule in certain(fields)], recall=RECALL_OF_RULES
    )
    training.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=SEED)
    for rule in passes(fields):
        training.estimate_parameters_using_expectation_maximisation(
            block_on(*rule), estimate_without_term_frequencies=True
        )
    predicted = linker.inference.predict(threshold_match_probability=0.001).as_pandas_dataframe()
    columns = {"id_l": "a", "id_r": "b", "match_probability": "score"}
    return predicted.rename(columns=columns)[["a", "b", "score"]]


def prepared(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.apply(lambda column: column.str.lower() if column.name != "id" else column)
    return frame.where(frame != "", None)


def comparisons(fields: set[str]) -> list:
    import splink.comparison_library as library

    def frequency(comparison):
        return comparison.configure(term_frequency_adjustments=True)

    known = {
        "forename": lambda: frequency(library.NameComparison("forename")),
        "surname": lambda: frequency(library.NameComparison("surname")),
        "birth": lambda: library.DateOfBirthComparison(
            "birth", input_is_string=True, datetime_format="%Y%m%d", invalid_dates_as_null=True
        ),
        "middle": lambda: library.ExactMatch("middle"),
        "sex": lambda: library.ExactMatch("sex"),
        "street_number": lambda: frequency(library.ExactMatch("street_number")),
        "street": lambda: frequency(library.ExactMatch("street")),
        "postcode": lambda: frequency(library.DamerauLevenshteinAtThresholds("postcode", [1, 2])),
        "town": lambda: frequency(library.ExactMatch("town")),
        "email": lambda: library.EmailComparison("email"),
    }
    # As in its FEBRL tutorial: beside a postcode, further places say the same again.
    repeated = {"street", "town"} if {"postcode", "birth"} <= fields else set()
    if "postcode" in fields:
        repeated.add("town")
    return [make() for field, make in known.items() if field in fields - repeated]


def blocking(fields: set[str]) -> list:
    rules = [
        ("forename", "surname"),
        "l.forename = r.surname and l.surname = r.forename",
        ("birth",),
        ("postcode",) if "birth" in fields else ("postcode", "forename"),
        ("postcode", "surname"),
        ("street_number", "street"),
        ("email",),
        ("forename", "town"),
        ("surname", "town"),
    ]
    return [rule for rule in rules if isinstance(rule, str) or set(rule) <= fields]


def certain(fields: set[str]) -> list[tuple[str, ...]]:
    rules = [
        ("forename", "surname", "birth"),
        ("forename", "surname", "postcode"),
        ("email",),
    ]
    if "birth" in fields:
        rules.remove(("forename", "surname", "postcode"))
    return [rule for rule in rules if set(rule) <= fields]


def passes(fields: set[str]) -> list[tuple[str, ...]]:
    if "birth" in fields:
        return [("birth",), ("forename", "surname")]
    return [("forename", "surname"), ("postcode",)]
