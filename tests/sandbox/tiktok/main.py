"""Command line, addresses, start and end."""
import argparse
import asyncio
import ctypes
import os
import secrets
import signal
import ssl

from aiohttp import web

from . import (calls, consent, control, display, life, oauth, pages, posting, pull, upload, webhooks)
from .faults import Faults
from .state import Sandbox
from .store import Store

ROUTES = [
    ("GET", "/v2/auth/authorize/", "authorize", consent.show),
    ("POST", "/v2/auth/authorize/", "authorize", consent.decide),
    ("POST", "/v2/oauth/token/", "token", oauth.token),
    ("POST", "/v2/oauth/revoke/", "revoke", oauth.revoke),
    ("GET", "/v2/user/info/", "user_info", display.user_info),
    ("POST", "/v2/video/list/", "video_list", display.video_list),
    ("POST", "/v2/video/query/", "video_query", display.video_query),
    ("POST", "/v2/post/publish/creator_info/query/", "creator_info", posting.creator_info),
    ("POST", "/v2/post/publish/video/init/", "video_init", posting.video_init),
    ("POST", "/v2/post/publish/inbox/video/init/", "inbox_init", posting.inbox_init),
    ("POST", "/v2/post/publish/content/init/", "photo_init", posting.photo_init),
    ("POST", "/v2/post/publish/status/fetch/", "status", posting.status),
    ("POST", "/v2/post/publish/cancel/", "cancel", posting.cancel),
    ("PUT", "/upload/{upload_id}", "upload", upload.put_chunk),
]


def arguments():
    parser = argparse.ArgumentParser(prog="sandbox", description="A strict stand-in for TikTok.")
    parser.add_argument("--port", type=int, required=True, help="0: any free port")
    parser.add_argument("--state", required=True, metavar="DIR")
    parser.add_argument("--client-key", default="sbsandboxclientkey01")
    parser.add_argument("--client-secret-file", metavar="FILE",
                        help="default: DIR/client_secret, made when missing")
    parser.add_argument("--public-host", default="127.0.0.1", help="host in the addresses handed out")
    parser.add_argument("--webhook-url", metavar="URL")
    parser.add_argument("--redirect-uri", action="append", metavar="URI", help="repeatable")
    parser.add_argument("--tls-cert", metavar="FILE")
    parser.add_argument("--tls-key", metavar="FILE")
    return parser.parse_args()


def read_secret(args):
    path = args.client_secret_file or os.path.join(args.state, "client_secret")
    if not args.client_secret_file and not os.path.exists(path):
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(secrets.token_hex(20) + "\n")
    with open(path) as file:
        return file.read().strip()


def build(box):
    app = web.Application()
    for method, path, name, handler in ROUTES:
        app.router.add_route(method, path, calls.endpoint(box, name, handler))
    app.add_routes(control.routes(box))

    async def overview(request):
        return pages.overview(box)

    async def avatar(request):
        return await display.avatar(box, request)

    async def cover(request):
        return await display.cover(box, request)

    app.router.add_get("/", overview)
    app.router.add_get("/avatar/{open_id}.png", avatar)
    app.router.add_get("/cover/{video_id}.png", cover)
    return app


async def serve(args):
    store = Store(args.state)
    settings = {}
    if args.redirect_uri:
        settings["redirect_uris"] = args.redirect_uri
    if args.webhook_url:
        settings["webhook_url"] = args.webhook_url
    box = Sandbox(store, args.state, args.client_key, read_secret(args), settings)
    box.faults = Faults()
    context = None
    if args.tls_cert:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(args.tls_cert, args.tls_key)
    runner = web.AppRunner(build(box), access_log=None, read_bufsize=1 << 20)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", args.port, shutdown_timeout=1, ssl_context=context)
    await site.start()
    scheme, port = "https" if context else "http", site._server.sockets[0].getsockname()[1]
    box.base_url = f"{scheme}://{args.public_host}:{port}"
    webhooks.resume(box)
    pull.resume(box)
    ticker = asyncio.create_task(life.run(box))
    print(f"listening on {scheme}://127.0.0.1:{port}", flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    ticker.cancel()
    box.faults.remove()
    await runner.cleanup()


def keep_freed_memory():
    """Each piece of an upload is read into a new buffer. glibc would map and unmap pages for every
    one of them, which costs several times what the bytes themselves do."""
    trim_threshold, mmap_threshold = -1, -3
    ctypes.CDLL(None).mallopt(mmap_threshold, 64 << 20)
    ctypes.CDLL(None).mallopt(trim_threshold, 256 << 20)


def main():
    keep_freed_memory()
    asyncio.run(serve(arguments()))
