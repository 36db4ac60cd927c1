#!/usr/bin/python3
"""A courier client that shares no code with the project: Python's ssl module, and openssl for the signature.

Connects with ALPN apns-security-v3 (the certificate in Connect) or -v2 (in the TLS handshake), or without TLS, gets (or
presents) a token, asks for an app token, filters one topic, receives pushes, acks them. Prints one JSON object of what
it saw. Source of the format: docs/protocol/courier.md.

With --step it does that, in order, after the filter, and ends:
  wait           read until a push has come or NoStorage
  pushes:N       read until N pushes have come in all
  keepalive      send one; its answer is noted whenever it comes
  raw:HEX        send these octets
  keepalives:N   send one after the other, each when the last is answered, for N seconds
  filter:LISTS   send Filter with these lists ("2=TOPIC,3=TOPIC": 2 enabled, 3 ignored, 4 opportunistic, 5 paused)
  connect        Connect once more on this connection, without a token, as another user of a Mac does
  flush          send Flush, read until its response: what was sent before it has come then
  mark           note in `marks` how many pushes have come
  run:COMMAND    in a shell; {token} is the app token
  end            read until the courier closes
"""
import argparse
import hashlib
import json
import os
import socket
import ssl
import struct
import subprocess
import time

MAX_FRAME = 65536


def field(number, value):
    return struct.pack(">BH", number, len(value)) + value


def frame(command, *fields):
    body = b"".join(fields)
    return struct.pack(">BI", command, len(body)) + body


class Oversize(Exception):
    """A length that nobody can mean."""


class Courier:
    def __init__(self, options):
        self.socket = socket.create_connection(("127.0.0.1", options.port), timeout=20)
        if not options.light:
            context = ssl.create_default_context(cafile=options.ca)
            context.set_alpn_protocols([options.alpn])
            if options.alpn == "apns-security-v2":
                context.load_cert_chain(options.cert, options.key)
            self.socket = context.wrap_socket(self.socket, server_hostname=options.server_name)
        self.buffer = b""
        self.pieces = []  # when octets came, in seconds, and how many

    def send(self, data):
        self.socket.sendall(data)

    def fill(self, size):
        while len(self.buffer) < size:
            more = self.socket.recv(4096)
            if not more:
                raise EOFError("closed by the courier")
            self.pieces.append((time.monotonic(), len(more)))
            self.buffer += more

    def receive(self):
        """The command and its fields by id. What is no whole frame stays in the buffer."""
        self.fill(5)
        command, length = struct.unpack(">BI", self.buffer[:5])
        if length > MAX_FRAME:
            raise Oversize(length)
        self.fill(5 + length)
        body, self.buffer = self.buffer[5 : 5 + length], self.buffer[5 + length :]
        fields = []
        while body:
            number, size = struct.unpack(">BH", body[:3])
            fields.append((number, body[3 : 3 + size]))
            body = body[3 + size :]
        return command, dict(fields)


def connect_frame(options, token):
    cached = [field(1, token)] if token else []
    common = [field(2, b"\1"), field(5, b"\0\0\0\x41")]
    if options.alpn == "apns-security-v2" and not options.light:
        return frame(7, *cached, *common, field(16, b"\0\x0b"))
    nonce = struct.pack(">BQ", 0, int(time.time() * 1000)) + os.urandom(8)
    signature = subprocess.run(["openssl", "dgst", "-sha1", "-sign", options.key], input=nonce,
                               stdout=subprocess.PIPE, check=True).stdout
    with open(options.cert, encoding="ascii") as file:
        certificate = ssl.PEM_cert_to_DER_cert(file.read())
    return frame(7, *cached, *common, field(12, certificate), field(13, nonce), field(14, b"\1\1" + signature),
                 field(16, b"\0\x0b"))


