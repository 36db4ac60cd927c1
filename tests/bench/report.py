#!/usr/bin/python3
"""Runs the benches and prints one row for each performance goal.

usage: report.py BIN_DIR [--json] [NAME...]
A row: name, measured, unit, limit or peer of the same run, ratio, goal, met | short. Each figure is the median of repetitions; measured and
reference run interleaved in one process where they can, because machines are shared and noisy. A goal with a "limit" is measured / limit,
whatever it stands beside. A goal with a "script" is measured by that script, run once as SCRIPT BIN_DIR NAME...; it prints
{"figures": {name: number}}, and a goal whose figure it leaves out is short. Exits 0 whether met or short: 99 only with --strict, when a
goal is short.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
UNITS = {"ns": 1e-3, "us": 1.0, "ms": 1e3, "s": 1e6}  # to microseconds


def run(program, folder):
    command = [os.path.join(folder, program), "--benchmark_format=json", "--benchmark_repetitions=5",
               "--benchmark_min_time=0.1", "--benchmark_enable_random_interleaving=true"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    figures = {}
    if done.returncode != 0:
        print(f"report.py: {program} ended with {done.returncode}: its goals are short", file=sys.stderr)
        return figures
    for entry in json.loads(done.stdout)["benchmarks"]:
        if entry.get("run_type") == "aggregate":
            continue
        name = entry["run_name"].split("/")[0]
        if entry.get("error_occurred"):
            print(f"report.py: {program} {name}: {entry.get('error_message')}: short", file=sys.stderr)
            continue
        figures.setdefault(name, []).append(entry)
    return figures


def figure(entries, field):
    """None where nothing was measured: the goal is short then."""
    if not entries:
        return None

    def one(entry):
        if field == "mb_per_s":
            return entry["bytes_per_second"] / 1e6
        if field == "cpu_us":
            return entry["cpu_time"] * UNITS[entry["time_unit"]]
        if field == "real_us":
            return entry["real_time"] * UNITS[entry["time_unit"]]
        return entry[field]
    return statistics.median(one(entry) for entry in entries)


def run_script(script, folder, names):
    done = subprocess.run([sys.executable, os.path.join(HERE, script), folder, *names], stdout=subprocess.PIPE, check=False)
    return json.loads(done.stdout or "{}").get("figures", {})


def measure(goals, folder):
    """-> measured, reference of each goal; None where there is none."""
    programs = {p for g in goals if "program" in g for p in (g["program"], g.get("reference_program", g["program"]))}
    figures = {program: run(program, folder) for program in sorted(programs)}
    scripts = {script: run_script(script, folder, [g["name"] for g in goals if g.get("script") == script])
               for script in sorted({g["script"] for g in goals if "script" in g})}
    for goal in goals:
        if "script" in goal:
            numbers = scripts[goal["script"]]
            if wall := numbers.get(goal.get("wall")):
                goal["reference_is"] += f"; by wall-clock time {wall:.3f}"
            yield goal, numbers.get(goal["measured"]), numbers.get(goal.get("reference"))
        else:
            peers = figures[goal.get("reference_program", goal["program"])]
            yield (goal, figure(figures[goal["program"]].get(goal["measured"]), goal.get("counter", goal["field"])),
                   figure(peers.get(goal["reference"]), goal["field"]) if "reference" in goal else None)


def row(goal, measured, reference):
    unit, bound = goal["unit"], goal.get("limit", reference)
    ratio = measured / bound if measured is not None and bound else None
    met = ratio is not None and (ratio >= goal["at_least"] if "at_least" in goal else ratio <= goal["at_most"])
    limit = f"at least {goal['at_least']}" if "at_least" in goal else f"at most {goal['at_most']}"
    beside = f"{reference:.2f} {unit} ({goal['reference_is']})" if reference is not None else None
    if beside is None and "limit" in goal:
        beside = f"{goal['limit']} {unit} (limit)"
    return {"name": goal["name"], "measured": None if measured is None else round(measured, 2), "unit": unit,
            "reference": beside, "ratio": None if ratio is None else round(ratio, 3),
            "goal": f"{limit} of {goal['limit']} {unit}" if "limit" in goal else limit, "verdict": "met" if met else "short"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    with open(os.path.join(HERE, "goals.json"), encoding="utf-8") as file:
        goals = [g for g in json.load(file) if not args.names or any(g["name"].startswith(n) for n in args.names)]
    if not goals:
        sys.exit("report.py: no goal has that name")
    rows = [row(*each) for each in measure(goals, args.bin)]
    if args.json:
        for line in rows:
            print(json.dumps(line))
    else:
        columns = ["name", "measured", "unit", "reference", "ratio", "goal", "verdict"]
        width = {c: max(len(c), *(len(str(r[c])) for r in rows)) for c in columns}
        for line in [dict(zip(columns, columns))] + rows:
            print("  ".join(("none" if line[c] is None else str(line[c])).ljust(width[c]) for c in columns).rstrip())
    if args.strict and any(r["verdict"] == "short" for r in rows):
        sys.exit(99)


main()
