"""What the emulated account does as Snowflake does, where fakesnow does not."""

import asyncio
from types import SimpleNamespace

from emulator import answered_once


def test_a_request_that_is_sent_again_runs_once_and_is_answered_each_time():
    ran = []

    async def endpoint(request):
        ran.append(request.query_params["requestId"])
        await asyncio.sleep(0)
        return f"answer {len(ran)}"

    answer = answered_once(endpoint)
    first, other = (SimpleNamespace(query_params={"requestId": number}) for number in "ab")

    async def all_of_them():
        together = await asyncio.gather(answer(first), answer(first))
        return [*together, await answer(other), await answer(first)]

    assert asyncio.run(all_of_them()) == ["answer 1", "answer 1", "answer 2", "answer 1"]
    assert ran == ["a", "b"]
