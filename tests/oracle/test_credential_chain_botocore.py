"""Our credential chain against botocore's: the same files, environment and services, the same keys.

Each scenario is tried by both, in a process of its own. One server stands in for the metadata
service of EC2, the agent of a container and STS.
"""

import http.server
import json
import os
import pathlib
import subprocess
import sys
import threading
from urllib.parse import parse_qs

import pytest

KEYS = "aws_access_key_id = {0}\naws_secret_access_key = secret-of-{0}\n"
ROLE = "role_arn = arn:aws:iam::123456789012:role/{0}\n"
ENVIRONMENT_KEYS = {"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "secret-of-env"}
PROCESS = ("credential_process = /bin/echo '{{\"Version\":1,\"AccessKeyId\":\"{0}\","
           "\"SecretAccessKey\":\"secret-of-{0}\"}}'\n")
CONTAINER = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{stand_in}/container"}
WEB = {"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token",
       "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/web"}

# name: (config file, credentials file, environment, profile that the operator chose)
SCENARIOS = {
    "nothing": ("", "", {}, None),
    "instance": ("", "", {"INSTANCE": "on"}, None),
    "instance disabled": ("", "", {"INSTANCE": "on", "AWS_EC2_METADATA_DISABLED": "true"}, None),
    "container before instance": ("", "", {**CONTAINER, "INSTANCE": "on"}, None),
    "environment before all": ("[default]\n" + KEYS.format("AKIACONFIG"),
                               "[default]\n" + KEYS.format("AKIAFILE"),
                               {**ENVIRONMENT_KEYS, **CONTAINER, **WEB}, None),
    "session token in the environment": ("", "", {**ENVIRONMENT_KEYS, "AWS_SESSION_TOKEN": "tok"},
                                         None),
    "half a pair in the environment": ("", "[default]\n" + KEYS.format("AKIAFILE"),
                                       {"AWS_ACCESS_KEY_ID": "AKIAENV"}, None),
    "AWS_PROFILE does not beat environment keys": (
        "", "[p]\n" + KEYS.format("AKIAP"), {**ENVIRONMENT_KEYS, "AWS_PROFILE": "p"}, None),
    "a chosen profile does": ("", "[p]\n" + KEYS.format("AKIAP"), ENVIRONMENT_KEYS, "p"),
    "a chosen profile beats AWS_PROFILE": (
        "", "[p]\n" + KEYS.format("AKIAP") + "[q]\n" + KEYS.format("AKIAQ"), {"AWS_PROFILE": "q"},
        "p"),
    "AWS_PROFILE": ("", "[p]\n" + KEYS.format("AKIAP"), {"AWS_PROFILE": "p"}, None),
    "AWS_DEFAULT_PROFILE": ("", "[p]\n" + KEYS.format("AKIAP"), {"AWS_DEFAULT_PROFILE": "p"}, None),
    "a profile that does not exist": ("", "[p]\n" + KEYS.format("AKIAP"), {}, "q"),
    "credentials file before process": ("[default]\n" + PROCESS.format("AKIAPROC"),
                                        "[default]\n" + KEYS.format("AKIAFILE"), {}, None),
    "process before config file": (
        "[default]\n" + PROCESS.format("AKIAPROC") + KEYS.format("AKIACONFIG"), "", {}, None),
    "process that fails": ("[default]\ncredential_process = /bin/false\n", "", CONTAINER, None),
    "config file before container": ("[default]\n" + KEYS.format("AKIACONFIG"), "", CONTAINER,
                                     None),
    "config file needs its prefix": ("[p]\n" + KEYS.format("AKIACONFIG"), "", {}, "p"),
    "quoted profile": ('[profile "a b"]\n' + KEYS.format("AKIAQUOTED"), "", {}, "a b"),
    "key: value, comments and nesting": (
        "# c\n[profile p]\n; c\naws_access_key_id: AKIACOLON\ns3 =\n  aws_access_key_id = NO\n"
        "AWS_SECRET_ACCESS_KEY = a=b:c\n", "", {}, "p"),
    "token in the file": ("", "[default]\n" + KEYS.format("AKIAFILE") + "aws_session_token = t\n",
                          {}, None),
    "half a pair in the file": ("", "[default]\naws_access_key_id = AKIA\n", CONTAINER, None),
    "duplicate keys in the file": ("", "[default]\n" + 2 * KEYS.format("AKIAFILE"), {}, None),
    "duplicate sections": ("", 2 * ("[default]\n" + KEYS.format("AKIAFILE")), {}, None),
    "both spellings of default": (
        "[default]\n" + KEYS.format("AKIAONE") + "[profile default]\n" + KEYS.format("AKIATWO"), "",
        {}, None),
    "role from keys": ("[profile p]\nsource_profile = k\n" + ROLE.format("r"),
                       "[k]\n" + KEYS.format("AKIAK"), {}, "p"),
    "role before its own profile's keys": (
        "[profile p]\nsource_profile = k\n" + ROLE.format("r") + KEYS.format("AKIAP"),
        "[k]\n" + KEYS.format("AKIAK"), {}, "p"),
    "role from itself": ("[profile p]\nsource_profile = p\n" + ROLE.format("r") +
                         KEYS.format("AKIAP"), "", {}, "p"),
    "role of a role": ("[profile p]\nsource_profile = q\n" + ROLE.format("r") +
                       "[profile q]\nsource_profile = k\n" + ROLE.format("s"),
                       "[k]\n" + KEYS.format("AKIAK"), {}, "p"),
    "keys of the source before its role": (
        "[profile p]\nsource_profile = q\n" + ROLE.format("r") +
        "[profile q]\nsource_profile = k\n" + ROLE.format("s") + KEYS.format("AKIAQ"),
        "[k]\n" + KEYS.format("AKIAK"), {}, "p"),
    "role from a process": ("[profile p]\nsource_profile = q\n" + ROLE.format("r") +
                            "[profile q]\n" + PROCESS.format("AKIAPROC"), "", {}, "p"),
    "role from web identity": (
        "[profile p]\nsource_profile = q\n" + ROLE.format("r") +
        "[profile q]\nweb_identity_token_file = {home}/token\n" + ROLE.format("w"), "", {}, "p"),
    "role from the environment": ("[profile p]\ncredential_source = Environment\n" +
                                  ROLE.format("r"), "", ENVIRONMENT_KEYS, "p"),
    "role from the container": ("[profile p]\ncredential_source = EcsContainer\n" +
                                ROLE.format("r"), "", CONTAINER, "p"),
    "role from the instance": ("[profile p]\ncredential_source = Ec2InstanceMetadata\n" +
                               ROLE.format("r"), "", {"INSTANCE": "on"}, "p"),
    "role from an empty environment": ("[profile p]\ncredential_source = Environment\n" +
                                       ROLE.format("r"), "", {}, "p"),
    "role from nowhere": ("[profile p]\n" + ROLE.format("r"), "", {}, "p"),
    "role from two places": ("[profile p]\nsource_profile = k\ncredential_source = Environment\n" +
                             ROLE.format("r"), "[k]\n" + KEYS.format("AKIAK"), ENVIRONMENT_KEYS,
                             "p"),
    "role in a circle": ("[profile p]\nsource_profile = q\n" + ROLE.format("r") +
                         "[profile q]\nsource_profile = p\n" + ROLE.format("s"), "", {}, "p"),
    "role from an absent profile": ("[profile p]\nsource_profile = k\n" + ROLE.format("r"), "", {},
                                    "p"),
    "role from a profile without keys": ("[profile p]\nsource_profile = k\n" + ROLE.format("r") +
                                         "[profile k]\nregion = us-east-1\n", "", {}, "p"),
    "default role beats nothing in the environment": (
        "[default]\nsource_profile = k\n" + ROLE.format("r"), "[k]\n" + KEYS.format("AKIAK"),
        ENVIRONMENT_KEYS, None),
    "default role before web identity": (
        "[default]\nsource_profile = k\n" + ROLE.format("r"), "[k]\n" + KEYS.format("AKIAK"), WEB,
        None),
    "web identity of the environment": ("", "[default]\n" + KEYS.format("AKIAFILE"), WEB, None),
    "a chosen profile beats web identity of the environment": (
        "", "[default]\n" + KEYS.format("AKIAFILE"), WEB, "default"),
    "web identity of the profile": ("[profile p]\nweb_identity_token_file = {home}/token\n" +
                                    ROLE.format("w"), "[p]\n" + KEYS.format("AKIAP"), {}, "p"),
    "web identity without a role": ("", "", {"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token"}, None),
    "full URI to a stranger": ("", "", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://10.0.0.1/x",
                                        "INSTANCE": "on"}, None),
}


