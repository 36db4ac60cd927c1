#!/usr/bin/python3
"""Every fact of how devices behave that is sure enough is proven by a test or not modeled for a reason that is written down.

usage: facts.py [SOURCE_DIR]

Facts: ../shared/reference/device-behaviour.md beside the checkout, those of confidence H or M; without it only the two lists are
checked. Tests: facts.tsv beside this file, a fact and the tests that prove it. Reasons: agent/README.md between its facts marks.
Prints a line for each fault, exits 1 where there is one.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2])
ID = r"\d+\.\d+b?"
ROW = re.compile(rf"^\| ({ID}) \|.*\| ([HML])\b[^|]*\|$")
TEST = re.compile(r"\b(?:TEST|TEST_F|TEST_P|RC_GTEST_(?:FIXTURE_)?PROP)\(\s*(\w+),\s*(\w+)")


def facts():
    """-> {id: confidence}, None where the page is absent"""
    page = ROOT.parent / "shared/reference/device-behaviour.md"
    if not page.exists():
        return None
    matches = (ROW.match(line.rstrip()) for line in page.read_text(encoding="utf-8").splitlines())
    return {match[1]: match[2] for match in matches if match}


def expand(text):
    """"4.1 to 4.3, 7.9" -> ids"""
    for part in text.split(","):
        ends = [end.strip() for end in part.split(" to ")]
        if len(ends) == 1:
            yield ends[0]
            continue
        section, first = ends[0].split(".")
        for number in range(int(first), int(ends[1].split(".")[1]) + 1):
            yield f"{section}.{number}"


def not_modeled(faults):
    """-> {id: reason}"""
    text = (ROOT / "agent/README.md").read_text(encoding="utf-8")
    block = re.search(r"<!-- facts: begin -->\n(.*?)<!-- facts: end -->", text, re.S)
    if not block:
        faults.append("agent/README.md: the marks <!-- facts: begin --> and <!-- facts: end --> are missing")
        return {}
    found = {}
    for line in block[1].splitlines()[2:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 2 or not cells[1]:
            faults.append(f"agent/README.md: no reason in: {line}")
            continue
        found.update(dict.fromkeys(expand(cells[0]), cells[1]))
    return found


def proven(faults):
    """-> {id: [test]}"""
    known = set()
    for path in (ROOT / "tests").rglob("*.cc"):
        known.update(f"{suite}.{name}" for suite, name in TEST.findall(path.read_text(encoding="utf-8")))
    found = {}
    for number, line in enumerate((ROOT / "tests/lint/facts.tsv").read_text(encoding="utf-8").splitlines(), 1):
        fact, _, tests = line.partition("\t")
        for test in tests.split() or [""]:
            if test not in known:
                faults.append(f"tests/lint/facts.tsv:{number}: fact {fact}: there is no test {test!r}")
        if fact in found:
            faults.append(f"tests/lint/facts.tsv:{number}: fact {fact} is there twice")
        found[fact] = tests.split()
    return found


def main():
    faults = []
    tests, reasons, all_facts = proven(faults), not_modeled(faults), facts()
    faults += [f"fact {fact} is proven by a test, and listed as not modeled" for fact in tests if fact in reasons]
    for fact in [*tests, *reasons] if all_facts is not None else []:
        if fact not in all_facts:
            faults.append(f"fact {fact} does not exist")
    for fact, confidence in (all_facts or {}).items():
        if confidence in "HM" and fact not in tests and fact not in reasons:
            faults.append(f"fact {fact} is neither proven by a test nor listed as not modeled")
    print("\n".join(faults + [f"facts: {len(tests)} proven, {len(reasons)} not modeled, {len(faults)} faults"]))
    sys.exit(1 if faults or not tests else 0)


main()
