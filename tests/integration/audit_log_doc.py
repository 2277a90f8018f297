#!/usr/bin/env python3
"""Checks the worked example of docs/audit-log.md in another hand than the daemon's.

    audit_log_doc.py docs/audit-log.md [GCSTREAMD]

By the words of that page, with hashlib and the openssl command; then `gcstreamd verify` must agree,
and must not when a digit is changed.
"""

import base64
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path


def example(page):
    """The records and the public key in the page's code blocks."""
    blocks = [text for _, text in re.findall(r"^```(\w*)\n(.*?)^```$", page, re.M | re.S)]
    records = [line for block in blocks for line in block.splitlines() if line.startswith("{")]
    keys = [block for block in blocks if block.startswith("-----BEGIN PUBLIC KEY")]
    assert len(records) == 3 and len(keys) == 1, "the example is not where it was"
    return records, keys[0]


def check_chain(records):
    previous = "0" * 64
    for number, line in enumerate(records, 1):
        body = line[:line.rindex(',"hash":')]
        previous = hashlib.sha256((previous + body).encode()).hexdigest()
        record = json.loads(line)
        assert (record["n"], record["hash"]) == (number, previous), f"record {number}"


def key_id(folder):
    der = subprocess.run(["openssl", "pkey", "-pubin", "-in", "seal.pub", "-outform", "DER"],
                         cwd=folder, check=True, capture_output=True).stdout
    return hashlib.sha256(der[-32:]).hexdigest()[:16]


def check_seal(folder, before, line):
    seal = json.loads(line)
    assert seal["type"] == "seal" and seal["sealNumber"] == 1
    assert seal["previousSeal"] == "0" * 64
    assert (seal["headRecord"], seal["headHash"]) == (before["n"], before["hash"])
    assert seal["keyId"] == key_id(folder)
    (folder / "signed").write_text(line[:line.rindex(',"signature":')], encoding="ascii")
    (folder / "signature").write_bytes(base64.b64decode(seal["signature"], validate=True))
    subprocess.run(["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "seal.pub",
                    "-in", "signed", "-sigfile", "signature"], cwd=folder, check=True)


def verify(binary, folder, records):
    (folder / "audit.jsonl").write_text("\n".join(records) + "\n", encoding="ascii")
    return subprocess.run([binary, "verify", "--public-key", "seal.pub", "audit.jsonl"],
                          cwd=folder, check=False).returncode


def check_binary(binary, folder, records):
    assert verify(binary, folder, records) == 0
    changed = records[:2] + [records[2].replace('"signature":"T', '"signature":"U')]
    assert changed != records
    assert verify(binary, folder, changed) == 65


def main(arguments):
    records, key = example(Path(arguments[0]).read_text(encoding="utf-8"))
    check_chain(records)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "seal.pub").write_text(key, encoding="ascii")
        check_seal(folder, json.loads(records[1]), records[2])
        if len(arguments) > 1:
            check_binary(Path(arguments[1]).resolve(), folder, records)


if __name__ == "__main__":
    main(sys.argv[1:])
