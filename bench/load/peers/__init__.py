"""Peers: other products that do the gateway's work, each as its own users would set it up, on one worker.

  plain   a proxy with keep-alive on both sides
  key     and the API by its path, the key by the header ApiKey: 401 unknown or missing, 403 of another API, 404 no API;
          the key is stripped, X-Forwarded-For and X-Request-Id are added
  limits  and a counter for each subscription over a minute: 429 beyond it
  log     and a line for each request in access.log

`tools/setup bench` installs them; what each does and does not do stands in its configuration and in bench/README.md.
`check.py` proves that they do it.
"""

from .kinds import HAProxy, Nginx, NginxLua, Node, installed, versions  # noqa: F401
from .peer import MODES, Peer  # noqa: F401
