"""Seeding, the second start to its first answer, and the memory of a serving process; prints JSON.

python -m bench.start
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROMISES = {"second_start_s": 3.0, "memory_mb": 130}


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer(url: str, deadline: float = 60) -> float:
    """Ask until the first answer; return the seconds it took."""
    start = time.perf_counter()
    while time.perf_counter() - start < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5) as page:
                page.read()
                return time.perf_counter() - start
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"no answer from {url}")


def tree(pid: int) -> list[int]:
    """List a process and all below it."""
    found = subprocess.run(
        ["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split()
    return [pid, *[below for child in found for below in tree(int(child))]]


def memory_mb(pid: int) -> int:
    """Read the resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return round(int(line.split()[1]) / 1024)
    return 0


def run(folder: str) -> dict[str, object]:
    """Start `flask up`, wait for the first answer, use it a little, measure, stop."""
    port = free_port()
    env = {
        **os.environ,
        "O2O_DATA_DIR": folder,
        "FLASK_APP": "app.py",
        "O2O_BASE_URL": f"http://localhost:{port}",
    }
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [str(Path(sys.executable).with_name("flask")), "up", "--port", str(port)]
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        answer(f"http://127.0.0.1:{port}/healthz")
        first = time.perf_counter() - start
        home = answer(f"http://127.0.0.1:{port}/")
        for path in ("/shops", "/shops/1", "/sign-in", "/tiles/15/27000/12400.svg"):
            answer(f"http://127.0.0.1:{port}{path}")
        time.sleep(4)
        sizes = sorted(memory_mb(pid) for pid in tree(process.pid))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
    return {"first_answer_s": round(first, 2), "home_after_s": round(home, 2), "memory_mb": sizes}


def main() -> None:
    """Start twice over the same folder."""
    with tempfile.TemporaryDirectory() as folder:
        first, second = run(folder), run(folder)
    print(json.dumps({"start": {"with_seeding": first, "second": second, "promise": PROMISES}}))


if __name__ == "__main__":
    main()
