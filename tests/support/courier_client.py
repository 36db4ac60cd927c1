#!/usr/bin/python3
"""A courier client that shares no code with the project: Python's ssl module, and openssl for the signature.

Connects with ALPN apns-security-v3, gets (or presents) a token, asks for an app token, filters one topic, receives
pushes, acks them. Prints one JSON object of what it saw. Source of the format: docs/protocol/courier.md.
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


def field(number, value):
    return struct.pack(">BH", number, len(value)) + value


def frame(command, *fields):
    body = b"".join(fields)
    return struct.pack(">BI", command, len(body)) + body


class Courier:
    def __init__(self, options):
        context = ssl.create_default_context(cafile=options.ca)
        context.set_alpn_protocols([options.alpn])
        raw = socket.create_connection(("127.0.0.1", options.port), timeout=20)
        self.tls = context.wrap_socket(raw, server_hostname="courier.push.apple.com")
        self.buffer = b""

    def send(self, data):
        self.tls.sendall(data)

    def read(self, size):
        while len(self.buffer) < size:
            more = self.tls.recv(4096)
            if not more:
                raise EOFError("closed by the courier")
            self.buffer += more
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def receive(self):
        """The command and a list of (id, value)."""
        command, length = struct.unpack(">BI", self.read(5))
        body, fields = self.read(length), []
        while body:
            number, size = struct.unpack(">BH", body[:3])
            fields.append((number, body[3 : 3 + size]))
            body = body[3 + size :]
        return command, dict(fields)


def connect_frame(options, token):
    nonce = struct.pack(">BQ", 0, int(time.time() * 1000)) + os.urandom(8)
    signature = subprocess.run(["openssl", "dgst", "-sha1", "-sign", options.key], input=nonce,
                               stdout=subprocess.PIPE, check=True).stdout
    with open(options.cert, encoding="ascii") as file:
        certificate = ssl.PEM_cert_to_DER_cert(file.read())
    cached = [field(1, token)] if token else []
    return frame(7, *cached, field(2, b"\1"), field(5, b"\0\0\0\x41"), field(12, certificate), field(13, nonce),
                 field(14, b"\1\1" + signature), field(16, b"\0\x0b"))


def main():
    parser = argparse.ArgumentParser()
    for name in ("--ca", "--cert", "--key", "--topic"):
        parser.add_argument(name, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--alpn", default="apns-security-v3")
    parser.add_argument("--token", default="", help="cached base token, hexadecimal")
    parser.add_argument("--expect", type=int, default=0, help="how many pushes to wait for")
    parser.add_argument("--no-ack", action="store_true")
    parser.add_argument("--keepalive", action="store_true", help="send one after the filter and wait for its answer")
    parser.add_argument("--then", default="", help="shell command once nothing is stored; {token} is the app token")
    parser.add_argument("--raw", default="", help="send these octets (hexadecimal) after the handshake, read to the end")
    options = parser.parse_args()
    seen = {"no_storage": False, "pushes": []}
    try:
        courier = Courier(options)
        if options.raw:
            courier.send(bytes.fromhex(options.raw))
            courier.read(1)
        talk(options, courier, seen)
    except EOFError as closed:
        seen["closed"] = str(closed)
    except OSError as failed:
        seen["failed"] = str(failed)
    print(json.dumps(seen))


def talk(options, courier, seen):
    topic = hashlib.sha1(options.topic.encode()).digest()
    cached = bytes.fromhex(options.token)
    courier.send(connect_frame(options, cached))
    command, answer = courier.receive()
    assert command == 8, command
    seen["status"] = answer[1][0]
    seen["new_token"] = 3 in answer
    if seen["status"] != 0:
        courier.read(1)  # the end
    assert len(answer[4]) == 2 and 5 in answer and 6 in answer and len(answer[10]) == 8, answer
    base = answer.get(3, cached)
    seen["base"] = base.hex()
    courier.send(frame(0x11, field(1, base), field(2, topic), field(3, b"\0\1")))
    command, answer = courier.receive()
    assert command == 0x12 and answer[1] == b"\0" and answer[3] == topic, answer
    seen["app"] = answer[2].hex()
    courier.send(frame(0x14, field(1, b"\1"), field(2, b"\x7f\xff\xff\xff")))
    courier.send(frame(9, field(1, base), field(2, topic)))
    if options.keepalive:
        courier.send(frame(0x0C))
    while len(seen["pushes"]) < options.expect or options.keepalive or not (seen["no_storage"] or seen["pushes"]):
        command, answer = courier.receive()
        if command == 0x0E:
            seen["no_storage"] = True
            if options.then:
                subprocess.run(options.then.replace("{token}", seen["app"]), shell=True, check=True,
                               stdout=subprocess.DEVNULL)
        elif command == 0x0A:
            seen["pushes"].append({"token": answer[1].hex(), "topic_fits": answer[2] == topic,
                                   "payload": answer[3].decode(), "storage": answer[7][0]})
            if not options.no_ack:
                courier.send(frame(0x0B, field(1, base), field(4, answer[4]), field(8, b"\0")))
        elif command == 0x0D:
            seen["keepalive_answered"] = True
            options.keepalive = False


main()
