"""Changes what a hub lets an assistant change, and is refused the rest.

The administrator's password comes in ADMIN_PASSWORD: a person makes tokens and says yes. There is a
camera `Front door` and a plug `Lamp`, and Anna has a PIN.
"""

PIN = "739105826417"
ACTIONS = ["arm", "control_devices", "read_devices", "read_events", "manage_rules", "playback"]


def facts(result):
    assert not result.is_error, result.structured_content
    return result.structured_content["facts"]


def code(result):
    assert result.is_error, result.structured_content
    return result.structured_content["facts"]["error"]["code"]


class Person:
    """Somebody signed in to the dashboard."""

    def __init__(self, http, csrf):
        self.http, self.csrf = http, csrf

    async def send(self, method, path, body=None):
        headers = {"X-CSRF-Token": self.csrf}
        answer = await self.http.request(method, "/api/v1" + path, json=body, headers=headers)
        assert answer.is_success, (path, answer.text)
        return answer.json() if answer.content else None

    async def token(self, name, actions, **scope):
        body = {"name": name, "scope": {"actions": actions, **scope}}
        return (await self.send("POST", "/tokens", body))["secret"]

    async def rings(self):
        camera = (await self.send("GET", "/cameras"))["cameras"][0]["id"]
        await self.send("PATCH", f"/cameras/{camera}", {"detection": {"visits": True}})
        return (await self.send("POST", f"/cameras/{camera}/ring", {}))["id"]

    async def says_yes(self):
        """Waits for what an assistant asks, and agrees to it once."""
        while True:
            asked = (await self.send("GET", "/assistant"))["approvals"]
            if asked:
                await self.send("POST", f"/assistant/approvals/{asked[0]['id']}", {"answer": "once"})
                return asked[0]


@contextlib.asynccontextmanager
async def signed_in():
    async with httpx2.AsyncClient(verify=pinned(), base_url=URL) as http:
        credentials = {"name": "admin", "password": os.environ["ADMIN_PASSWORD"]}
        begun = await http.post("/api/v1/session", json=credentials)
        assert begun.is_success, begun.text
        yield Person(http, begun.json()["csrf"])


async def is_refused(client, wanted):
    """What would change something is not offered, not done, and says why."""
    listed = {tool.name for tool in (await client.list_tools()).tools}
    for tool, arguments in {
        "alarm_arm": {"mode": "night", "anyway": True},
        "alarm_disarm": {"pin": PIN},
        "device_set": {"device": "Lamp", "control": "power", "value": False},
    }.items():
        assert tool not in listed, tool
        result = await client.call_tool(tool, {**arguments, "confirm": True})
        assert code(result) == wanted, (tool, result.structured_content)
    assert facts(await client.call_tool("alarm_show"))["state"] == "disarmed"


async def changes(client, visit, mark):
    """Everything once; each time first without a person's yes."""

    async def agreed(tool, arguments):
        assert code(await client.call_tool(tool, arguments)) == "confirmation_needed", tool
        return facts(await client.call_tool(tool, {**arguments, "confirm": True}))

    armed = await agreed("alarm_arm", {"mode": "night", "anyway": True})
    assert (armed["state"], armed["mode"]) == ("armed", "night"), armed
    wrong = await client.call_tool("alarm_disarm", {"pin": "951327048639", "confirm": True})
    assert code(wrong) == "pin_wrong", wrong.structured_content
    assert facts(await client.call_tool("alarm_show"))["state"] == "armed"
    assert (await agreed("alarm_disarm", {"pin": PIN}))["state"] == "disarmed"
    for value in (True, False):
        await agreed("device_set", {"device": "Lamp", "control": "power", "value": value})
        lamp = facts(await client.call_tool("device_read", {"device": "Lamp"}))
        power = next(one for one in lamp["controls"] if one["key"] == "power")
        assert power["value"] is value, power
    assert (await agreed("visit_acknowledge", {"visit": visit, "state": mark}))["state"] == mark
    draft = {"sentence": "When somebody rings, tell everybody."}
    assert facts(await client.call_tool("rule_draft", draft))["rule"]["is_on"] is False
    assert facts(await client.call_tool("rule_list"))["rules"] == [], "a person makes rules"


async def main():
    async with signed_in() as person:
        visit = await person.rings()
        async with over_stdio() as client:
            await is_refused(client, "read_only")
        print("stdio: only looks", flush=True)
        async with over_stdio("--allow-changes") as client:
            await changes(client, visit, "seen")
        print("stdio: changed", flush=True)
        async with over_http(os.environ["ORACLE_TOKEN"]) as client:
            await is_refused(client, "denied")
        print("http: may not", flush=True)
        async with over_http(await person.token("never asks", ACTIONS, asks="never")) as client:
            await changes(client, visit, "answered")
        print("http: changed", flush=True)
        async with over_http(await person.token("asks", ACTIONS)) as client:
            arm = client.call_tool("alarm_arm", {"mode": "night", "anyway": True})
            armed, asked = await asyncio.gather(arm, person.says_yes())
            assert asked["tool"] == "alarm_arm" and asked["arguments"]["mode"] == "night", asked
            assert facts(armed)["state"] == "armed"
        print("http: asked", flush=True)


asyncio.run(main())
