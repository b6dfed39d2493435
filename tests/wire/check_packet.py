#!/usr/bin/env python3
"""Checks heartbeat packets without any of the program's own code.

usage: check_packet.py METHOD KEY [PCAP]

Reads one UDP payload as hex from stdin, or every UDP packet of a capture that tcpdump wrote.
Decodes either frame format, verifies the digest (crc, md5, sha1, sha256) and prints one JSON
object per packet. Exit 0 if there was at least one packet and every digest is right, else 1.
"""
import base64
import binascii
import hmac
import json
import struct
import sys


def crc32_cksum(data):
    """Most significant bit first, start 0, complemented: by zlib's mirrored CRC, mirrored."""
    mirror = bytes(int(f"{byte:08b}"[::-1], 2) for byte in data)
    return int(f"{binascii.crc32(mirror, 0xFFFFFFFF):032b}"[::-1], 2)


def digest(method, key, data):
    if method == "crc":
        return f"{crc32_cksum(data):x}"
    return hmac.new(key, data, method).hexdigest()


def split_element(data):
    """One netstring: its content and the bytes after its comma."""
    length, rest = data.split(b":", 1)
    size = int(length)
    if rest[size:size + 1] != b",":
        raise ValueError("netstring without a comma at its end")
    return rest[:size], rest[size + 1:]


def netstring(frame):
    fields, rest = [], frame[4:]
    while not rest.startswith(b"%%%\n"):
        content, rest = split_element(rest)
        name, value = content[3:].split(b"=", 1)
        fields.append((content[1:2], name, value))
    signed = frame[:len(frame) - len(rest) + 4]
    token, rest = split_element(rest[4:])
    if rest:
        raise ValueError(f"{len(rest)} bytes after the signature")
    return [field for field in fields if field[1] != b"auth"], signed, token


def classic(frame):
    fields, signed, token = [], b"", b""
    lines = frame[4:frame.index(b"\n<<<")].split(b"\n")
    for line in filter(None, lines):
        name, value = line.split(b"=", 1)
        kind, name = (name[1:2], name[3:]) if name[:1] == b"(" else (b"0", name)
        if name == b"auth":
            token = value
            continue
        signed += line + b"\n"
        raw = base64.b64decode(value) if kind == b"1" else value.replace(b"\x13", b"\n")
        fields.append((kind, name, raw))
    return fields, signed, token


def check(frame, method, key):
    parse = {b"###\n": netstring, b">>>\n": classic}.get(frame[:4])
    if parse is None:
        return {"verified": False, "error": f"no frame: {frame[:8]!r}"}
    try:
        fields, signed, token = parse(frame)
        number, claimed = token.split(b" ")
    except ValueError as error:
        return {"verified": False, "error": str(error)}
    return {
        "format": parse.__name__,
        "keynum": int(number),
        "verified": claimed.decode("latin-1") == digest(method, key, signed),
        "fields": {
            name.decode("latin-1"): value.hex() if kind != b"0" else value.decode("utf-8", "replace")
            for kind, name, value in fields
        },
    }


# Bytes before the IP header, by link type: Ethernet, raw IP, Linux cooked (v1, v2).
LINK_HEADERS = {1: 14, 101: 0, 113: 16, 276: 20}


def udp_payloads(pcap):
    order = "<" if pcap[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    link = LINK_HEADERS[struct.unpack(order + "I", pcap[20:24])[0] & 0xFFFF]
    at = 24
    while at + 16 <= len(pcap):
        size = struct.unpack(order + "I", pcap[at + 8:at + 12])[0]
        packet = pcap[at + 16 + link:at + 16 + size]
        at += 16 + size
        version = packet[0] >> 4 if packet else 0
        if version == 4 and packet[9] == 17:
            udp = packet[(packet[0] & 15) * 4:]
        elif version == 6 and packet[6] == 17:
            udp = packet[40:]
        else:
            continue
        yield udp[8:struct.unpack(">H", udp[4:6])[0]]


def main(argv):
    if len(argv) not in (3, 4):
        sys.exit(__doc__)
    method, key = argv[1], argv[2].encode()
    if len(argv) == 4:
        with open(argv[3], "rb") as capture:
            frames = list(udp_payloads(capture.read()))
    else:
        frames = [bytes.fromhex(sys.stdin.read().strip())]
    results = [check(frame, method, key) for frame in frames]
    for result in results:
        print(json.dumps(result))
    return 0 if results and all(result["verified"] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
