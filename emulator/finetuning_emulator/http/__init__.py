"""The emulator over HTTP: the server, the ASGI application, and the reading and writing of messages."""
