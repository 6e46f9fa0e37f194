#!/usr/bin/env python3
"""A second verifier for exports and case bundles, written from docs/journal.md alone, with nothing but Python's own library.

    python3 verify.py pub.txt FILE.zip ...

prints "sound FILE" or "broken FILE: why" for each file, and exits with 0 if all are sound, with 1 if not. It says less than auditverify
about what is wrong, and it must agree with it on what is sound.
"""
import base64, datetime, hashlib, json, re, struct, sys, zipfile

sha256 = lambda b: hashlib.sha256(b).digest()
MAX_RECORD, MAX_SMALL, MAX_MANIFEST, FOREVER = 1 << 20, 1 << 16, 1 << 24, 10**18


class Broken(Exception):
    pass


def need(condition, why):
    if not condition:
        raise Broken(why)


# Ed25519 as in RFC 8032, verification only. Points are (X, Y, Z, T) with x = X/Z, y = Y/Z, x*y = T/Z.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(s, p):
    q = (0, 1, 1, 0)
    while s:
        if s & 1:
            q = add(q, p)
        p, s = add(p, p), s >> 1
    return q


def decompress(b):
    y = int.from_bytes(b, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - x2) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519(key, message, signature):
    a, s = decompress(key), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    x, y, z, _ = add(multiply(s, BASE), multiply(h, (P - a[0], a[1], 1, P - a[3])))
    x, y = x * pow(z, P - 2, P) % P, y * pow(z, P - 2, P) % P
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


# Text forms.
def unbase64(text, size=None):
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raise Broken("base64")
    need(base64.b64encode(raw).decode() == text and size in (None, len(raw)), "base64")
    return raw


def number(text):
    need(re.fullmatch("0|[1-9][0-9]{0,17}", text), "number")
    return int(text)


def instant(text):
    need(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text, re.ASCII), "time")
    try:
        datetime.datetime(*map(int, re.findall(r"\d+", text)))
    except ValueError:
        raise Broken("time")
    return text


class Key:
    def __init__(self, text):
        parts = text.split("+", 2)
        need(len(parts) == 3, "key")
        raw = unbase64(parts[2], 33)
        self.text, self.name, self.key, self.hash = text, parts[0], raw[1:], sha256(parts[0].encode() + b"\n" + raw)[:4]
        need(raw[0] == 1 and self.hash.hex() == parts[1] and self.name, "key")
        self.first, self.last, self.follows, self.followed = 0, FOREVER, False, False


def open_note(raw):
    """The text that is signed, and (name, key hash, signature) of each line below it."""
    try:
        whole = raw.decode()
    except UnicodeDecodeError:
        raise Broken("note: not UTF-8")
    need(not re.search("[\x00-\x09\x0b-\x1f]", whole) and len(raw) <= MAX_SMALL and "\n\n" in whole and whole.endswith("\n"), "note")
    text, lines = whole.rsplit("\n\n", 1)
    signatures = []
    for line in lines[:-1].split("\n"):
        m = re.fullmatch(r"— ([^\s+]+) (\S+)", line)
        need(m, "note: signature line")
        b = unbase64(m[2])
        need(len(b) >= 5, "note: signature line")
        signatures.append((m[1], b[:4], b[4:]))
    need(len(signatures) <= 100 and len({s[:2] for s in signatures}) == len(signatures), "note: a key signs twice")
    return text + "\n", signatures


def open_checkpoint(raw, keys):
    """(size, root, time, the key that signed)."""
    text, signatures = open_note(raw)
    lines = text.split("\n")
    need(len(lines) == 5 and lines[3].startswith("at "), "checkpoint: form")
    size, root, at, signer = number(lines[1]), unbase64(lines[2], 32), instant(lines[3][3:]), None
    for name, key_hash, signature in signatures:
        for k in keys:
            if (k.name, k.hash) == (name, key_hash):
                need(ed25519(k.key, text.encode(), signature), "checkpoint: signature")
                need(name == lines[0], "checkpoint: origin")
                need(k.first <= size <= k.last, "checkpoint: a key that was not in force")
                signer = k
    need(signer, "checkpoint: no trusted signature")
    return size, root, at, signer