class StandIn(http.server.BaseHTTPRequestHandler):
    """The metadata service (only where a test asks for an instance), the agent, and STS."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self):
        self.reply("imds-token" if self.server.has_instance else "",
                   200 if self.server.has_instance else 404)

    def do_GET(self):
        if self.path == "/container":
            self.reply(self.keys("ASIACONTAINER"))
        elif self.path.endswith("/security-credentials/"):
            self.reply("role" if self.server.has_instance else "",
                       200 if self.server.has_instance else 404)
        else:
            self.reply(self.keys("ASIAINSTANCE"))

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        action = form["Action"][0]
        caller = self.headers.get("Authorization", "Credential=nobody/").split("=")[1].split("/")[0]
        key = f"{form['RoleArn'][0].rsplit('/')[-1]}-by-{caller}"
        self.reply(f"""<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
            <{action}Result><Credentials><AccessKeyId>{key}</AccessKeyId>
            <SecretAccessKey>secret-of-{key}</SecretAccessKey>
            <SessionToken>token-of-{key}</SessionToken>
            <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></{action}Result>
            <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{action}Response>""")

    @staticmethod
    def keys(name):
        return json.dumps({"Code": "Success", "AccessKeyId": name,
                           "SecretAccessKey": f"secret-of-{name}", "Token": f"token-of-{name}",
                           "Expiration": "2099-01-01T00:00:00Z"})

    def reply(self, text, status=200):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def stand_in():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), StandIn)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()


BOTOCORE = """
import sys, botocore.session
session = botocore.session.Session(profile=sys.argv[1] if len(sys.argv) > 1 else None)
credentials = session.get_credentials()
if credentials is None:
    sys.exit(1)
