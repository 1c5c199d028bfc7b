"""What survives a restart: JSON documents by kind and id, and the log of calls."""
import json
import os
import sqlite3

SCHEMA = """
create table if not exists record (kind text, id text, body text, primary key (kind, id)) without rowid;
create table if not exists call (seq integer primary key, route text, account text, publish_id text, body text);
"""


class Store:
    """One SQLite file. Each change is on the way to the file before the function returns, so that
    killing the sandbox loses nothing; a power failure may."""

    def __init__(self, directory):
        os.makedirs(directory, mode=0o700, exist_ok=True)
        self.db = sqlite3.connect(os.path.join(directory, "sandbox.db"), isolation_level=None)
        self.db.execute("pragma journal_mode = wal")
        self.db.execute("pragma synchronous = off")
        self.db.executescript(SCHEMA)

    def put(self, kind, key, body):
        self.db.execute("insert or replace into record values (?, ?, ?)", (kind, key, json.dumps(body)))

    def delete(self, kind, key):
        self.db.execute("delete from record where kind = ? and id = ?", (kind, key))

    def load(self, kind):
        rows = self.db.execute("select id, body from record where kind = ? order by id", (kind,))
        return {key: json.loads(body) for key, body in rows}

    def clear(self):
        self.db.executescript("delete from record; delete from call;")

    def add_call(self, entry):
        cursor = self.db.execute("insert into call (body) values (?)", (json.dumps(entry),))
        return cursor.lastrowid

    def update_call(self, seq, entry):
        self.db.execute(
            "update call set route = ?, account = ?, publish_id = ?, body = ? where seq = ?",
            (entry["route"], entry["account"], entry["publish_id"], json.dumps(entry), seq),
        )

    def clear_calls(self):
        self.db.execute("delete from call")

    def calls(self, since=0, limit=10000, **match):
        """The calls after `since`, oldest first; match: route, account, publish_id."""
        where = "".join(f" and {column} = ?" for column in match)
        rows = self.db.execute(
            f"select seq, body from call where seq > ?{where} order by seq limit ?",
            (since, *match.values(), limit),
        )
        return [{"seq": seq, **json.loads(body)} for seq, body in rows]
