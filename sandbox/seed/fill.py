"""Fills a database with an application's data, the same for the same seed.

schema.sql makes the tables, rows.sql fills them; psql runs both, so nothing but PostgreSQL is
needed.
"""

import os
import subprocess
from pathlib import Path

SIZES = {"small": 500, "medium": 20_000, "large": 400_000}
HERE = Path(__file__).parent


def fill(url: str, orders: int, seed: int) -> None:
    """Makes the schema and `orders` orders with all that hangs on them, in one transaction."""
    command = [
        "psql", url, "-Xq", "--single-transaction", "-v", "ON_ERROR_STOP=1",
        "-v", f"orders={orders}", "-v", f"seed={seed}",
        "-f", str(HERE / "schema.sql"), "-f", str(HERE / "rows.sql"),
    ]
    clean = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "PGTZ": "UTC"}
    done = subprocess.run(command, env=clean, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"filling failed: {done.stderr[-2000:]}")
