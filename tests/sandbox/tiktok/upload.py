"""The upload host: PUT of one chunk (reference 3.5.3). Bytes are counted and hashed, not kept."""
import os

from aiohttp import web

from . import faults, life
from .answers import Refusal

TYPES = ("video/mp4", "video/quicktime", "video/webm")


def progress(box, publish):
    """The header that tells how far the upload is."""
    done, total = publish["received"], publish["video_size"]
    if box.settings["content_range"] == "index":
        return {"Content-Range": f"bytes 0-{done - 1}/{total}" if done else f"bytes */{total}"}
    return {"Content-Range": f"bytes 0-{done}/{total}"}


def find(box, request):
    publish = box.publishes.get(box.uploads.get(request.match_info["upload_id"]))
    if publish is None or publish["upload_token"] != request.query.get("upload_token"):
        raise Refusal(404, "upload_not_found")
    return publish


def check_open(box, publish):
    if publish["upload_expires_at"] <= box.now():
        raise Refusal(403, "upload_expired")
    if publish["status"] == "FAILED":
        raise Refusal(404, "upload_not_found")


def check_headers(box, request, call, publish):
    """Refuses all but the next chunk of the plan. Returns the number of bytes it must have."""
    if request.content_type not in TYPES:
        raise Refusal(400, "invalid_headers", "Content-Type is not that of a video")
    if request.content_length is None or call.range is None:
        raise Refusal(400, "invalid_headers", "Content-Length or Content-Range is missing or malformed")
    first, last, total = call.range
    size, chunk = publish["video_size"], publish["chunk_size"]
    if total != size or first > last or last >= size:
        raise Refusal(400, "invalid_headers", "Content-Range does not fit the video size")
    index = min(publish["received"] // chunk, publish["chunks"] - 1)
    end = size - 1 if index == publish["chunks"] - 1 else (index + 1) * chunk - 1
    if first != publish["received"] or last != end:
        raise Refusal(416, "range_mismatch", headers=progress(box, publish))
    if request.content_length != last - first + 1:
        raise Refusal(box.settings["length_mismatch_status"], "length_mismatch")


async def put_chunk(box, request, call):
    publish = find(box, request)
    if "Authorization" in request.headers:
        call.warnings.append("needless:Authorization")
    check_open(box, publish)
    check_headers(box, request, call, publish)
    start = publish["received"]
    whole = box.hashes.get(publish["publish_id"])  # None: the sandbox was restarted in between
    whole = whole and whole.copy()
    try:
        await receive(box, request, call, publish, whole)
    except (faults.Cut, ConnectionError, web.RequestPayloadError):
        if box.settings["partial_chunks"] == "keep" and publish["received"] == start:
            accept(box, publish, call.bytes_in, whole)
        raise
    check_open(box, publish)
    if publish["received"] != start:  # another PUT of the same chunk was faster
        raise Refusal(416, "range_mismatch", headers=progress(box, publish))
    accept(box, publish, call.bytes_in, whole)
    if publish["received"] < publish["video_size"]:
        code, status = "chunk_accepted", 206
    else:
        code, status = "upload_complete", box.settings["last_chunk_status"]
        life.all_bytes_in(box, publish)
    call.code = code
    return web.Response(status=status, headers=progress(box, publish))


async def receive(box, request, call, publish, whole):
    """Reads the body to its end, meeting a fault "during" on the way."""
    keep = open_file(box, publish) if box.settings["keep_files"] else None
    rule = call.during
    try:
        while True:
            data = await request.content.readany()
            if not data:
                return
            call.bytes_in += len(data)
            if whole:
                whole.update(data)
            if keep:
                keep.write(data)
            if rule and call.bytes_in >= rule["bytes"]:
                rule, met = None, rule
                box.store.update_call(call.seq, call.entry())
                await faults.act(met, request, call)
    finally:
        if keep:
            keep.close()


def open_file(box, publish):
    directory = os.path.join(box.directory, "files")
    os.makedirs(directory, exist_ok=True)
    path = os.path.join(directory, publish["publish_id"].rpartition(".")[2])
    handle = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb")
    handle.seek(publish["received"])
    return handle


def accept(box, publish, count, whole):
    publish["parts"].append([publish["received"], count])
    publish["received"] += count
    box.hashes[publish["publish_id"]] = whole
    if publish["received"] == publish["video_size"]:
        box.hashes.pop(publish["publish_id"], None)
        if whole:
            publish["sha256"] = whole.hexdigest()
    life.save(box, publish)
