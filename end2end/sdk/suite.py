"""Starts the server, runs the tests of all SDKs against it, ends it, and says what came out. Called by `run`."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import zipfile

import server

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent

# The tests that end the server in the middle come last and get one of their own.
CRASH = "crash_test"

# The tests of several servers, which need Postgres.
ACROSS = "across_test"


class Result(unittest.TextTestResult):
    """Counts what passed, and prints the seconds of each test."""

    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()

    def stopTest(self, test):
        super().stopTest(test)
        self.stream.writeln(f"    {time.monotonic() - self.began:.1f} s")
        self.stream.flush()


def load(backend, wanted):
    """All tests of the backend, or those whose name contains a wanted word, as (ordinary, crash)."""
    loader = unittest.TestLoader()
    parts = ([], [])
    for path in sorted(HERE.glob("*_test.py")):
        if path.stem == ACROSS and backend != "postgres":
            continue
        for group in loader.loadTestsFromName(path.stem):
            for test in group:
                if not wanted or any(word in test.id() for word in wanted):
                    parts[path.stem == CRASH].append(test)
    if loader.errors:
        sys.exit("\n".join(loader.errors))
    return [unittest.TestSuite(part) for part in parts]


def run(tests):
    """(passed, failed); a test that could not even begin has failed."""
    planned = tests.countTestCases()
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=Result).run(tests)
    return result.passed, planned - result.passed


def run_node(folder, wanted):
    """The same for the SDKs of Node.js, or for those whose file's name contains a wanted word."""
    files = [path for path in sorted(HERE.glob("node/*.test.mjs")) if not wanted or any(word in f"node/{path.name}" for word in wanted)]
    if not files:
        return 0, 0
    for name, handlers in (("python.zip", "index.py"), ("nodejs.zip", "index.js")):
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(HERE / "code" / handlers, handlers)
    environment = {**server.current.environment, "TASKYARD_SDK_ADDRESS": server.current.address, "TASKYARD_SDK_CODE": str(folder)}
    counted = folder / "node.tap"
    reporters = ["--test-reporter=spec", "--test-reporter-destination=stdout", "--test-reporter=tap", f"--test-reporter-destination={counted}"]
    code = subprocess.run(["node", "--test", *reporters, *files], env=environment, cwd=ROOT / "end2end").returncode
    counts = dict(re.findall(r"^# (pass|fail|cancelled) (\d+)$", counted.read_text(), re.MULTILINE)) if counted.exists() else {}
    failed = int(counts.get("fail", 0)) + int(counts.get("cancelled", 0))
    return int(counts.get("pass", 0)), failed or int(code != 0)


def postgres(folder):
    """URL of the database to use, and how to end it."""
    given = os.environ.get("TASKYARD_TEST_POSTGRES")
    if given:
        return given, lambda: None
    folder.chmod(0o755)  # PostgreSQL runs as another user and must get through
    cluster = str(folder / "postgres")
    script = str(ROOT / ".ci" / "postgres")
    url = subprocess.run([script, "start", cluster, "0"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    return url, lambda: subprocess.run([script, "stop", cluster], check=True)


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in ("sqlite", "postgres"):
        sys.exit("usage: run sqlite|postgres [test names…]")
    backend, wanted = sys.argv[1], sys.argv[2:]
    binary = os.environ.get("TASKYARD_BIN") or str(ROOT / "target" / "release" / "taskyard")
    if not os.access(binary, os.X_OK):
        sys.exit(f"error: no server at {binary}; do: make build")
    ordinary, crash = load(backend, wanted)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="taskyard-sdk-"))
    url, end_database = postgres(folder) if backend == "postgres" else (None, lambda: None)
    life = server.Server(binary, folder, url)
    server.current = life
    try:
        passed, failed = 0, 0
        for tests in (ordinary, crash):
            if tests is crash and not crash.countTestCases():
                continue
            life.start()
            try:
                more, less = run(tests)
                if tests is ordinary:
                    of_node = run_node(folder, wanted)
                    more, less = more + of_node[0], less + of_node[1]
            finally:
                code = life.stop()
            passed, failed = passed + more, failed + less
            if code != 0:
                failed += 1
                print(f"FAILED: the server ended with {code} after SIGTERM")
        panics = life.panics()
        failed += len(panics)
        for line in panics:
            print(f"FAILED: panic in the server's log: {line}")
        if failed:
            print(f"--- the end of the server's log:\n{life.log_tail()}")
    finally:
        life.kill()
        end_database()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"sdk on {backend}: {passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
