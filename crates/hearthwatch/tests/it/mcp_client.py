"""Lists, calls and reads everything that a hub offers an assistant, with PyPI's `mcp` as the client.

Arguments: the program, its data folder, the hub's address, the fingerprint of its certificate.
The token comes in ORACLE_TOKEN. Says `WAY: all answered` for each way.
"""

import asyncio
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

NOW = datetime.datetime.now(datetime.timezone.utc)
TIMES = {
    "from": (NOW - datetime.timedelta(hours=1)).isoformat(),
    "to": NOW.isoformat(),
}
# What a tool is called with if it takes it. Nothing is confirmed, so nothing is changed.
ARGUMENTS = {"camera": "Front door", "device": "none", **TIMES}
# A camera that sends nothing has no picture, an empty house no visits: these codes are right.
RIGHT = {
    "not_live", "not_found", "no_footage", "eyes_down", "bad_arguments", "confirmation_needed",
}


async def everything(client, way):
    tools = (await client.list_tools()).tools
    assert len(tools) > 10, tools
    for tool in tools:
        taken = tool.input_schema.get("properties", {})
        arguments = {name: value for name, value in ARGUMENTS.items() if name in taken}
        result = await client.call_tool(tool.name, arguments)
        facts = result.structured_content["facts"]
        if result.is_error:
            assert facts["error"]["code"] in RIGHT, (tool.name, facts)
        else:
            assert tool.annotations.read_only_hint, tool.name
        if tool.name == "camera_list":
            texts = result.structured_content["untrusted"]["texts"]
            assert "Front door" in texts.values(), texts
    resources = (await client.list_resources()).resources
    assert len(resources) >= 4, resources
    for resource in resources:
        read = await client.read_resource(str(resource.uri))
        assert read.contents[0].text, resource.uri
    templates = (await client.list_resource_templates()).resource_templates
    assert len(templates) == 1, templates
    prompts = (await client.list_prompts()).prompts
    assert len(prompts) == 4, prompts
    for prompt in prompts:
        got = await client.get_prompt(prompt.name)
        assert got.messages[0].content.text, prompt.name
    print(f"{way}: all answered ({len(tools)} tools)", flush=True)


async def main():
    arguments = ["--data", DATA, "mcp"]
    server = StdioServerParameters(command=PROGRAM, args=arguments)
    async with Client(stdio_client(server)) as client:
        await everything(client, "stdio")
    # The certificate is self-signed: it is compared with what the hub printed.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    host, port = URL.removeprefix("https://").rsplit(":", 1)
    shown = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((host, int(port))))
    seen = hashlib.sha256(shown).hexdigest()
    assert seen == FINGERPRINT.replace(":", "").lower(), (seen, FINGERPRINT)
    headers = {"Authorization": "Bearer " + os.environ["ORACLE_TOKEN"]}
    async with httpx2.AsyncClient(verify=context, headers=headers) as http:
        transport = streamable_http_client(URL + "/mcp", http_client=http)
        async with Client(transport) as client:
            await everything(client, "http")


asyncio.run(main())
