"""The services that moto answers, reached in this process through its WSGI application.

moto is asked for S3, STS, IAM, KMS and for the RDS actions that rds_service.py does not take over
(clusters, groups, exports). Its own signature check is switched off: it signs decoded paths, which
refuses right requests and accepts wrong ones. signatures.py does that work.
"""

import io
import os
from urllib.parse import unquote_to_bytes

os.environ.setdefault("MOTO_ALLOW_NONEXISTENT_REGION", "true")
os.environ.setdefault("MOTO_RDS_SNAPSHOT_LIMIT", "1000000")

from moto.core.request import (  # noqa: E402  (the settings above are read on import)
    PRESERVED_HEADER_NAMES_ENVIRON_KEY,
    environ_key_for_header,
    should_preserve_original_header_name,
)
from moto.moto_server.werkzeug_app import (  # noqa: E402
    DomainDispatcherApplication,
    create_backend_app,
)

from sandbox.aws.messages import Reply, Request  # noqa: E402


class MotoService:
    def __init__(self) -> None:
        self.application = DomainDispatcherApplication(create_backend_app)

    def answer(self, request: Request) -> Reply:
        environ = make_environ(request)
        started: list = []

        def start_response(status, headers, exc_info=None):
            started[:] = [int(status.split(" ")[0]), list(headers)]
            return lambda data: None

        chunks = self.application(environ, start_response)
        try:
            body = b"".join(chunks)
        finally:
            getattr(chunks, "close", lambda: None)()
        status, headers = started
        dropped = ("date", "server", "connection", "transfer-encoding")
        return Reply(status, [(k, v) for k, v in headers if k.lower() not in dropped], body)


def make_environ(request: Request) -> dict:
    environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin1"),
        "QUERY_STRING": request.query,
        "RAW_URI": request.target,
        "REQUEST_URI": request.target,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": request.header("host", "127.0.0.1:80").rpartition(":")[2] or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    preserved: dict[str, str] = {}
    for name, value in request.headers:
        key = environ_key_for_header(name)
        if key in ("HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"):
            key = key.removeprefix("HTTP_")
        elif key == "HTTP_TRANSFER_ENCODING":
            continue  # the body has been read whole
        if should_preserve_original_header_name(name):
            preserved.setdefault(key, name)
        latin = value.encode("utf-8").decode("latin1")
        environ[key] = f"{environ[key]},{latin}" if key in environ else latin
    environ["CONTENT_LENGTH"] = str(len(request.body))
    environ[PRESERVED_HEADER_NAMES_ENVIRON_KEY] = preserved
    return environ
