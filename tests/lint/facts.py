#!/usr/bin/python3
"""Every fact of how devices behave that is sure enough is proven by a test or not modeled for a reason that is written down, and what
code cites is in the docs.

usage: facts.py [SOURCE_DIR]

Facts: the rows of docs/protocol/device-facts.md; those of confidence H or M need a test or a reason. Tests: facts.tsv beside this
file, a fact and the tests that prove it. Reasons: agent/README.md between its facts marks. Citations: a page and numbers after it in
code: the page has these rows (a number without a dot is a section); and any page of docs/protocol that code names exists.
Prints a line for each fault, exits 1 where there is one.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2])
ID = r"\d+\.\d+b?"
PAGE = "docs/protocol/device-facts.md"
ROW = re.compile(rf"^\| ({ID}(?:, {ID})*) \|.*?(?:\| ([HML]) \|)?$")
CITATION = re.compile(rf"([\w./-]+\.md)(?:,? (?:sections? )?((?:{ID}|\d+\b)(?:(?:, | to | and )(?:{ID}|\d+\b))*))?")
TEST = re.compile(r"\b(?:TEST|TEST_F|TEST_P|RC_GTEST_(?:FIXTURE_)?PROP)\(\s*(\w+),\s*(\w+)")


def rows(page):
    """-> {id: confidence}, empty where there is no such page, None as confidence where the page gives none"""
    path = ROOT / page
    found = (ROW.match(line.rstrip()) for line in path.read_text(encoding="utf-8").splitlines()) if path.is_file() else ()
    return {fact: match[2] for match in found if match for fact in match[1].split(", ")}


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


def cited(text):
    """-> (page, [id]) of each citation; a comment or string may break in it"""
    joined = re.sub(r"\"?\s*\n\s*(?:///?<?|#|\")?\s*", " ", text)
    for page, ids in CITATION.findall(joined):
        yield page, list(expand(ids.replace(" and ", ", "))) if ids else []


def citations(faults):
    """-> how many there are"""
    count, pages = 0, {}
    for folder in ("agent", "server-mock", "shared", "tests", "tools"):
        for path in sorted(path for path in (ROOT / folder).rglob("*.*") if path.suffix in (".cc", ".h", ".py")):
            for page, ids in cited(path.read_text(encoding="utf-8")):
                name = path.relative_to(ROOT)
                if page.startswith("docs/protocol/") and not (ROOT / page).is_file():
                    faults.append(f"{name}: there is no {page}")
                known = pages.setdefault(page, rows(page))
                for fact in ids:
                    count += 1
                    if fact not in known and not any(row.startswith(f"{fact}.") for row in known):
                        faults.append(f"{name}: {page} has no row {fact}")
    return count


def main():
    faults = []
    tests, reasons, all_facts = proven(faults), not_modeled(faults), rows(PAGE)
    count = citations(faults)
    faults += [f"fact {fact} is proven by a test, and listed as not modeled" for fact in tests if fact in reasons]
    faults += [f"fact {fact} does not exist: {PAGE} has no row" for fact in [*tests, *reasons] if fact not in all_facts]
    for fact, confidence in all_facts.items():
        if confidence is None:
            faults.append(f"fact {fact} has no confidence")
        elif confidence in "HM" and fact not in tests and fact not in reasons:
            faults.append(f"fact {fact} is neither proven by a test nor listed as not modeled")
    summary = f"facts: {len(tests)} proven, {len(reasons)} not modeled, {count} citations, {len(faults)} faults"
    print("\n".join([*faults, summary]))
    sys.exit(1 if faults or not tests else 0)


main()
