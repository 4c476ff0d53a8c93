"""Runs pytapo's media session against a simulated port 8800.

Arguments: port, password, sha256 or md5. Exits with 0 if the parts came whole.
"""

import asyncio
import json
import sys

from pytapo.media_stream.session import HttpMediaSession
from pytapo.const import EncryptionMethod

port, password = int(sys.argv[1]), sys.argv[2]
method = EncryptionMethod.SHA256 if sys.argv[3] == "sha256" else EncryptionMethod.MD5
REQUEST = {
    "type": "request",
    "seq": 1,
    "params": {
        "preview": {"audio": ["default"], "channels": [0], "resolutions": ["HD"]},
        "method": "get",
    },
}


async def run():
    session = HttpMediaSession("127.0.0.1", password, "", method, port=port)
    async with session:
        parts = 0
        async for answer in session.transceive(json.dumps(REQUEST)):
            if answer.mimetype == "video/mp2t":
                if answer.plaintext[0] != 0x47 or len(answer.plaintext) != 188:
                    raise SystemExit("a part is broken")
                parts += 1
            if parts == 60:
                return
    raise SystemExit(f"only {parts} parts came")


asyncio.run(run())
