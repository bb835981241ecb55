#!/usr/bin/env python3
"""Checks an exported log with nothing but public specifications: C2SP tlog-tiles, tlog-checkpoint,
tlog-cosignature, signed-note and tlog-proof, RFC 6962/9162 hashing, RFC 8032 signatures.

Shares no code with the product and needs only Python's standard library.

    verify_ledger.py FOLDER

FOLDER holds `checkpoint`, `tile/...` as tlog-tiles lays them out, `keys` (one verifier key a line, the
log's first), `needed` (how many cosignatures), and optionally `proofs/*.tlog-proof` and
`consistency/*` (tlog-witness requests whose old root stands in `consistency/<name>.root`, base64).
Prints a JSON summary; on the first fault prints it with the index of the entry and exits with 1.
"""

import base64
import hashlib
import json
import pathlib
import sys


class Fault(Exception):
    pass


# --- Ed25519 (RFC 8032 section 5.1.7), verification only, extended coordinates ---

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if x2 == 0:
        return None if sign else 0
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * SQRT_M1 % P
    if (x * x - x2) % P:
        return None
    return P - x if x & 1 != sign else x


def decompress(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def add(a, b):
    m, n = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = decompress(BASE_Y.to_bytes(32, "little"))


def ed25519_verifies(public, message, signature):
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r = decompress(public), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    k = hashlib.sha512(signature[:32] + public + message).digest()
    left, right = times(s, BASE), add(r, times(int.from_bytes(k, "little") % L, a))
    same_x = (left[0] * right[2] - right[0] * left[2]) % P == 0
    return same_x and (left[1] * right[2] - right[1] * left[2]) % P == 0


# --- Merkle tree (RFC 9162 section 2.1) ---


def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(hashes):
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return node_hash(tree_root(hashes[:k]), tree_root(hashes[k:]))


def root_from_inclusion(index, size, leaf, path):
    """RFC 9162 section 2.1.3.2."""
    if index >= size:
        raise Fault("the proof is of an entry beyond the tree")
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            raise Fault("the proof is too long")
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise Fault("the proof is too short")
    return r


def consistent(first, second, first_root, second_root, path):
    """RFC 9162 section 2.1.4.2."""
    if first == second:
        return not path and first_root == second_root
    if first == 0:
        return not path and first_root == hashlib.sha256(b"").digest()
    if not path:
        return False
    if first & (first - 1) == 0:
        path = [first_root] + path
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return fr == first_root and sr == second_root and sn == 0


# --- signed notes, checkpoints, cosignatures ---


def read_keys(text):
    keys = []
    for line in text.split():
        name, number, material = line.split("+", 2)
        material = base64.b64decode(material, validate=True)
        key_id = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
        if key_id.hex() != number:
            raise Fault(f"the verifier key of {name} has a wrong id")
        keys.append((name, key_id, material[0], material[1:]))
    return keys


def read_checkpoint(note, keys, needed):
    """The tree head, after the log's signatures and enough cosignatures were checked."""
    text, _, lines = note.rpartition("\n\n")
    text += "\n"
    valid = {}
    for line in lines.splitlines():
        dash, name, data = line.split(" ")
        data = base64.b64decode(data, validate=True)
        if dash != "\u2014":
            raise Fault("a signature line does not begin as it should")
        for key_name, key_id, kind, public in keys:
            if (key_name, key_id) != (name, data[:4]):
                continue
            if kind == 1:
                message, signature, time = text.encode(), data[4:], None
            else:
                time = int.from_bytes(data[4:12], "big")
                message = f"cosignature/v1\ntime {time}\n{text}".encode()
                signature = data[12:]
            if not ed25519_verifies(public, message, signature):
                raise Fault(f"the signature of {name} does not verify")
            valid[(name, kind)] = time
    origin, size, root = text.splitlines()[:3]
    if (origin, 1) not in valid or (origin, 4) not in valid:
        raise Fault("the log did not sign the checkpoint")
    witnesses = sorted(name for name, kind in valid if kind == 4 and name != origin)
    if len(witnesses) < needed:
        raise Fault(f"{len(witnesses)} cosignatures, {needed} needed")
    return {
        "origin": origin,
        "size": int(size),
        "root": base64.b64decode(root, validate=True),
        "time": valid[(origin, 4)],
        "witnesses": witnesses,
    }


# --- tiles (C2SP tlog-tiles) ---


def tile_path(number):
    parts = [f"{number % 1000:03}"]
    while number >= 1000:
        number //= 1000
        parts.insert(0, f"x{number % 1000:03}")
    return "/".join(parts)


def read_resource(folder, kind, number, width):
    path = f"tile/{kind}/{tile_path(number)}" + (f".p/{width}" if width < 256 else "")
    try:
        return (folder / path).read_bytes()
    except FileNotFoundError:
        raise Fault(f"{path} is missing") from None


def widths(count):
    return [(n, min(256, count - 256 * n)) for n in range((count + 255) // 256)]


def read_entries(folder, size):
    entries = []
    for number, width in widths(size):
        data, at, found = read_resource(folder, "entries", number, width), 0, 0
        while at < len(data):
            length = int.from_bytes(data[at : at + 2], "big")
            entries.append(data[at + 2 : at + 2 + length])
            if len(entries[-1]) != length:
                raise Fault(f"entry {len(entries) - 1} is cut off")
            at, found = at + 2 + length, found + 1
        if found != width:
            raise Fault(f"entry {len(entries)}: its bundle holds {found} entries, not {width}")
    return entries


def check_tiles(folder, hashes):
    level = 0
    while hashes:
        above = []
        for number, width in widths(len(hashes)):
            tile = read_resource(folder, str(level), number, width)
            here = hashes[256 * number : 256 * number + width]
            for place, expected in enumerate(here):
                if tile[32 * place : 32 * place + 32] != expected:
                    first = (256 * number + place) << 8 * level
                    raise Fault(f"entry {first} does not fit tile {level}/{number}")
            if len(tile) != 32 * width:
                raise Fault(f"tile {level}/{number} has a wrong length")
            if width == 256:
                above.append(tree_root(here))
        hashes, level = above, level + 1


def read_parts(data):
    """The product's own encoding: each part after its length as u32 BE. Only to count kinds."""
    parts, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        parts.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    return parts


def check_proof(text, keys, needed):
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    if lines[0] != "c2sp.org/tlog-proof@v1":
        raise Fault("it is not a proof file")
    extra = base64.b64decode(lines[1].removeprefix("extra "), validate=True)
    index = int(lines[2].removeprefix("index "))
    path = [base64.b64decode(line, validate=True) for line in lines[3:]]
    checkpoint = read_checkpoint(note, keys, needed)
    root = root_from_inclusion(index, checkpoint["size"], leaf_hash(extra), path)
    if root != checkpoint["root"]:
        raise Fault(f"entry {index}: its proof does not lead to the root")
    return index, extra


def check_consistency(text, old_root, keys):
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    old = int(lines[0].removeprefix("old "))
    path = [base64.b64decode(line, validate=True) for line in lines[1:]]
    new = read_checkpoint(note, keys, 0)
    if not consistent(old, new["size"], old_root, new["root"], path):
        raise Fault(f"the first {old} entries are not those of the tree of {new['size']}")


def main(folder):
    keys = read_keys((folder / "keys").read_text())
    needed = int((folder / "needed").read_text())
    checkpoint = read_checkpoint((folder / "checkpoint").read_text(), keys, needed)
    entries = read_entries(folder, checkpoint["size"])
    hashes = [leaf_hash(entry) for entry in entries]
    check_tiles(folder, hashes)
    if tree_root(hashes) != checkpoint["root"]:
        raise Fault("the entries do not lead to the signed root")
    kinds = {}
    for entry in entries:
        kind = read_parts(entry)[0].decode().removeprefix("sanctuary/v1/log/")
        kinds[kind] = kinds.get(kind, 0) + 1
    proofs = sorted(folder.glob("proofs/*.tlog-proof"))
    for file in proofs:
        index, extra = check_proof(file.read_text(), keys, needed)
        if entries[index] != extra:
            raise Fault(f"entry {index} is not the one of its proof")
    requests = sorted(folder.glob("consistency/*.request"))
    for file in requests:
        old_root = base64.b64decode(file.with_suffix(".root").read_text(), validate=True)
        check_consistency(file.read_text(), old_root, keys)
    print(
        json.dumps(
            {
                "origin": checkpoint["origin"],
                "size": checkpoint["size"],
                "root": checkpoint["root"].hex(),
                "time": checkpoint["time"],
                "witnesses": checkpoint["witnesses"],
                "kinds": dict(sorted(kinds.items())),
                "proofs": len(proofs),
                "consistency": len(requests),
            }
        )
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        main(pathlib.Path(sys.argv[1]))
    except Fault as fault:
        print(fault, file=sys.stderr)
        sys.exit(1)
