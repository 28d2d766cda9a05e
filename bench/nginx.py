"""One nginx in front of every server alike, so that clients keep their connections with each of them."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bench.processes import Launcher, free_port, listening, require

PACKAGES: Final = "nginx-light"

# For SOGo and Folkmoot: what SOGo's own example sends; the buffers hold SOGo's answers without temporary files.
_PROXY: Final = """
      proxy_set_header x-webobjects-server-protocol HTTP/1.0;
      proxy_set_header x-webobjects-remote-host $remote_addr;
      proxy_set_header x-webobjects-server-name $server_name;
      proxy_set_header x-webobjects-server-url $scheme://$http_host;"""
_TRUSTED_USER: Final = """
      if ($remote_user = "") { add_header WWW-Authenticate 'Basic realm="bench"' always; return 401; }
      proxy_set_header X-Remote-User $remote_user;"""


def start_nginx(launcher: Launcher, upstreams: Mapping[str, int], directory: Path) -> Mapping[str, int]:
    """Start it before the servers with these names and ports; return its port for each of them."""
    program = require("nginx", PACKAGES)
    directory.mkdir(parents=True, exist_ok=True)
    ports = {name: free_port() for name in upstreams}
    configuration = directory / "nginx.conf"
    configuration.write_text(_configuration(upstreams, ports, directory, launcher.logs / "nginx.log"))
    command = [program, "-c", str(configuration), "-g", "daemon off;"]
    launcher.start("nginx", command, ready=lambda: all(map(listening, ports.values())))
    return ports


def _configuration(upstreams: Mapping[str, int], ports: Mapping[str, int], directory: Path, log: Path) -> str:
    user = "user www-data;" if os.geteuid() == 0 else ""
    temporary = "\n".join(
        f"  {kind}_temp_path {directory / kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    servers = "\n".join(_server(name, ports[name], upstream) for name, upstream in upstreams.items())
    return f"""{user}
worker_processes 2;
pid {directory / "pid"};
error_log {log} warn;
events {{ worker_connections 4096; }}
http {{
{temporary}
  access_log off;
  keepalive_requests 1000000;
{servers}
}}
"""


def _server(name: str, port: int, upstream: int) -> str:
    return f"""  server {{  # {name}
    listen 127.0.0.1:{port} backlog=1024;
    server_name localhost;
    client_max_body_size 50m;
    location / {{
      proxy_pass http://127.0.0.1:{upstream};
      proxy_redirect http://127.0.0.1:{upstream} default;
      proxy_set_header Host $http_host;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;{_TRUSTED_USER if name == "xandikos" else _PROXY}
      proxy_connect_timeout 90;
      proxy_send_timeout 90;
      proxy_read_timeout 90;
      proxy_buffer_size 16k;
      proxy_buffers 4 32k;
      proxy_busy_buffers_size 64k;
      client_body_buffer_size 128k;
    }}
  }}"""
