"""How does what a kernel says reach the browser? At once: no small message waits until the one before it is acknowledged.

TCP holds small messages back by itself (Nagle's algorithm), and a browser acknowledges 40 ms late: whoever clicks again soon
after a click waits for that. JupyterLab's server leaves it so; `pipeline-sim lab` starts it with this class.
"""

from __future__ import annotations

import asyncio

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class Prompt(ZMQChannelsWebsocketConnection):
    """The way between one browser and one kernel."""

    def connect(self) -> asyncio.Future[None] | None:  # type: ignore[override]
        self.websocket_handler.set_nodelay(True)
        return super().connect()
