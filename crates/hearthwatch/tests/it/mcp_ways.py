"""The two ways to a hub for PyPI's `mcp`; a script that uses them stands behind.

Arguments: the program, its data folder, the hub's address, the fingerprint of its certificate.
A token to look at everything comes in ORACLE_TOKEN.
"""

import asyncio
import contextlib
import datetime
import hashlib
import os
import ssl
import sys

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

PROGRAM, DATA, URL, FINGERPRINT = sys.argv[1:5]


@contextlib.asynccontextmanager
async def over_stdio(*more):
    server = StdioServerParameters(command=PROGRAM, args=["--data", DATA, "mcp", *more])
    async with Client(stdio_client(server)) as client:
        yield client


def pinned():
    """The certificate is self-signed: it is compared with what the hub printed."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    host, port = URL.removeprefix("https://").rsplit(":", 1)
    shown = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((host, int(port))))
    seen = hashlib.sha256(shown).hexdigest()
    assert seen == FINGERPRINT.replace(":", "").lower(), (seen, FINGERPRINT)
    return context


@contextlib.asynccontextmanager
async def over_http(token):
    headers = {"Authorization": "Bearer " + token}
    async with httpx2.AsyncClient(verify=pinned(), headers=headers) as http:
        transport = streamable_http_client(URL + "/mcp", http_client=http)
        async with Client(transport) as client:
            yield client