class Device:
    """The conversation, and what was seen of it."""

    def __init__(self, options, courier, seen):
        self.options, self.courier, self.seen = options, courier, seen
        self.topic = hashlib.sha1(options.topic.encode()).digest()
        self.base = bytes.fromhex(options.token)
        self.flushed = 0

    def connect(self):
        self.courier.send(connect_frame(self.options, self.base))
        command, answer = self.courier.receive()
        assert command == 8, command
        self.seen["status"] = answer[1][0]
        self.seen["new_token"] = 3 in answer
        if self.seen["status"] != 0:
            self.courier.fill(1)  # the end
        assert len(answer[4]) == 2 and 5 in answer and 6 in answer and len(answer[10]) == 8, answer
        self.base = answer.get(3, self.base)
        self.seen["base"] = self.base.hex()
        self.courier.send(frame(0x11, field(1, self.base), field(2, self.topic), field(3, b"\0\1")))
        command, answer = self.courier.receive()
        assert command == 0x12 and answer[1] == b"\0" and answer[3] == self.topic, answer
        self.seen["app"] = answer[2].hex()
        self.courier.send(frame(0x14, field(1, b"\1"), field(2, b"\x7f\xff\xff\xff")))
        if not self.options.no_filter:
            self.filter([("2", self.options.topic)])

    def filter(self, lists):
        topics = [field(int(number), hashlib.sha1(topic.encode()).digest()) for number, topic in lists]
        self.courier.send(frame(9, field(1, self.base), *topics))

    def receive(self):
        del self.courier.pieces[:]
        command, answer = self.courier.receive()
        if command == 0x0E:
            self.seen["no_storage"] = True
        elif command == 0x0A:
            self.take_push(answer)
        elif command == 0x0D:
            self.seen["keepalive_answered"] = True
        elif command == 0x10:
            self.flushed += 1

    def take_push(self, answer):
        pieces = self.courier.pieces or [(0, 0)]  # it came with another one
        self.seen["pushes"].append({
            "token": answer[1].hex(), "topic_fits": answer[2] == self.topic, "payload": answer[3].decode(),
            "id": int.from_bytes(answer[4], "big"), "storage": answer[7][0] if 7 in answer else None,
            "storage_in_9": answer[9][0] if 9 in answer else None, "priority": answer[13][0] if 13 in answer else None, "largest_piece": max(size for _, size in pieces),
            "pieces": len(pieces), "seconds": pieces[-1][0] - pieces[0][0]})
        if not self.options.no_ack:
            self.courier.send(frame(0x0B, field(1, self.base), field(4, answer[4]),
                                    field(8, bytes([self.options.ack_status]))))

    def waited(self):
        return self.seen["no_storage"] or self.seen["pushes"]

    def step(self, step):
        name, _, argument = step.partition(":")
        if name == "wait":
            while not self.waited():
                self.receive()
        elif name == "pushes":
            while len(self.seen["pushes"]) < int(argument):
                self.receive()
        elif name == "keepalive":
            self.courier.send(frame(0x0C))
        elif name == "keepalives":
            until = time.monotonic() + float(argument)
            while time.monotonic() < until:
                self.seen.pop("keepalive_answered", None)
                self.courier.send(frame(0x0C))
                while "keepalive_answered" not in self.seen:
                    self.receive()
        elif name == "raw":
            self.courier.send(bytes.fromhex(argument))
        elif name == "filter":
            self.filter([entry.split("=") for entry in argument.split(",") if entry])
        elif name == "connect":
            self.seen.setdefault("users", []).append({"base": self.base.hex(), "app": self.seen["app"]})
            self.base = b""
            self.connect()
        elif name == "flush":
            wanted = self.flushed + 1
            self.courier.send(frame(0x0F, field(1, b"\0\0")))
            while self.flushed < wanted:
                self.receive()
        elif name == "mark":
            self.seen.setdefault("marks", []).append(len(self.seen["pushes"]))
        elif name == "run":
            subprocess.run(argument.replace("{token}", self.seen["app"]), shell=True, check=True,
                           stdout=subprocess.DEVNULL)
        elif name == "end":
            while True:
                self.receive()
        else:
            raise ValueError(step)

    def talk(self):
        """What is done without --step."""
        if self.options.keepalive:
            self.step("keepalive")
        ran = False
        while (len(self.seen["pushes"]) < self.options.expect or not self.waited()
               or (self.options.keepalive and "keepalive_answered" not in self.seen)):
            self.receive()
            if self.options.then and self.seen["no_storage"] and not ran:
                ran = True
                self.step("run:" + self.options.then)


def main():
    parser = argparse.ArgumentParser()
    for name in ("--cert", "--key", "--topic"):
        parser.add_argument(name, required=True)
    parser.add_argument("--ca", default="")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--alpn", default="apns-security-v3")
    parser.add_argument("--light", action="store_true", help="no TLS")
    parser.add_argument("--server-name", default="courier.push.apple.com")
    parser.add_argument("--token", default="", help="cached base token, hexadecimal")
    parser.add_argument("--expect", type=int, default=0, help="how many pushes to wait for")
    parser.add_argument("--no-ack", action="store_true")
    parser.add_argument("--ack-status", type=int, default=0)
    parser.add_argument("--no-filter", action="store_true", help="but by --step")
    parser.add_argument("--keepalive", action="store_true", help="send one after the filter and wait for its answer")
    parser.add_argument("--then", default="", help="shell command once nothing is stored; {token} is the app token")
    parser.add_argument("--raw", default="", help="send these octets (hexadecimal) after the handshake, read to the end")
    parser.add_argument("--step", action="append", default=[])
    options = parser.parse_args()
    seen = {"no_storage": False, "pushes": []}
    courier = None
    try:
        courier = Courier(options)
        if options.raw:
            courier.send(bytes.fromhex(options.raw))
            while True:
                courier.receive()
        device = Device(options, courier, seen)
        device.connect()
        for step in options.step:
            device.step(step)
        if not options.step:
            device.talk()
    except EOFError as closed:
        seen["closed"] = str(closed)
        seen["partial"] = len(courier.buffer)
    except Oversize as length:
        seen["oversize"] = length.args[0]
    except OSError as failed:
        seen["failed"] = str(failed)
    print(json.dumps(seen))


main()
