"""The server under test: started on a free port, watched, ended politely or not."""

import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.request

KEY_ID = "LTAIsdktest0001"
SECRET = "a-secret-of-the-sdk-tests"

READY_SECONDS = 60
STOP_SECONDS = 60

# The one that the tests talk to; set by suite.py.
current = None


class Server:
    """One data folder and port; its process may come and go."""

    def __init__(self, binary, folder, database_url):
        self.binary = binary
        self.data = pathlib.Path(folder) / "data"
        self.log = pathlib.Path(folder) / "server.log"
        self.database_url = database_url
        self.port = free_port()
        self.process = None
        self.environment = {
            **os.environ,
            "TASKYARD_LISTEN": self.address,
            "TASKYARD_DATA_DIR": str(self.data),
            "TASKYARD_ADMIN_PASSWORD": "a-password-of-the-sdk-tests",
            "TASKYARD_ACCESS_KEY_ID": KEY_ID,
            "TASKYARD_ACCESS_KEY_SECRET": SECRET,
            "TASKYARD_STOP_GRACE": "2",  # so that what ignores SIGTERM is gone sooner
        }
        self.environment.pop("TASKYARD_DATABASE_URL", None)
        if database_url:
            self.environment["TASKYARD_DATABASE_URL"] = database_url

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def beside(self, folder):
        """Another server on the same database, not started yet."""
        other = Server(self.binary, folder, self.database_url)
        other.environment.setdefault("TASKYARD_SECRET_KEY_FILE", str(self.data / "secret.key"))
        return other

    @property
    def owner(self):
        """What marks the processes of its functions."""
        return (self.data / "owner").read_text().strip()

    def start(self):
        """Starts the process and waits until it is ready."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([self.binary, "serve"], env=self.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + READY_SECONDS
        while not self.is_ready():
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode} at its start:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"the server is not ready after {READY_SECONDS} s:\n{self.log_tail()}")
            time.sleep(0.05)

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"http://{self.address}/readyz", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def stop(self):
        """SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return f"nothing for {STOP_SECONDS} s and was killed"

    def kill(self):
        """SIGKILL, as a power cut would."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def panics(self):
        return [line for line in self.log.read_text(errors="replace").splitlines() if "panicked at" in line]

    def log_tail(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-40:])


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
