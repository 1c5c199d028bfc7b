#!/usr/bin/python3
"""Write a header with a hash over the static files, for the ?v= of their addresses: OUTPUT INPUT..."""
import hashlib
import sys

digest = hashlib.sha256()
for path in sys.argv[2:]:
    with open(path, "rb") as file:
        digest.update(file.read())
with open(sys.argv[1], "w", encoding="ascii") as out:
    out.write(f'#pragma once\n#define STATIC_VERSION "{digest.hexdigest()[:12]}"\n')
