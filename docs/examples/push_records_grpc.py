#!/usr/bin/env python3
"""Sends records from a CSV file to the agency's own Sanctuary node over gRPC. Copy it and change what differs.

    pip install grpcio grpcio-tools
    SANCTUARY_KEY=snk1_... python3 push_records_grpc.py 127.0.0.1:8441 people.csv
    SANCTUARY_KEY=snk1_... python3 push_records_grpc.py 127.0.0.1:8441 --withdraw C-1042

It makes its stubs from proto/agency/intake/v1/intake.proto as it starts; keep the folder `intake` beside it, or
run it where it lies. The columns are those of the mapping that the node reads records by. Sending the same file
again changes nothing. Rows with errors are printed by number, field and rule; the node never repeats a value.
"""

import argparse
import csv
import json
import os
import sys
import time
import uuid
from pathlib import Path

import grpc

HERE = Path(__file__).resolve().parent
sys.path += [str(HERE), str(HERE.parents[1] / "proto" / "agency")]
intake, services = grpc.protos_and_services("intake/v1/intake.proto")

TRIES = 5
LATER = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.ABORTED)


def rows(path):
    """One message a row, without empty cells; read as the request is sent, so memory stays flat."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            columns = {key: value for key, value in row.items() if key and value}
            yield intake.PutRecordsRequest(columns=columns)


def send(call):
    """Repeats a call until it is answered. The idempotency key makes that harmless even when somebody has
    changed the record meanwhile."""
    once = ("idempotency-key", str(uuid.uuid4()))
    for tried in range(1, TRIES + 1):
        try:
            return call(once)
        except grpc.RpcError as error:
            if error.code() not in LATER or tried == TRIES:
                raise SystemExit(f"{error.code().name}: {error.details()}") from error
            print(f"{error.code().name}: {error.details()}; trying again", file=sys.stderr)
        time.sleep(tried)


def words(number, of):
    """NOT_IMPORTED of ROW_OUTCOME_NOT_IMPORTED, in small letters."""
    return of.Name(number).removeprefix("ROW_OUTCOME_").lower()


def push(records, key, path):
    def call(once):
        return list(records.PutRecords(rows(path), metadata=(key, once)))

    for told in send(call):
        if told.HasField("summary"):
            counts = told.summary
            names = [field.name for field in counts.DESCRIPTOR.fields]
            print(json.dumps({name: getattr(counts, name) for name in names}))
        for problem in told.row.problems:
            outcome = words(told.row.outcome, intake.RowOutcome)
            print(f"row {told.row.row}: {outcome}: {problem.field or 'row'}: {problem.rule}")


def withdraw(records, key, reference):
    request = intake.DeleteRecordRequest(reference=reference)
    done = send(lambda once: records.DeleteRecord(request, metadata=(key, once)))
    print("withdrawn" if done.withdrawn else "no record stands under this reference")


def main():
    arguments = argparse.ArgumentParser(description="Sends records to the agency's own Sanctuary node over gRPC.")
    arguments.add_argument("node", help="address of the node's gRPC, such as 127.0.0.1:8441")
    arguments.add_argument("file", nargs="?", help="CSV file (UTF-8) with the columns of the mapping")
    arguments.add_argument("--withdraw", metavar="REFERENCE", help="withdraw one record instead")
    arguments.add_argument("--ca", help="authority of the node's certificate (PEM); without it nothing is encrypted")
    given = arguments.parse_args()
    key = os.environ.get("SANCTUARY_KEY")
    if not key or bool(given.file) == bool(given.withdraw):
        arguments.error("name a file or --withdraw, and put the API key into SANCTUARY_KEY")
    bearer = ("authorization", f"Bearer {key}")
    if given.ca:
        trusted = grpc.ssl_channel_credentials(Path(given.ca).read_bytes())
        channel = grpc.secure_channel(given.node, trusted)
    else:
        channel = grpc.insecure_channel(given.node)
    with channel:
        records = services.RecordsStub(channel)
        if given.file:
            push(records, bearer, given.file)
        else:
            withdraw(records, bearer, given.withdraw)


if __name__ == "__main__":
    main()
