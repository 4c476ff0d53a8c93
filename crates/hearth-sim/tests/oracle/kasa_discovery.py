"""Runs python-kasa's discovery against a simulated device on 127.0.0.1 and the usual ports.

Argument: the model that must be found.
"""

import asyncio
import sys

from kasa import Credentials, Discover


async def run():
    found = {}

    async def keep(device):
        found[device.host] = device

    credentials = Credentials("anna@example.com", "correct horse")
    await Discover.discover(
        target="127.0.0.1", discovery_timeout=3, credentials=credentials, on_discovered=keep,
    )
    for device in found.values():
        raw = device._discovery_info or {}
        model = raw.get("device_model") or raw.get("result", {}).get("device_model", "")
        print(device.host, model)
        if model == sys.argv[1]:
            await device.disconnect()
            return
    raise SystemExit("nothing was found")


asyncio.run(run())
