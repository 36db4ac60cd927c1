"""What apns_bench.py drives: the push service, fleets of devices, h2load and the peers that are measured beside ours.

Every process is started in a `with` block and is gone at the end of it. CPU and memory are read from /proc.
"""
import base64
import contextlib
import json
import os
import re
import select
import shutil
import socket
import subprocess
import urllib.request

TICKS = os.sysconf("SC_CLK_TCK")
PAGE_KB = os.sysconf("SC_PAGE_SIZE") / 1024
TOPIC = "com.apple.mgmt.External.00000000-0000-4000-8000-000000000001"
BODY = '{"mdm":"magic"}'  # what courier_fleet's devices expect


class Invalid(Exception):
    """What was measured is not what was meant, so there is no figure."""


def tool(name):
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")
    if path is None:
        raise Invalid(f"{name} is not installed: run tools/setup")
    return path


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS  # user and system, all threads


def resident_kb(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * PAGE_KB


def read_line(process, seconds):
    if not select.select([process.stdout], [], [], seconds)[0]:
        raise Invalid(f"{process.args[0]} said nothing in {seconds} s")
    line = process.stdout.readline()
    if not line:
        raise Invalid(f"{process.args[0]} ended")
    return json.loads(line)


@contextlib.contextmanager
def running(*command):
    process = subprocess.Popen([str(c) for c in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


class Bench:
    """A folder to work in, and the programs under measurement."""

    def __init__(self, bin_dir, folder):
        self.bin = bin_dir
        self.folder = folder
        with open(self.file("body"), "w", encoding="ascii") as file:
            file.write(BODY)
        request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        subprocess.run([tool("openssl"), *request, "-subj", "/CN=localhost", "-keyout", self.file("key.pem"),
                        "-out", self.file("cert.pem")], check=True, stderr=subprocess.DEVNULL)
        with open(self.file("peer.pem"), "wb") as both:  # P-256, as the push service's own
            for name in ("cert.pem", "key.pem"):
                with open(self.file(name), "rb") as part:
                    both.write(part.read())

    def file(self, name):
        return os.path.join(self.folder, name)

    def program(self, name):
        return os.path.join(self.bin, name)

    @contextlib.contextmanager
    def service(self, name, *options):
        program, data = self.program("understudy-server"), self.file(name)
        pem = self.file(name + ".pem")
        subprocess.run([program, "apns", "issue-cert", "--data-dir", data, "--topic", TOPIC, "--out", pem],
                       check=True, stdout=subprocess.DEVNULL)
        with running(program, "apns", "--data-dir", data, *options) as process:
            yield Service(process, pem)

    @contextlib.contextmanager
    def fleet(self, service, transport, count):
        tokens = self.file(f"{transport}-{count}.tokens")
        courier = service.ready["courier"] if transport == "tls" else "light:" + service.ready["light"]
        with running(self.program("bench_courier_fleet"), courier, service.ready["ca"], count, TOPIC,
                     tokens) as process:
            yield Fleet(process, tokens, read_line(process, 300))

    @contextlib.contextmanager
    def nghttpd(self):
        """One thread that serves one empty file at /3/device/empty."""
        root = os.path.join(self.folder, "www")
        os.makedirs(os.path.join(root, "3", "device"), exist_ok=True)
        with open(os.path.join(root, "3", "device", "empty"), "wb"):
            pass
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        with running(tool("nghttpd"), "-n1", "-a", "127.0.0.1", "-d", root, port, self.file("key.pem"),
                     self.file("cert.pem")) as process:
            wait_for_port(process, port)
            yield process.pid, [f"https://127.0.0.1:{port}/3/device/empty"]

    @contextlib.contextmanager
    def tls_pair(self, count):
        """What both ends of `count` connections by OpenSSL alone say, and the CPU seconds of both together."""
        program = self.program("bench_tls_pair")
        with running(program, "serve", self.file("peer.pem"), count) as server:
            port = read_line(server, 20)
            with running(program, "connect", port, count) as client:
                ends = read_line(server, 300), read_line(client, 20)
                yield ends, cpu_seconds(server.pid) + cpu_seconds(client.pid)

    def h2load(self, uris, requests, *options, pem=""):
        """Posts BODY to each URI in turn. -> (seconds, answers by class of status)"""
        with open(self.file("uris"), "w", encoding="ascii") as file:
            file.write("\n".join(uris) + "\n")
        environment = dict(os.environ, LD_PRELOAD=self.program("bench_client_certificate.so"))
        environment["UNDERSTUDY_BENCH_PEM"] = pem or self.file("peer.pem")
        command = [tool("h2load"), "-n", requests, *options, "-d", self.file("body"), "-i", self.file("uris")]
        done = subprocess.run([str(c) for c in command], env=environment, stdout=subprocess.PIPE, text=True,
                              timeout=300, check=False)
        took = re.search(r"finished in ([0-9.]+)(us|ms|s)", done.stdout)
        status = re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", done.stdout)
        if done.returncode != 0 or not took or not status:
            raise Invalid(f"h2load ended with {done.returncode}: {done.stdout[-500:]}")
        seconds = float(took[1]) * {"us": 1e-6, "ms": 1e-3, "s": 1.0}[took[2]]
        return seconds, {int(digit): int(number) for digit, number in zip("2345", status.groups())}


def look_again(process, seconds):
    """Between two looks at a process: returns after `seconds`, or says at once that it has ended."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        raise Invalid(f"{process.args[0]} ended with {process.wait(seconds)}")


def wait_for_port(process, port):
    while True:
        with contextlib.suppress(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=20).close()
            return
        look_again(process, 0.01)


class Service:
    """`understudy-server apns`: one process, one thread."""

    def __init__(self, process, pem):
        self.pem = pem
        self.process = process
        self.pid = process.pid
        self.ready = read_line(process, 60)

    def uris(self, tokens):
        return [f"{self.ready['apns']}/3/device/{token}" for token in tokens]

    def api(self, method, path):
        request = urllib.request.Request(self.ready["api"] + path, method=method)
        login = base64.b64encode(b"nanomdm:" + self.ready["api_key"].encode()).decode()
        request.add_header("Authorization", "Basic " + login)
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(request, timeout=60) as answer:
            return answer.read().decode()

    def counter(self, name):
        pattern = f'^understudy_apns_pushes_{name}_total{{environment="production"}} (\\d+)'
        return int(re.search(pattern, self.api("GET", "/metrics"), re.MULTILINE)[1])


class Fleet:
    """bench_courier_fleet: devices of the agent, all in one process."""

    def __init__(self, process, token_file, ready):
        self.process = process
        self.pid = process.pid
        self.ready = ready
        with open(token_file, encoding="ascii") as file:
            self.tokens = file.read().split()

    def wish(self, text):
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()

    def next(self, seconds=60):
        return read_line(self.process, seconds)

    def wakes(self):
        self.wish("report")
        return self.next()["wakes"]
