"""A server on this machine that says what a test wants."""

import socket
import ssl
import threading
from collections.abc import Iterator


class Server:
    """Answers each request with the next of its replies: bytes as they are, or pieces with pauses."""

    def __init__(self) -> None:
        self.replies: list[bytes | Iterator[bytes]] = []
        self.requests: list[str] = []
        self.context: ssl.SSLContext | None = None
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection:
                if not self.replies:
                    return
                reply = self.replies.pop(0)
                try:
                    self._answer(connection, reply)
                except OSError:
                    continue

    def _answer(self, connection: socket.socket, reply: bytes | Iterator[bytes]) -> None:
        if self.context:
            connection = self.context.wrap_socket(connection, server_side=True)
        with connection:
            request = b""
            while b"\r\n\r\n" not in request:
                received = connection.recv(65536)
                if not received:
                    return
                request += received
            self.requests.append(request.decode())
            for piece in [reply] if isinstance(reply, bytes) else reply:
                connection.sendall(piece)

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *error: object) -> None:
        self.replies.clear()
        with self._socket:
            socket.create_connection(("127.0.0.1", self.port)).close()
            self._thread.join()


def ok(body: bytes, *headers: str) -> bytes:
    head = "\r\n".join(("HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers))
    return f"{head}\r\n\r\n".encode() + body


def moved(location: str, status: int = 302) -> bytes:
    return f"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode("latin-1")
