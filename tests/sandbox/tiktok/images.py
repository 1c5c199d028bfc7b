"""Small pictures made on the spot: a bust on a ground whose colour comes from the name."""
import hashlib
import struct
import zlib

from aiohttp import web


def png(name, size):
    """A PNG of size by size pixels."""
    ground = bytes(64 + byte // 2 for byte in hashlib.sha256(name.encode()).digest()[:3])
    front = bytes(255 - (255 - byte) // 3 for byte in ground)
    rows = []
    for y in range(size):
        v = y / size
        half = 0.0
        if 0.2 < v < 0.55:
            half = (0.175**2 - (v - 0.375) ** 2) ** 0.5
        elif v >= 0.62:
            half = 0.34 * (1 - ((1 - v) / 0.38) ** 2) ** 0.5
        left = round((0.5 - half) * size)
        rows.append(b"\0" + ground * left + front * (size - 2 * left) + ground * left)
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks)


def answer(name, query=None, now=0):
    """The picture, 404 for no name, 403 after the time in x-expires."""
    if name is None:
        return web.Response(status=404)
    try:
        size, expires = int(query.get("size", 240)), int(query.get("x-expires", "0"))
    except ValueError:
        return web.Response(status=400)
    if expires < now:
        return web.Response(status=403)
    return web.Response(body=png(name, min(max(size, 8), 1080)), content_type="image/png")
