#!/usr/bin/env python3
"""Receives the notices of a Sanctuary node: verifies the signature, refuses old times and repetitions.

    receive_webhook.py --secret-file webhook.secret [--listen 127.0.0.1:8555] [--log notices.jsonl]

Python's standard library only. Copy what you need: `verify` is the part that matters. What a receiver does with a
notice belongs into `handle`; it must be done, or durably stored, before the answer 204 leaves, because after it the
node forgets the notice. A notice may come twice, under the same `webhook-id`: the second one is answered with 204 too
and not handled again. For a service of many processes keep the seen ids in a database that they share.
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

TOLERANCE_S = 5 * 60  # older or newer than this is refused: a recorded request is of no use later
BODY_BYTES_MAX = 64 * 1024


class Refused(Exception):
    """Why a request is not believed."""


def secrets_of(text):
    """The keys in a file of lines `whsec_…`: one, or two while the secret is being changed."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or not all(line.startswith("whsec_") for line in lines):
        raise SystemExit("the secret file must hold lines that begin with whsec_")
    return [base64.b64decode(line[len("whsec_"):], validate=True) for line in lines]


def verify(keys, headers, body, now):
    """The id of a request that one of the keys has signed just now; raises Refused otherwise."""
    event_id = headers.get("webhook-id") or ""
    stamp = headers.get("webhook-timestamp") or ""
    given = headers.get("webhook-signature") or ""
    if not event_id or not stamp.isdigit():
        raise Refused("a header is missing")
    signed = f"{event_id}.{stamp}.".encode() + body
    right = ["v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode() for key in keys]
    if not any(hmac.compare_digest(one, each) for one in given.split(" ") for each in right):
        raise Refused("the signature is wrong")
    if abs(now - int(stamp)) > TOLERANCE_S:
        raise Refused("the time is too far from ours")
    return event_id


class Seen:
    """Ids that were handled: read back from the log file at the start."""

    def __init__(self, log):
        self.log = log
        self.ids = set()
        if log and os.path.exists(log):
            with open(log, encoding="utf-8") as lines:
                self.ids = {json.loads(line)["id"] for line in lines if line.endswith("\n")}

    def handle(self, event):
        """Keeps the event, then remembers it."""
        if event["id"] in self.ids:
            return False
        line = json.dumps(event, separators=(",", ":")) + "\n"
        if self.log:
            with open(self.log, "a", encoding="utf-8") as out:
                out.write(line)
                out.flush()
                os.fsync(out.fileno())
        else:
            print(event["data"]["text"], event["data"].get("link") or "", flush=True)
        self.ids.add(event["id"])
        return True


class Receiver(BaseHTTPRequestHandler):
    timeout = 15
    keys = []
    seen = None

    def do_POST(self):
        length = self.headers.get("Content-Length") or ""
        if not length.isdigit() or int(length) > BODY_BYTES_MAX:
            return self.answer(413)
        body = self.rfile.read(int(length))
        try:
            event_id = verify(self.keys, self.headers, body, time.time())
            event = json.loads(body)
            if event.get("specversion") != "1.0" or event.get("id") != event_id:
                raise Refused("the event is not the one that was signed for")
        except (Refused, ValueError) as refused:
            print(f"refused: {refused}", file=sys.stderr, flush=True)
            return self.answer(400)
        self.seen.handle(event)
        return self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--secret-file", required=True)
    arguments.add_argument("--listen", default="127.0.0.1:8555")
    arguments.add_argument("--log", help="append each notice as a line of JSON")
    options = arguments.parse_args()
    with open(options.secret_file, encoding="utf-8") as file:
        Receiver.keys = secrets_of(file.read())
    Receiver.seen = Seen(options.log)
    host, port = options.listen.rsplit(":", 1)
    print(f"listening on {options.listen}", file=sys.stderr, flush=True)
    HTTPServer((host, int(port)), Receiver).serve_forever()


if __name__ == "__main__":
    main()
