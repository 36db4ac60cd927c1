#!/usr/bin/python3
"""The push service under load, and how many devices it and the agent can hold, each figure beside its limit.

usage: apns_bench.py [--quick] BIN_DIR [GOAL...]      GOAL: a name of goals.json; all, when none is given
Prints {"figures": {name: number}}; what else is worth knowing goes to standard error. Exits 1 when a figure is missing. --quick: counts so
small that the figures mean nothing, to see that everything still runs.

Each process under measurement has one thread. Others use the machine too, so CPU seconds are compared where it makes sense.
"""
import argparse
import contextlib
import datetime
import json
import math
import resource
import statistics
import sys
import tempfile
import time

from apns_rig import Bench, Invalid, cpu_seconds, look_again, resident_kb

FULL = {"rounds": 5, "refused": 300_000, "delivered": 60_000, "peer": 400_000, "receivers": 200, "devices": 15_000, "few": 100,
        "rate": 1000, "seconds": 30, "few_seconds": 10}
QUICK = {"rounds": 1, "refused": 5_000, "delivered": 2_000, "peer": 20_000, "receivers": 50, "devices": 60, "few": 20, "rate": 200,
         "seconds": 2, "few_seconds": 1}
SPARE_DESCRIPTORS = 500  # of a process that holds a connection of each device
JOURNAL = ("--journal", 50_000)  # all pushes of a measurement stay known
FIRST_RETRY, LONGEST_RETRY = 1.0, 60.0  # agent/push/push_channel.cc


def say(text):
    print("apns_bench: " + text, file=sys.stderr, flush=True)


def expect(what, wanted, is_so):
    if wanted != is_so:
        raise Invalid(f"{what}: {is_so}, expected {wanted}")


def wait_until_acked(service, wanted, seconds=20):
    until = time.monotonic() + seconds
    while (acked := service.counter("acked")) != wanted and time.monotonic() < until:
        look_again(service.process, 0.02)
    expect("pushes acked", wanted, acked)


def post(bench, pid, uris, requests, status_class, settle=lambda: None, options=(), pem=""):
    """-> requests per CPU second of process `pid`, requests per second of wall-clock time."""
    before = cpu_seconds(pid)
    seconds, answers = bench.h2load(uris, requests, *options, pem=pem)
    settle()
    used = cpu_seconds(pid) - before
    expect(f"answers {status_class}xx", requests, answers[status_class])
    return requests / used, requests / seconds


def beside_nghttpd(bench, name, sizes, options, ours):
    """Rounds of ours and of nghttpd by turns, under the same load. -> figures"""
    figures = {"ours": [], "nghttpd": []}
    with bench.nghttpd() as (pid, uris):
        for _ in range(sizes["rounds"]):
            figures["ours"].append(ours())
            figures["nghttpd"].append(post(bench, pid, uris, sizes["peer"], 2, options=options))
    (cpu, wall), (peer_cpu, peer_wall) = ([statistics.median(column) for column in zip(*figures[who])] for who in ("ours", "nghttpd"))
    say(f"{name}: by wall-clock time {wall:.0f}/s beside {peer_wall:.0f}/s, ratio {wall / peer_wall:.3f} (information)")
    return {f"{name}.per_cpu_second": cpu, f"{name}.nghttpd_per_cpu_second": peer_cpu, f"{name}.wall_ratio": wall / peer_wall}


def refuse(bench, sizes, _goals):
    """A token that was never minted: BadDeviceToken. Four connections of 100 streams."""
    options = ("-c", 4, "-m", 100)
    with bench.service("refuse") as service:
        uris = service.uris(["0" * 64])
        return beside_nghttpd(bench, "refuse", sizes, options,
                              lambda: post(bench, service.pid, uris, sizes["refused"], 4, options=options, pem=service.pem))


