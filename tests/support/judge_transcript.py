#!/usr/bin/python3
"""Lets the schema oracle judge every message of transcripts, both directions.

usage: judge_transcript.py ORACLE_FILE TRANSCRIPT...      [--platform iOS] [--os 18.1] [--supervised]
Prints a line for each problem, then "judged N messages, M problems"; exits 1 with a problem, or where there was no message.
The oracle (Apple's schema, apart from our code) lies beside the checkout, not in it.
"""
import argparse
import importlib.util
import json
import os
import plistlib
import sys


def checkin_answer(schema, request, answer):
    """What the server says to a check-in message, which the oracle has no call for."""
    for _, document in schema.load("mdm/checkin"):
        if document["payload"].get("requesttype") == request.get("MessageType"):
            return schema.check_dict(answer, document.get("responsekeys") or [], "answer.")
    return [("answer", "to no check-in message")]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("oracle")
    parser.add_argument("transcripts", nargs="+")
    parser.add_argument("--platform", default="iOS")
    parser.add_argument("--os", default="18.1")
    parser.add_argument("--supervised", action="store_true")
    args = parser.parse_args()

    spec = importlib.util.spec_from_file_location("mdm_oracle", args.oracle)
    oracle = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(oracle)
    root = os.path.join(os.path.dirname(args.oracle), "..", "apple-device-management")

    class ReadOnce(oracle.Schema):
        """The oracle reads its files for each message; once is enough here."""
        folders = {}

        def load(self, folder):
            if folder not in self.folders:
                self.folders[folder] = list(super().load(folder))
            return self.folders[folder]

    channels = {channel: ReadOnce(root, args.platform, args.os, channel, "device", args.supervised)
                for channel in ("device", "user")}

    judged = problems = 0
    request_types = {}
    for name in args.transcripts:
        for number, line in enumerate(open(name, encoding="utf-8"), 1):
            entry = json.loads(line)
            found = []
            schema = channels["device"]
            if entry.get("request", "").startswith("<?xml"):
                message = plistlib.loads(entry["request"].encode())
                schema = channels["user" if "UserID" in message else "device"]
                judged += 1
                if "MessageType" in message:
                    found += schema.checkin(message)
                elif "Status" in message:
                    found += schema.response(message, request_types.get(message.get("CommandUUID")))
            if entry.get("response", "").startswith("<?xml"):
                message = plistlib.loads(entry["response"].encode())
                if "Command" in message:
                    judged += 1
                    request_types[message["CommandUUID"]] = message["Command"].get("RequestType")
                    found += schema.command(message)
                elif entry.get("request", "").startswith("<?xml"):
                    judged += 1
                    found += checkin_answer(schema, plistlib.loads(entry["request"].encode()), message)
            # Apple's files list no sender for these two (docs/protocol/messages.md): a server could not tell who is meant.
            if entry.get("kind", "").lower().replace("_", "") in ("setbootstraptoken", "getbootstraptoken"):
                found = [problem for problem in found if problem != ("UDID", "not in the schema")]
            for path, text in found:
                problems += 1
                print(f"{os.path.basename(name)}:{number}: {entry.get('kind')}: {path}: {text}")
    print(f"judged {judged} messages, {problems} problems")
    sys.exit(1 if problems or not judged else 0)


main()
