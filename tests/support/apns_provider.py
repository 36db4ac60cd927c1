#!/usr/bin/python3
"""An MDM server's push client that shares no code with the project: Python's ssl, python3-h2.

Reads one JSON object (from the file that its argument names, else from standard input), sends its requests over one
HTTP/2 connection, prints one JSON object.

  {"port": 1, "ca": FILE, "cert": FILE, "key": FILE,      key: also in cert when left out; cert may be left out
   "host": "127.0.0.1", "server_name": "api.push.apple.com", "tls": "1.2" | "1.3" | "", "alpn": ["h2"],
   "together": false,                                     true: all are sent before the first answer is read
   "enough": 1,                                           no more answers are waited for; default: all of them
   "wait_for_end": false,                                 true: then prints a line "waiting", and reads to the end
   "requests": [{"method": "POST", "path": "/3/device/...", "headers": [["apns-id", "..."], ...],
                 "body": "text" | "body_size": 4097}, ...]}

  {"answers": [{"status": 400, "headers": [["apns-id", "..."]], "body": "...", "reset": null | code}, ...],
   "goaway": null | {"error": 0, "debug": "...", "last_stream": 1}, "settings": {"MAX_CONCURRENT_STREAMS": 1000},
   "streams": [1000],                                     every MAX_CONCURRENT_STREAMS, in order
   "tls": "TLSv1.3", "closed": false, "failure": null | "text of a TLS alert, or what the socket said"}

An answer that never came is null where its status would be. Source of the format: RFC 9113, and Apple's "Sending
notification requests to APNs".
"""
import json
import socket
import ssl
import sys

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import h2.settings

GOAWAY = 7
FRAME_HEAD = 9
TIMEOUT = 20  # seconds without an octet


def tls_context(job):
    context = ssl.create_default_context(cafile=job["ca"])
    if job.get("cert"):
        context.load_cert_chain(job["cert"], job.get("key"))
    versions = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
    if job.get("tls"):
        context.minimum_version = context.maximum_version = versions[job["tls"]]
    context.set_alpn_protocols(job.get("alpn", ["h2"]))
    return context


def body_of(request):
    return b"x" * request["body_size"] if "body_size" in request else request.get("body", "").encode()


class Connection:
    """One connection and what has come over it."""

    def __init__(self, job):
        self.seen = {"goaway": None, "settings": {}, "streams": [], "tls": None, "closed": False,
                     "failure": None}
        self.answers = {}  # by stream
        self.pending = {}  # bodies that wait for window
        self.buffer = b""
        raw = socket.create_connection((job.get("host", "127.0.0.1"), job["port"]), timeout=TIMEOUT)
        raw.settimeout(TIMEOUT)
        self.tls = tls_context(job).wrap_socket(raw, server_hostname=job.get("server_name", "api.push.apple.com"))
        self.seen["tls"] = self.tls.version()
        # What is sent is exactly what the caller said, legal or not.
        config = h2.config.H2Configuration(client_side=True, header_encoding="utf-8", validate_outbound_headers=False,
                                           normalize_outbound_headers=False)
        self.h2 = h2.connection.H2Connection(config)
        self.h2.initiate_connection()
        self.flush()

    def flush(self):
        self.tls.sendall(self.h2.data_to_send())

    def send(self, request, authority):
        stream = self.h2.get_next_available_stream_id()
        body = body_of(request)
        headers = [(":method", request.get("method", "POST")), (":scheme", "https"), (":authority", authority),
                   (":path", request["path"])] + [tuple(header) for header in request.get("headers", [])]
        self.answers[stream] = {"status": None, "headers": [], "body": "", "reset": None, "done": False}
        self.h2.send_headers(stream, headers, end_stream=not body)
        if body:
            self.pending[stream] = body
        self.send_bodies()
        return stream

    def send_bodies(self):
        """As far as the windows allow."""
        for stream in list(self.pending):
            while stream in self.pending:
                room = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size)
                if room <= 0:
                    break
                piece, rest = self.pending[stream][:room], self.pending[stream][room:]
                self.h2.send_data(stream, piece, end_stream=not rest)
                self.pending[stream] = rest
                if not rest:
                    del self.pending[stream]
        self.flush()

    def receive(self):
        """Takes what comes next; False at the end. GOAWAY is kept from h2, which would take nothing after it."""
        octets = self.tls.recv(65536)
        if not octets:
            self.seen["closed"] = True
            return False
        self.buffer += octets
        while len(self.buffer) >= FRAME_HEAD:
            size = FRAME_HEAD + int.from_bytes(self.buffer[:3], "big")
            if len(self.buffer) < size:
                break
            frame, self.buffer = self.buffer[:size], self.buffer[size:]
            if frame[3] == GOAWAY:
                self.seen["goaway"] = {"last_stream": int.from_bytes(frame[9:13], "big") & 0x7FFFFFFF,
                                       "error": int.from_bytes(frame[13:17], "big"),
                                       "debug": frame[17:].decode("utf-8", "replace")}
            else:
                for event in self.h2.receive_data(frame):
                    self.take(event)
        self.send_bodies()
        return True

    def take(self, event):
        answer = self.answers.get(getattr(event, "stream_id", 0))
        if isinstance(event, h2.events.RemoteSettingsChanged):
            for code, change in event.changed_settings.items():
                name = code.name if isinstance(code, h2.settings.SettingCodes) else str(code)
                self.seen["settings"][name] = change.new_value
                if name == "MAX_CONCURRENT_STREAMS":
                    self.seen["streams"].append(change.new_value)
        elif isinstance(event, h2.events.ResponseReceived):
            answer["status"] = int(dict(event.headers)[":status"])
            answer["headers"] = [[name, value] for name, value in event.headers if not name.startswith(":")]
        elif isinstance(event, h2.events.DataReceived):
            answer["body"] += event.data.decode("utf-8", "replace")
            self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            answer["done"] = True
        elif isinstance(event, h2.events.StreamReset):
            answer["reset"], answer["done"] = int(event.error_code), True
            self.pending.pop(event.stream_id, None)


def exchange(job, connection):
    authority = job.get("server_name", "api.push.apple.com")
    waiting = []
    for request in job["requests"]:
        waiting.append(connection.send(request, authority))
        while not job.get("together") and not connection.answers[waiting[-1]]["done"]:
            if not connection.receive():
                return
    enough = job.get("enough", len(waiting))
    while sum(connection.answers[stream]["done"] for stream in waiting) < enough:
        if not connection.receive():
            return
    if job.get("wait_for_end"):
        print("waiting", flush=True)
        while connection.receive():
            pass


def main():
    if len(sys.argv) > 1:
        with open(sys.argv[1], encoding="utf-8") as file:
            job = json.load(file)
    else:
        job = json.load(sys.stdin)
    seen, answers = {"failure": None}, []
    connection = None
    try:
        connection = Connection(job)
        exchange(job, connection)
    except (OSError, h2.exceptions.H2Error) as failure:
        seen["failure"] = f"{type(failure).__name__}: {failure}"
    if connection:
        seen = {**connection.seen, "failure": seen["failure"]}
        answers = [{key: value for key, value in answer.items() if key != "done"}
                   for _, answer in sorted(connection.answers.items())]
    print(json.dumps({"answers": answers, **seen}))


main()
