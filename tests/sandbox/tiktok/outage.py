"""The setting "outage": while it is set, no API or upload call of the app gets through."""
import asyncio

from aiohttp import web

from . import faults

SPARED = ("authorize",)  # a page for people, of another host
PAUSE = 0.05


async def meet(box, request, call):
    """The answer to give instead, or None when there is no outage. A call that stalls is cut at its end."""
    kind = box.settings["outage"]
    if not kind or call.route in SPARED:
        return None
    call.faults.append("outage")
    call.code = "outage"
    while box.settings["outage"] == "stall" and request.transport is not None:
        await asyncio.sleep(PAUSE)
    if kind != "503":
        faults.cut(request, kind == "refuse")
    return web.Response(status=503, text=faults.HTML, content_type="text/html")
