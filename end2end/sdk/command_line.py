"""The program's own verbs, run as a user runs them."""

import json
import os
import pathlib
import subprocess
import tempfile

import cloud
import server

# How long one command may take.
PATIENCE_SECONDS = 120


class Done:
    """What came of a command."""

    def __init__(self, process):
        self.code = process.returncode
        self.raw = process.stdout
        self.out = process.stdout.decode(errors="replace")
        self.err = process.stderr.decode()

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def lines(self):
        """The items of a list, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


class CommandLineTest(cloud.CloudTest):
    """A test with a home folder of its own, and with the key in the environment."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="taskyard-home-")
        self.addCleanup(folder.cleanup)
        self.home = pathlib.Path(folder.name)
        self.variables = {
            "PATH": os.environ["PATH"],
            "HOME": folder.name,
            "TZ": "UTC",
            "TASKYARD_ENDPOINT": f"http://{server.current.address}",
            "TASKYARD_ACCESS_KEY_ID": server.KEY_ID,
            "TASKYARD_ACCESS_KEY_SECRET": server.SECRET,
        }

    def run_verb(self, *words, given=b"", **variables):
        """Runs a command; variables that are None are taken out of its environment. It has no terminal to ask at."""
        environment = {name: value for name, value in {**self.variables, **variables}.items() if value is not None}
        command = [os.path.abspath(server.current.binary), *words]
        options = {"env": environment, "cwd": self.home, "timeout": PATIENCE_SECONDS, "capture_output": True, "start_new_session": True}
        return Done(subprocess.run(command, input=given, **options))

    def ok(self, *words, **more):
        """Insists that the command succeeds."""
        done = self.run_verb(*words, **more)
        self.assertEqual(done.code, 0, f"{words}: {done.out}{done.err}")
        return done

    def fails(self, code, part, *words, **more):
        """Insists on this exit code, and on these words on standard error."""
        done = self.run_verb(*words, **more)
        self.assertEqual(done.code, code, f"{words}: {done.out}{done.err}")
        self.assertIn(part, done.err)
        return done

    def folder(self, **files):
        """A folder below the home with these files; their names end with .py."""
        folder = self.home / f"code-{len(list(self.home.iterdir()))}"
        for name, text in files.items():
            path = folder / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return str(folder)

    def make_target(self, name, handler, **members):
        """A function of the shared code, as the command line names it."""
        self.make_function(name, handler, **members)
        return f"{self.service}/{name}"
