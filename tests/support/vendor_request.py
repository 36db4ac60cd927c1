#!/usr/bin/python3
"""Makes an MDM vendor's signing request with openssl and plistlib, sharing no code with the project.

usage: vendor_request.py FOLDER [--digest sha1|sha256] [--key-bits N] [--days N]
Leaves in FOLDER: customer.key, customer.csr (DER), customer.csr.pem, vendor.pem, wwdr.pem, root.pem, request.plist,
request.b64 (lines of 64 characters, as some tools fold it).
"""
import argparse
import base64
import pathlib
import plistlib
import subprocess

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=pathlib.Path)
parser.add_argument("--digest", default="sha256")
parser.add_argument("--key-bits", default="2048")
parser.add_argument("--days", default="30")
options = parser.parse_args()
folder = options.folder


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


EC = ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]  # quick to make


def certificate(name, subject, issuer, extensions, key=EC):
    openssl("req", "-newkey", *key, "-nodes", "-subj", subject, "-keyout", f"{name}.key", "-out", f"{name}.csr")
    (folder / f"{name}.ext").write_text(extensions)
    signer = ["-signkey", f"{name}.key"] if issuer is None else ["-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key",
                                                                 "-CAcreateserial"]
    openssl("x509", "-req", "-in", f"{name}.csr", *signer, "-days", options.days, "-extfile", f"{name}.ext", "-out",
            f"{name}.pem")


ca = "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n"
certificate("root", "/O=Pretend Fruit/CN=Root CA", None, ca)
certificate("wwdr", "/O=Pretend Fruit/CN=Developer Relations CA", "root", ca)
certificate("vendor", "/O=Vendor Inc./CN=MDM Vendor: Example", "wwdr", "keyUsage=digitalSignature\n", ["rsa:2048"])
openssl("req", "-newkey", f"rsa:{options.key_bits}", "-nodes", "-subj", "/O=Customer/CN=mdm.example", "-keyout",
        "customer.key", "-outform", "DER", "-out", "customer.csr")
openssl("req", "-inform", "DER", "-in", "customer.csr", "-out", "customer.csr.pem")
openssl("dgst", f"-{options.digest}", "-sign", "vendor.key", "-out", "signature", "customer.csr")

request = plistlib.dumps({
    "PushCertRequestCSR": base64.b64encode((folder / "customer.csr").read_bytes()).decode(),
    "PushCertCertificateChain": "".join((folder / f"{name}.pem").read_text() for name in ("vendor", "wwdr", "root")),
    "PushCertSignature": base64.b64encode((folder / "signature").read_bytes()).decode(),
})
(folder / "request.plist").write_bytes(request)
(folder / "request.b64").write_bytes(base64.encodebytes(request))
