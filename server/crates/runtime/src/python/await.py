"""What Python instances need whose code gives awaitables."""
from taskyard_bootstrap import state


def await_result(channel, awaitable):
    """Runs an awaitable on the instance's event loop, with an ear for the cancel message."""
    import asyncio

    if state.loop is None or state.loop.is_closed():
        state.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(state.loop)

    async def run():
        return await awaitable

    task = state.loop.create_task(run())
    if state.listener is not None:
        return await_with_listener(channel, task)

    def on_message():
        header, _ = channel.receive()
        if header["type"] == "cancel" and header["request_id"] == state.request_id:
            state.cancelled = True
            channel.send({"type": "cancelling", "observed": True})
            task.cancel()

    state.loop.add_reader(channel.descriptor, on_message)
    if channel.ahead:
        state.loop.call_soon(on_message)
    try:
        return state.loop.run_until_complete(task)
    finally:
        state.loop.remove_reader(channel.descriptor)


def await_with_listener(channel, task):
    def on_cancel():
        if not task.done():
            state.cancelled = True
            channel.send({"type": "cancelling", "observed": True})
            task.cancel()

    state.cancel = lambda: state.loop.call_soon_threadsafe(on_cancel)
    try:
        return state.loop.run_until_complete(task)
    finally:
        state.cancel = None


def await_alone(awaitable):
    """Runs an awaitable beside the event loop of the instance, which another thread may be running."""
    import asyncio

    async def run():
        return await awaitable

    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(run())
    finally:
        loop.close()
