"""The Python client at a server's door: one login for each line of JSON, one line of JSON for its outcome.

A line is a Luggage of guests.ts with the port; the answer is {} or {"refusal": what the client says}.
"""

import asyncio
import json
import ssl
import sys

import nats

PATIENCE_SECONDS = 3


async def knock(luggage):
    host = luggage.get("host", "localhost")
    options = {
        "user": luggage.get("user"),
        "password": luggage.get("password"),
        "token": luggage.get("token"),
        "nkeys_seed_str": luggage.get("seed"),
    }
    options = {name: value for name, value in options.items() if value is not None}
    tls = luggage.get("tls")
    if tls is not None:
        options["tls"] = context(tls)
        options["tls_hostname"] = host
        options["tls_handshake_first"] = tls.get("first", False)
    connection = await nats.connect(
        f"nats://{host}:{luggage['port']}",
        allow_reconnect=False,
        connect_timeout=PATIENCE_SECONDS,
        error_cb=ignore,
        **options,
    )
    try:

        async def respond(message):
            await message.respond(b"trip")

        await connection.subscribe("round", cb=respond)
        answer = await connection.request("round", timeout=PATIENCE_SECONDS)
        if answer.data != b"trip":
            raise RuntimeError(f"The answer is {answer.data!r}")
    finally:
        await connection.close()


def context(tls):
    trust = ssl.create_default_context(cafile=tls.get("caFile"))
    if "certFile" in tls:
        trust.load_cert_chain(tls["certFile"], tls["keyFile"])
    return trust


async def ignore(_error):
    """What goes wrong is raised as well; by default the client prints it."""


async def main():
    # Read beside the loop, which has work to do between two lines only.
    for line in sys.stdin:
        try:
            await asyncio.wait_for(knock(json.loads(line)), 2 * PATIENCE_SECONDS)
            outcome = {}
        except Exception as error:
            outcome = {"refusal": f"{type(error).__name__}: {error}"}
        print(json.dumps(outcome), flush=True)


asyncio.run(main())