keys = credentials.get_frozen_credentials()
print(keys.access_key, keys.secret_key, keys.token or "", sep="\\n")
"""


@pytest.mark.parametrize("name", SCENARIOS)
def test_finds_what_botocore_finds(programs, stand_in, tmp_path, name):
    config, credentials, extra, profile = SCENARIOS[name]
    url = f"http://127.0.0.1:{stand_in.server_port}"
    stand_in.has_instance = "INSTANCE" in extra
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(config.replace("{home}", str(tmp_path)))
    (tmp_path / ".aws" / "credentials").write_text(credentials)
    (tmp_path / "token").write_text("web-token")
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "STAND_IN": url,
                   "AWS_ENDPOINT_URL_STS": url, "AWS_DEFAULT_REGION": "us-east-1"}
    for key, value in extra.items():
        environment[key] = value.format(home=tmp_path, stand_in=url)
    asked = [profile] if profile else []

    theirs = subprocess.run(
        [sys.executable, "-c", BOTOCORE, *asked], capture_output=True, text=True, timeout=60,
        env={**environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT": url})
    ours = subprocess.run([programs / "resolve_credentials", *asked], capture_output=True,
                          text=True, timeout=60, env=environment)
    assert (ours.returncode == 0) == (theirs.returncode == 0), (ours, theirs)
    if theirs.returncode == 0:
        assert ours.stdout == theirs.stdout
    else:
        assert "secret-of" not in ours.stdout + ours.stderr