def open_rotation(raw):
    text, signatures = open_note(raw)
    lines = text.split("\n")
    need(len(lines) == 7 and lines[1] == "rotation v1" and len(signatures) == 2, "rotation: form")
    m = re.fullmatch(r"old (\S+)\nnew (\S+)\nfrom (\d+)\nat (\S+)", "\n".join(lines[2:6]))
    need(m, "rotation: form")
    old, new, first = Key(m[1]), Key(m[2]), number(m[3])
    instant(m[4])
    need(old.name == new.name == lines[0] and old.text != new.text, "rotation: names")
    for k, (name, key_hash, signature) in zip((old, new), signatures):
        need((k.name, k.hash) == (name, key_hash) and ed25519(k.key, text.encode(), signature), "rotation: signature")
    return first, text, old, new


def trust(keys, statements):
    """Follows the statements from the trusted keys, forwards and backwards; each must lead to one of them."""
    rest = sorted((open_rotation(raw) for raw in statements), key=lambda r: r[:2])
    while rest:
        known = {k.text: k for k in keys}
        usable = [r for r in rest if r[2].text in known or r[3].text in known]
        need(usable, "rotation: not of a trusted key")
        first, _, old, new = usable[0]
        rest.remove(usable[0])
        old, new = known.get(old.text, old), known.get(new.text, new)
        need(not old.followed and not new.follows, "rotation: two of them contradict each other")
        old.last, old.followed, new.first, new.follows = first, True, first, True
        keys += [k for k in (old, new) if k.text not in known]


# The tree.
leaf_hash = lambda record: sha256(b"\0" + record)
node_hash = lambda left, right: sha256(b"\1" + left + right)


class Tree:
    def __init__(self):
        self.size, self.edge = 0, []

    def append(self, leaf):
        n = self.size
        while n & 1:
            leaf, n = node_hash(self.edge.pop(), leaf), n >> 1
        self.edge.append(leaf)
        self.size += 1

    def root(self):
        if not self.edge:
            return sha256(b"")
        root = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            root = node_hash(left, root)
        return root


def root_by_proof(proof, size, index, leaf):
    """The root that a record's audit path gives, from the leaf up."""
    path, first, last = [], 0, size  # the halves on the way down to the leaf
    while last - first > 1:
        half = 1 << (last - first - 1).bit_length() - 1
        left = index < first + half
        first, last = (first, first + half) if left else (first + half, last)
        path.append(left)
    need(len(path) == len(proof), "proof: length")
    for left, other in zip(reversed(path), proof):
        leaf = node_hash(leaf, other) if left else node_hash(other, leaf)
    return leaf


HEAD = re.compile(rb'\{"v":1,"alg":"sha256","no":([1-9][0-9]{0,17}),"at":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)",')


def lines_of(stream):
    while line := stream.readline(MAX_RECORD + 2):
        need(line.endswith(b"\n"), "a line is cut or too long")
        yield line[:-1]


def head(record):
    m = HEAD.match(record)
    need(m, "not a record")
    return int(m[1]), m[2]


