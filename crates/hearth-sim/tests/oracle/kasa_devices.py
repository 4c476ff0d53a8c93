"""Runs python-kasa, a client that knows nothing of this project, against simulated devices.

Arguments: kind, port, user name, password. Exits with 0 if what was switched was switched.
"""

import asyncio
import sys

from kasa import (
    AuthenticationError, Credentials, Device, DeviceConfig, DeviceConnectionParameters,
    DeviceEncryptionType, DeviceFamily, Module,
)

kind, port, username, password = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
F, E = DeviceFamily, DeviceEncryptionType
KINDS = {
    "camera": (F.SmartIpCamera, E.Aes, None, True),
    "klap2": (F.SmartTapoPlug, E.Klap, 2, False),
    "klap2-https": (F.SmartTapoPlug, E.Klap, 2, True),
    "klap1-iot": (F.IotSmartPlugSwitch, E.Klap, None, False),
    "aes1": (F.SmartTapoPlug, E.Aes, None, False),
    "aes2": (F.SmartTapoPlug, E.Aes, 2, False),
    "xor": (F.IotSmartPlugSwitch, E.Xor, None, False),
}


def config(word):
    family, encryption, version, https = KINDS[kind]
    parameters = DeviceConnectionParameters(family, encryption, login_version=version, https=https)
    return DeviceConfig(
        "127.0.0.1", port_override=port, timeout=5,
        credentials=Credentials(username, word), connection_type=parameters,
    )


def same(name, found, wanted):
    if found != wanted:
        raise SystemExit(f"{kind}: {name} is {found!r}, not {wanted!r}")
    print(f"{kind}: {name} ok")


async def run():
    device = await Device.connect(config=config(password))
    try:
        await device.update()
        for wanted in (False, True):
            await (device.turn_on() if wanted else device.turn_off())
            await device.update()
            same("state", device.is_on, wanted)
        if kind == "camera":
            same("model", device.model, "C210")
            led = device.modules[Module.Led]
            await led.set_led(False)
            await device.update()
            same("light", led.led, False)
        else:
            energy = device.modules[Module.Energy]
            same("power", energy.current_consumption > 0, True)
            if kind.startswith(("klap2", "aes")):
                same("today", energy.consumption_today, 0.073)
    finally:
        await device.disconnect()
    if kind in ("xor",):
        return
    try:
        device = await Device.connect(config=config("wrong"))
        await device.update()
    except AuthenticationError:
        print(f"{kind}: wrong password ok")
    else:
        raise SystemExit(f"{kind}: a wrong password was accepted")


asyncio.run(run())
