"""Lists, calls and reads everything that a hub offers an assistant.

Says `WAY: all answered` for each way.
"""

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
    async with over_stdio() as client:
        await everything(client, "stdio")
    async with over_http(os.environ["ORACLE_TOKEN"]) as client:
        await everything(client, "http")


asyncio.run(main())
