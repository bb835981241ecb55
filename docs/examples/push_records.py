#!/usr/bin/env python3
"""Sends records from a CSV file to the agency's own Sanctuary node. Copy it and change what differs.

    pip install httpx
    SANCTUARY_KEY=snk1_... python3 push_records.py http://127.0.0.1:8440 people.csv
    SANCTUARY_KEY=snk1_... python3 push_records.py http://127.0.0.1:8440 --withdraw C-1042

The columns are those of the mapping that the node reads records by. Sending the same file again changes
nothing. Rows with errors are printed by number, field and rule; the node never repeats a value.
"""

import argparse
import csv
import json
import os
import sys
import time
import uuid
from urllib.parse import quote

import httpx

TRIES = 5


def rows(path):
    """One JSON object a line, without empty cells; read as the request is sent, so memory stays flat."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            record = {key: value for key, value in row.items() if key and value}
            yield (json.dumps(record) + "\n").encode()


def send(client, method, path, **request):
    """Repeats a request until it is answered. The idempotency key makes that harmless even when somebody
    has changed the record meanwhile. `request["content"]` is a function, so that a body can be sent anew."""
    body = request.pop("content", None)
    request["headers"] = {**request.get("headers", {}), "Idempotency-Key": str(uuid.uuid4())}
    for tried in range(1, TRIES + 1):
        try:
            answer = client.request(method, path, content=body() if body else None, **request)
            if answer.status_code not in (409, 503):
                return answer
        except httpx.TransportError as error:
            if tried == TRIES:
                raise SystemExit(f"the node does not answer: {error}") from error
        time.sleep(tried)
    return answer


def problem(answer):
    """RFC 9457: what to do, and for a record what is wrong by field and rule."""
    told = answer.json()
    print(f"{told['title']}: {told['detail']}", file=sys.stderr)
    for error in told.get("errors", []):
        print(f"  {error['field'] or 'record'}: {error['rule']}", file=sys.stderr)
    return 1


def push(client, path):
    headers = {"Content-Type": "application/x-ndjson"}
    answer = send(client, "POST", "/v1/records", headers=headers, content=lambda: rows(path))
    if answer.status_code != 200:
        return problem(answer)
    for line in answer.iter_lines():
        told = json.loads(line)
        if "summary" in told:
            print(json.dumps(told["summary"]))
        for error in told.get("problems", []):
            print(f"row {told['row']}: {told['outcome']}: {error['field'] or 'row'}: {error['rule']}")
    return 0


def withdraw(client, reference):
    answer = send(client, "DELETE", f"/v1/records/{quote(reference, safe='')}")
    if answer.status_code != 200:
        return problem(answer)
    print("withdrawn" if answer.json()["withdrawn"] else "no record stands under this reference")
    return 0


def main():
    arguments = argparse.ArgumentParser(description="Sends records to the agency's own Sanctuary node.")
    arguments.add_argument("node", help="address of the node's API, such as http://127.0.0.1:8440")
    arguments.add_argument("file", nargs="?", help="CSV file (UTF-8) with the columns of the mapping")
    arguments.add_argument("--withdraw", metavar="REFERENCE", help="withdraw one record instead")
    given = arguments.parse_args()
    key = os.environ.get("SANCTUARY_KEY")
    if not key or bool(given.file) == bool(given.withdraw):
        arguments.error("name a file or --withdraw, and put the API key into SANCTUARY_KEY")
    headers = {"Authorization": f"Bearer {key}"}
    # The answer to many records comes when all of them are safe.
    with httpx.Client(base_url=given.node, headers=headers, timeout=httpx.Timeout(30, read=600)) as client:
        return push(client, given.file) if given.file else withdraw(client, given.withdraw)


if __name__ == "__main__":
    sys.exit(main())
