#!/usr/bin/python3
"""Runs the benches and prints one row for each performance goal.

usage: report.py BIN_DIR [--json] [NAME...]
A row: name, measured, unit, limit or peer of the same run, ratio, goal, met | short. Each figure is the median of repetitions; measured and
reference run interleaved in one process where they can, because machines are shared and noisy. Exits 0 whether met or short: 99 only with
--strict, when a goal is short.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

UNITS = {"ns": 1e-3, "us": 1.0, "ms": 1e3, "s": 1e6}  # to microseconds


def run(program, folder):
    command = [os.path.join(folder, program), "--benchmark_format=json", "--benchmark_repetitions=5",
               "--benchmark_min_time=0.1", "--benchmark_enable_random_interleaving=true"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        sys.exit(f"report.py: {program} ended with {done.returncode}")
    figures = {}
    for entry in json.loads(done.stdout)["benchmarks"]:
        if entry.get("run_type") == "aggregate":
            continue
        name = entry["run_name"].split("/")[0]
        if entry.get("error_occurred"):
            sys.exit(f"report.py: {program} {name}: {entry.get('error_message')}")
        figures.setdefault(name, []).append(entry)
    return figures


def figure(entries, field):
    def one(entry):
        if field == "mb_per_s":
            return entry["bytes_per_second"] / 1e6
        if field == "cpu_us":
            return entry["cpu_time"] * UNITS[entry["time_unit"]]
        if field == "real_us":
            return entry["real_time"] * UNITS[entry["time_unit"]]
        return entry[field]
    return statistics.median(one(entry) for entry in entries)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "goals.json"), encoding="utf-8") as file:
        goals = [g for g in json.load(file) if not args.names or any(g["name"].startswith(n) for n in args.names)]
    if not goals:
        sys.exit("report.py: no goal has that name")
    programs = {p for g in goals for p in (g["program"], g.get("reference_program", g["program"]))}
    figures = {program: run(program, args.bin) for program in sorted(programs)}

    rows = []
    for goal in goals:
        measured = figure(figures[goal["program"]][goal["measured"]], goal.get("counter", goal["field"]))
        peers = figures[goal.get("reference_program", goal["program"])]
        reference = figure(peers[goal["reference"]], goal["field"])
        ratio = measured / reference
        met = ratio >= goal["at_least"] if "at_least" in goal else ratio <= goal["at_most"]
        limit = f"at least {goal['at_least']}" if "at_least" in goal else f"at most {goal['at_most']}"
        rows.append({"name": goal["name"], "measured": round(measured, 2), "unit": goal["unit"],
                     "reference": f"{reference:.2f} {goal['unit']} ({goal['reference_is']})",
                     "ratio": round(ratio, 3), "goal": limit, "verdict": "met" if met else "short"})
    if args.json:
        for row in rows:
            print(json.dumps(row))
    else:
        columns = ["name", "measured", "unit", "reference", "ratio", "goal", "verdict"]
        width = {c: max(len(c), *(len(str(r[c])) for r in rows)) for c in columns}
        for row in [dict(zip(columns, columns))] + rows:
            print("  ".join(str(row[c]).ljust(width[c]) for c in columns).rstrip())
    if args.strict and any(row["verdict"] == "short" for row in rows):
        sys.exit(99)


main()
