"""A server on 127.0.0.1, as long as a block lasts, with TLS or without."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CERTIFICATE = Path(__file__).with_name("data") / "updates" / "server.pem"
"""A certificate for 127.0.0.1 and its key, which opens nothing but these servers."""


@contextlib.contextmanager
def listening(
    handler: type[BaseHTTPRequestHandler], *, tls: bool, stopped: threading.Event
) -> Iterator[str]:
    """Its address without a path; `stopped` is set before it waits for its answers to end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
    finally:
        stopped.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