# The archive.
def members(path):
    """The members by name. The zip must say everything once and hold nothing else."""
    raw = open(path, "rb")
    try:
        z = zipfile.ZipFile(raw)
    except (zipfile.BadZipFile, OSError) as e:
        raise Broken(f"zip: {e}")
    at = 0
    for i in sorted(z.infolist(), key=lambda i: i.header_offset):
        raw.seek(i.header_offset)
        b = raw.read(30)
        need(i.header_offset == at and len(b) == 30 and b[:4] == b"PK\3\4", "zip: a gap")
        flags, method, _, _, crc, packed, size, name, extra = struct.unpack("<HHHHLLLHH", b[6:])
        n = raw.read(name)
        need(n == i.orig_filename.encode("utf-8" if i.flag_bits & 0x800 else "cp437"), "zip: a member has two names")
        need(flags == i.flag_bits and method == i.compress_type, "zip: a member is said to be two things")
        at += 30 + name + extra + i.compress_size
        if flags & 8:
            raw.seek(at)
            large = max(i.compress_size, i.file_size) >= 2**32 - 1
            b = raw.read(24 if large else 16)
            need(len(b) == (24 if large else 16), "zip: cut")
            mark, crc, packed, size = struct.unpack("<4sLQQ" if large else "<4sLLL", b)
            need(mark == b"PK\7\x08", "zip: descriptor")
            at += len(b)
        need((crc, packed, size) == (i.CRC, i.compress_size, i.file_size), "zip: a member has two sizes")
    end = raw.seek(0, 2) - 22
    raw.seek(end)
    mark, count, length, offset, comment = struct.unpack("<4s6xHLLH", raw.read(22))
    need(mark == b"PK\5\6" and comment == 0, "zip: something behind the directory")
    need(count == 0xFFFF or at >= 2**32 - 1 or (offset == at and at + length == end), "zip: a gap before the directory")
    raw.seek(at)
    while count < 0xFFFF and at < end:
        b = raw.read(46)
        need(len(b) == 46 and b[:4] == b"PK\1\2", "zip: directory")
        version, name, extra, text = struct.unpack("<6xH20xHHH12x", b)
        need(version <= 45, "zip: a newer version")
        at, count = at + 46 + name + extra + text, count - 1
        raw.seek(at)
    need(count in (0, 0xFFFF) and at <= end, "zip: directory")
    infos = {i.orig_filename: i for i in z.infolist()}
    need(len(infos) == len(z.infolist()), "a member is there twice")
    return z, infos


README = ["21f93125ba04b1f501579d430cf1366832e8ca2589202aabd8e274696e7eda00",
          "30e04c982dba423e70157b4937903e5f76a73ee2f6d33f73f83085c1d531fee4"]
NAMES = r"case\.[a-z]{1,8}|attachments/[0-9a-f]{64}|rotations/[0-9]{12,18}\.txt|README\.txt"


def small(z, info, limit=MAX_SMALL):
    with z.open(info) as f:
        text = f.read(limit + 1)
    need(len(text) <= limit, info.filename + " is too long")
    return text


def verify(path, keys):
    try:
        z, infos = members(path)
        if "journal.ndjson" in infos or "leaves.txt" in infos:
            verify_export(z, infos, keys)
        else:
            verify_bundle(z, infos, keys)
    except KeyError as e:
        raise Broken(f"missing: {e}")
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, zipfile.zlib.error) as e:
        raise Broken(f"zip: {e}")


def rotations(z, infos, keys):
    found = {name: small(z, i) for name, i in infos.items() if re.fullmatch(r"rotations/[0-9]{12,18}\.txt", name)}
    for name, raw in found.items():
        need(name == "rotations/%012d.txt" % open_rotation(raw)[0], name)
    trust(keys, found.values())


def verify_export(z, infos, keys):
    notes = []
    rotations(z, infos, keys)
    for name, i in infos.items():
        m = re.fullmatch(r"checkpoints/([0-9]{12,18})(-[1-9][0-9]*)?\.txt", name)
        if m:
            notes.append(open_checkpoint(small(z, i), keys))
            need(m[1] == "%012d" % notes[-1][0], name)
        elif name == "README.txt":
            need(hashlib.sha256(small(z, i)).hexdigest() in README, name)
        elif name == "key.txt":
            listed = small(z, i).decode("latin-1").split("\n")
            need(listed.pop() == "" and listed and listed == sorted(set(listed)) and set(listed) <= {k.text for k in keys}, name)
        else:
            need(name in ("journal.ndjson", "leaves.txt") or re.fullmatch(r"rotations/[0-9]{12,18}\.txt", name), name + " is not accounted for")
    need(notes, "no checkpoint")
    notes.sort(key=lambda n: n[:3])
    for a, b in zip(notes, notes[1:]):
        need(a[0] == b[0] or a[2] <= b[2], "checkpoints: more records at an earlier time")
    tree, before, roots = Tree(), b"", {}
    roots[0] = tree.root()
    sizes = {n[0] for n in notes}
    with z.open(infos["journal.ndjson"]) as journal, z.open(infos["leaves.txt"]) as leaves:
        listed = lines_of(leaves)
        for record in lines_of(journal):
            no, at = head(record)
            need(no == tree.size + 1 and at >= before, f"record {no}: number or time")
            leaf, before = leaf_hash(record), at
            need(unbase64(next(listed, b"").decode("latin-1"), 32) == leaf, f"record {no}: hash")
            tree.append(leaf)
            if tree.size in sizes:
                roots[tree.size] = tree.root()
        need(next(listed, None) is None, "leaves.txt is longer than the journal")
    for size, root, _, _ in notes:
        need(roots.get(size) == root, f"the checkpoint of {size} records")


