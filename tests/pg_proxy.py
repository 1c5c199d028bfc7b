"""Between a program and PostgreSQL: passes everything on, but loses the answer to one statement.

    pg_proxy.py LISTEN_SOCKET SERVER_SOCKET [NAME]

The server has done what it was asked, COMMIT included; the program sees the connection die instead of the answer (E6).
NAME is what the statement is called in its first comment, or BEGIN or COMMIT; it happens to the first of that name.
Prints the name of each statement when it is first seen, "lost NAME" when it has struck. Peer authentication sees the
user of this process, so it must run as the program's.
"""
import asyncio
import re
import sys

NAMES = re.compile(rb"\x00(?:-- (\w+):|(BEGIN|COMMIT)\x00)")
READY = b"Z\x00\x00\x00\x05"  # ReadyForQuery: the answer is complete


class Proxy:
    def __init__(self, server, lose):
        self.server, self.lose, self.seen = server, lose, set()

    def look(self, data):
        """Whether data holds the statement whose answer is to be lost."""
        struck = False
        for match in NAMES.finditer(data):
            name = (match[1] or match[2]).decode()
            if name not in self.seen:
                self.seen.add(name)
                print(name, flush=True)
            if name == self.lose:
                self.lose, struck = None, True
                print("lost", name, flush=True)
        return struck

    async def serve(self, reader, writer):
        up_reader, up_writer = await asyncio.open_unix_connection(self.server)
        struck = asyncio.Event()
        ways = [asyncio.ensure_future(self.ask(reader, up_writer, struck)),
                asyncio.ensure_future(self.answer(up_reader, writer, struck))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for end in (writer, up_writer):
            end.close()

    async def ask(self, reader, writer, struck):
        tail = b""
        while data := await reader.read(65536):
            if self.look(tail + data):
                struck.set()
            tail = b"" if NAMES.search(tail + data) else data[-64:]
            writer.write(data)
            await writer.drain()

    async def answer(self, reader, writer, struck):
        kept = b""
        while data := await reader.read(65536):
            if struck.is_set():
                kept += data
                if READY in kept:
                    return
            else:
                writer.write(data)
                await writer.drain()


async def main(listen, server, lose=None):
    await asyncio.start_unix_server(Proxy(server, lose).serve, listen)
    print("listening", flush=True)
    await asyncio.Event().wait()


asyncio.run(main(*sys.argv[1:]))
