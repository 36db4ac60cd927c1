"""Runs the schema oracle over many replies in one process.

oracle_replies.py ORACLE_FOLDER SCHEMA_FOLDER DIRECTORY
DIRECTORY/list has a line for each reply: file, request type, platform, version, channel, supervised (0 or 1), tabs
between.
Prints a line for each problem; exits 10 with some.
"""
import os
import plistlib
import sys

sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
import mdm_oracle  # noqa: E402  (its folder is an argument)

documents = {}


def load(self, folder):
    if folder not in documents:
        documents[folder] = list(original(self, folder))
    return documents[folder]


def parts(message):
    """The result of Settings is one for each item, and the schema shows the form of one (docs/protocol/catalog.md)."""
    results = message.get("Settings")
    if not isinstance(results, list):
        return [message]
    return [{**message, "Settings": result} for result in results]


original = mdm_oracle.Schema.load
mdm_oracle.Schema.load = load
found = checked = 0
with open(os.path.join(sys.argv[3], "list"), encoding="utf-8") as lines:
    for line in lines:
        name, request_type, platform, version, channel, supervised = line.rstrip("\n").split("\t")
        schema = mdm_oracle.Schema(sys.argv[2], platform, version, channel, "device", supervised == "1")
        with open(os.path.join(sys.argv[3], name), "rb") as file:
            message = plistlib.load(file)
        for part in parts(message):
            for path, problem in schema.response(part, request_type):
                print(f"{request_type} on {platform} {version}: {path}: {problem}")
                found += 1
        checked += 1
print(f"checked {checked}")
sys.exit(10 if found or not checked else 0)