def deliver(bench, sizes, _goals):
    """Pushes to devices that are connected, to one after the other. One connection of 100 streams: a device's turn comes again only when
    as many others as there are devices had theirs, twice as many as can be under way, so that its last push is acked and none replaces
    another one in the store."""
    options = ("-c", 1, "-m", min(100, sizes["receivers"] // 2))
    count = sizes["delivered"]
    with bench.service("deliver") as service, bench.fleet(service, "light", sizes["receivers"]) as fleet:
        uris = service.uris(fleet.tokens)

        def ours():
            acked, wakes = service.counter("acked"), fleet.wakes()
            figure = post(bench, service.pid, uris, count, 2, options=options, pem=service.pem,
                          settle=lambda: wait_until_acked(service, acked + count))
            expect("devices woken", wakes + count, fleet.wakes())
            return figure

        figures = beside_nghttpd(bench, "deliver", sizes, options, ours)
        expect("pushes coalesced", 0, service.counter("coalesced"))
        return figures


def held(service_before, service, fleet, count):
    """-> KB for each connection: service, agent."""
    return ((resident_kb(service.pid) - service_before) / count,
            (fleet.ready["resident_kb"] - fleet.ready["before_kb"]) / count)


def tls_fleet(bench, sizes, goals):
    count = sizes["devices"]
    figures = {}
    with bench.tls_pair(count) as (ends, bare):
        for side, end in zip(("server", "client"), ends):
            figures[f"tls_pair.{side}_kb"] = (end["resident_kb"] - end["before_kb"]) / count
        figures["tls_pair.cpu_seconds"] = bare
        say(f"tls_pair: {count} handshakes one after the other in {ends[1]['seconds']:.1f} s, {bare:.1f} CPU seconds")
    with bench.service("tls") as service:
        before = resident_kb(service.pid)
        with bench.fleet(service, "tls", count) as fleet:
            figures["tls.server_kb"], figures["tls.agent_kb"] = held(before, service, fleet, count)
            say(f"tls: {count} devices connected in {fleet.ready['seconds']:.1f} s")
            if "apns.storm" in goals:
                figures["storm.cpu_seconds"] = storm(service, fleet, count)
    return figures


def most_failures_allowed(seconds):
    """Attempts in a row that the back-off lets fail in that time: each wait is at least half of its step."""
    failures, step, waited = 0, FIRST_RETRY, FIRST_RETRY / 2
    while waited <= seconds:
        failures, step = failures + 1, min(LONGEST_RETRY, step * 2)
        waited += step / 2
    return failures


def storm(service, fleet, count):
    """All connections are cut at once. -> CPU seconds of both ends until every device has its filter set again"""
    used = [cpu_seconds(pid) for pid in (service.pid, fleet.pid)]
    fleet.wish("return")
    fleet.next()
    cut = json.loads(service.api("POST", "/v1/apns/disconnect"))["disconnected"]
    expect("connections cut", count, cut)
    back = fleet.next(300)
    expect("devices listening", count, back["listening"])
    allowed = most_failures_allowed(back["seconds"])
    used = [cpu_seconds(pid) - before for pid, before in zip((service.pid, fleet.pid), used)]
    say(f"storm: back in {back['seconds']:.1f} s, CPU seconds of service {used[0]:.1f} and agent {used[1]:.1f}; at most "
        f"{back['most_failures']} failed attempts of a device, the back-off allows {allowed}")
    if back["most_failures"] > allowed:
        raise Invalid("storm: a device tried more often than its back-off allows")
    return sum(used)


def light_fleet(bench, sizes, goals):
    count = sizes["devices"]
    figures = {}
    with contextlib.ExitStack() as stack:
        service = stack.enter_context(bench.service("light", *JOURNAL))
        before = resident_kb(service.pid)
        fleet = stack.enter_context(bench.fleet(service, "light", count))
        figures["light.server_kb"], figures["light.agent_kb"] = held(before, service, fleet, count)
        say(f"light: {count} devices connected in {fleet.ready['seconds']:.1f} s")
        if "apns.p99_at_15000" in goals and not sizes.get("too_few"):
            few_service = stack.enter_context(bench.service("few", *JOURNAL))
            few = stack.enter_context(bench.fleet(few_service, "light", sizes["few"]))
            figures["p99.many_ms"], figures["p99.few_ms"] = latencies(bench, sizes, (service, fleet), (few_service, few))
    return figures


def latencies(bench, sizes, many, few):
    """-> p99 of all pushes of each, ms. To few first, for a shorter time; to many in one piece."""
    few_ms = p99(bench, sizes["rate"], sizes["few_seconds"], *few)
    many_ms = p99(bench, sizes["rate"], sizes["seconds"], *many)
    say(f"p99, ms: {len(many[1].tokens)} devices for {sizes['seconds']} s {many_ms:.2f}, "
        f"{len(few[1].tokens)} devices for {sizes['few_seconds']} s {few_ms:.2f}")
    return many_ms, few_ms


def p99(bench, rate, seconds, service, fleet):
    count = rate * seconds
    acked, wakes = service.counter("acked"), fleet.wakes()
    took, answers = bench.h2load(service.uris(fleet.tokens), count, "-c", 1, "-m", 100, f"--rps={rate}", pem=service.pem)
    expect("answers 2xx", count, answers[2])
    wait_until_acked(service, acked + count)
    expect("devices woken", wakes + count, fleet.wakes())
    if took > 1.1 * seconds:
        raise Invalid(f"{count} pushes took {took:.1f} s: the rate was not held")
    pushes = json.loads(service.api("GET", f"/v1/apns/pushes?limit={count}"))["pushes"]
    expect("pushes in the journal", count, len(pushes))
    ms = sorted(acked_after_ms(push) for push in pushes)
    return ms[math.ceil(count * 0.99) - 1]


def acked_after_ms(push):
    expect("stage of a push", "acked", push["stage"])
    times = [datetime.datetime.fromisoformat(text) for text in (push["at"], push["steps"][-1]["at"])]
    return (times[1] - times[0]).total_seconds() * 1e3


PARTS = {"apns.refuse": refuse, "apns.deliver": deliver, "apns.idle_server_kb": tls_fleet, "apns.idle_agent_kb": tls_fleet,
         "apns.storm": tls_fleet, "apns.light_server_kb": light_fleet, "apns.light_agent_kb": light_fleet,
         "apns.p99_at_15000": light_fleet}


def allow_descriptors(sizes):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard != resource.RLIM_INFINITY and hard - SPARE_DESCRIPTORS < sizes["devices"]:
        sizes["devices"] = hard - SPARE_DESCRIPTORS
        sizes["too_few"] = True
        say(f"the hard limit of descriptors is {hard}: {sizes['devices']} devices instead of {FULL['devices']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("goals", nargs="*", metavar="GOAL")
    args = parser.parse_args()
    goals = args.goals or list(PARTS)
    if not set(goals) <= set(PARTS):
        parser.error("the goals are " + ", ".join(PARTS))
    sizes = dict(QUICK if args.quick else FULL)
    allow_descriptors(sizes)
    figures = {}
    failed = bool(sizes.get("too_few")) and "apns.p99_at_15000" in goals
    if failed:
        say("apns.p99_at_15000: no figure, it would be one of fewer devices")
    for part in dict.fromkeys(PARTS[goal] for goal in goals):
        with tempfile.TemporaryDirectory() as folder:
            try:
                figures.update(part(Bench(args.bin, folder), sizes, goals))
            except Invalid as error:
                failed = True
                say(f"{part.__name__}: no figures: {error}")
    print(json.dumps({"figures": figures}))
    return 1 if failed else 0


sys.exit(main())