PROOF = re.compile(rb'\{"no":(\d+),"leaf":"([^"]*)","proof":\[((?:"[^"]*"(?:,(?!\])|(?=\])))*)\]\}')


def verify_bundle(z, infos, keys):
    rotations(z, infos, keys)
    size, root, _, signer = open_checkpoint(small(z, infos["checkpoint.txt"]), keys)
    need(small(z, infos["key.txt"]) == signer.text.encode() + b"\n", "key.txt")
    numbers, last, before = [], None, (0, b"")
    with z.open(infos["records.ndjson"]) as records, z.open(infos["proofs.ndjson"]) as proofs:
        proofs = lines_of(proofs)
        for record in lines_of(records):
            no, at = head(record)
            need(no > before[0] and at >= before[1], f"record {no}: order")
            m = PROOF.fullmatch(next(proofs, b""))
            need(m and int(m[1]) == no and str(no).encode() == m[1], f"record {no}: no proof")
            leaf = unbase64(m[2].decode("latin-1"), 32)
            path = [unbase64(h, 32) for h in re.findall('"([^"]*)"', m[3].decode("latin-1"))]
            need(leaf == leaf_hash(record) and no <= size, f"record {no}: hash")
            need(root_by_proof(path, size, no - 1, leaf) == root, f"record {no}: proof")
            before, last = (no, at), record
            numbers.append(no)
        need(next(proofs, None) is None, "a proof too many")
    need(numbers, "no records")
    listed = b"".join(b"%d\n" % n for n in numbers[:-1])
    manifest = "battlemap case v1\nrecords %d %s\n" % (len(numbers) - 1, hashlib.sha256(listed).hexdigest())
    infos["README.txt"], infos["manifest.txt"]
    for name in sorted(set(infos) - {"key.txt", "checkpoint.txt", "records.ndjson", "proofs.ndjson", "manifest.txt"}):
        need(re.fullmatch(NAMES, name), name + " is not accounted for")
        sum, length = hashlib.sha256(), 0
        with z.open(infos[name]) as f:
            while part := f.read(1 << 16):
                sum.update(part)
                length += len(part)
        need(not name.startswith("attachments/") or name == "attachments/" + sum.hexdigest(), name)
        manifest += "%s %d %s\n" % (sum.hexdigest(), length, name)
    need(small(z, infos["manifest.txt"], MAX_MANIFEST) == manifest.encode(), "manifest.txt")
    mark = '{"manifest":"%s","records":%d}' % (hashlib.sha256(manifest.encode()).hexdigest(), len(numbers) - 1)
    record = json.loads(last, object_pairs_hook=once)
    need(record.get("action") == "case.export" and record.get("after") == json.loads(mark) and mark.encode() in last, "the last record")


def once(pairs):
    need(len(dict(pairs)) == len(pairs), "a field is there twice")
    return dict(pairs)


def main(public, paths):
    sound = True
    for path in paths:
        try:
            with open(public) as f:
                keys = [Key(line) for line in f.read().split()]
            verify(path, keys)
            print("sound", path)
        except (Broken, ValueError) as why:
            sound = False
            print(f"broken {path}: {why}")
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
