#!/usr/bin/python3
"""Checks what the linker cannot see: which folder includes which, and where third-party headers appear.

usage: layers.py [SOURCE_DIR]     prints a line for each violation, exits 1 where there is one
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2])
LAYERS = {  # a layer may include these
    "shared": {"shared"},
    "agent": {"agent", "shared"},
    "server-mock": {"server-mock", "shared"},
    "tools": {"tools", "agent", "server-mock", "shared"},
    "tests": {"tests", "tools", "agent", "server-mock", "shared"},
}
SHARED = {  # inside shared/, a folder may include these besides itself
    "core": set(),
    "cli": set(),
    "plist": {"core"},
    "crypto": {"core"},
    "scep": {"core", "crypto"},
    "mdm": {"core", "plist", "crypto"},
    "apns": {"core", "crypto"},
    "io": {"core"},
    "net": {"core", "crypto"},
}
THIRD_PARTY = {  # headers of a library: the folders whose own headers, or the private headers that, may include it
    "openssl/": {"shared/crypto", "shared/net"},
    "curl/": {"shared/net"},
    "plist/": {"shared/plist"},
    "pugixml": {"shared/plist"},
    "sqlite3": {"shared/io"},
    "nghttp2/": {"server-mock/apns"},
    "nlohmann/": {"server-mock/console", "tools/catalog", "shared/mdm/catalog_read.h"},
    "CLI/": set(),
    "spdlog/": set(),
    "yaml-cpp/": {"tools/catalog"},
    "boost/beast": {"shared/net"},
    "boost/asio/ssl": {"shared/net"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def violations(path):
    name = path.relative_to(ROOT).as_posix()
    parts = name.split("/")
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, target = match.groups()
        to = target.split("/")
        place = f"{name}:{number}"
        if quote == '"':
            if to[0] not in LAYERS:
                yield f"{place}: includes \"{target}\": name our headers from the top of the tree"
                continue
            if to[0] not in LAYERS[parts[0]]:
                yield f"{place}: {parts[0]} may not include {to[0]} ({target})"
            if parts[0] == "shared" and to[0] == "shared" and parts[1] != to[1] and to[1] not in SHARED[parts[1]]:
                yield f"{place}: shared/{parts[1]} may not include shared/{to[1]}"
        elif name.endswith(".h") and parts[0] != "tests":
            for library, folders in THIRD_PARTY.items():
                if target.startswith(library) and not {"/".join(parts[:2]), name} & folders:
                    yield f"{place}: a header of {library.rstrip('/')} in a header outside the folder that wraps it"


def main():
    found = 0
    files = [f for layer in LAYERS for kind in ("*.h", "*.cc") for f in sorted((ROOT / layer).rglob(kind))]
    for path in files:
        for text in violations(path):
            print(text)
            found += 1
    print(f"layers: {len(files)} files, {found} violations")
    sys.exit(1 if found or not files else 0)


main()
