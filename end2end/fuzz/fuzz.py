"""Starts a server, lets schemathesis call it for a while, sends random frames into commands, and looks at the server afterwards. Called by `run`."""

import collections
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "sdk"))

import client  # noqa: E402
import frames  # noqa: E402
import server  # noqa: E402  the SDK suite's

SECONDS = 75
# A call that takes longer hangs: functions have two seconds here.
PATIENCE_SECONDS = 20
CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance", "response_headers_conformance"]


def schemathesis(life, seconds, seed, folder):
    """Its exit code: 0 when nothing was found."""
    environment = {**life.environment, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE), "TASKYARD_FUZZ_BASE": f"http://{life.address}"}
    environment["TASKYARD_FUZZ_ANSWERS"] = str(folder / "answers.json")
    words = ["run", f"http://{life.address}/openapi.json", "--checks", ",".join(CHECKS), "--seed", str(seed), "--max-time", str(seconds)]
    words += ["--request-timeout", str(PATIENCE_SECONDS), "--phases", "examples,coverage,fuzzing", "--generation-database", "none"]
    words += ["--suppress-health-check", "all", "--warnings", "off", "--no-color", "--continue-on-failure", "--workers", "1"]
    return subprocess.run([sys.executable, "-m", "schemathesis.cli", *words], env=environment, cwd=folder).returncode


# Operations of a hundred that may not be reached by chance: a busy machine does a quarter of the calls, and then misses a third.
UNREACHED_PERCENT_MAX = 50


def never_reached(folder):
    """True when too few operations were ever done, so that the run proves nothing. Prints what the answers were."""
    answers = json.loads((folder / "answers.json").read_text())
    statuses = collections.Counter()
    for counts in answers.values():
        statuses.update(counts)
    print("answers:", ", ".join(f"{count} of {status}" for status, count in sorted(statuses.items())))
    unreached = [operation for operation, counts in sorted(answers.items()) if not any(status.startswith("2") for status in counts)]
    print(f"operations: {len(answers)}, of which these were never successful: {', '.join(unreached) or 'none'}")
    return 100 * len(unreached) > UNREACHED_PERCENT_MAX * len(answers)


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1_000_000)
    binary = os.environ.get("TASKYARD_BIN") or str(ROOT / "target" / "release" / "taskyard")
    if not os.access(binary, os.X_OK):
        sys.exit(f"error: no server at {binary}; do: make build")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="taskyard-fuzz-"))
    life = server.Server(binary, folder, None)
    try:
        life.start()
        found = schemathesis(life, seconds, seed, folder)
        unreached = never_reached(folder)
        broken = frames.fuzz(life.address, client.Signature(server.KEY_ID, server.SECRET), seed)
        if broken:
            print(f"FAILED: commands in an instance: {broken}")
        if unreached:
            print("FAILED: too many operations were never done")
        ended = life.stop()
        panics = life.panics()
        for line in panics:
            print(f"FAILED: panic in the server's log: {line}")
        if ended != 0:
            print(f"FAILED: the server ended with {ended} after SIGTERM")
        failed = bool(found or panics or ended or unreached or broken)
        if failed:
            print(f"--- the end of the server's log:\n{life.log_tail()}")
    finally:
        life.kill()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"fuzz: {'FAILED' if failed else 'nothing found'}; again with: end2end/fuzz/run {seconds} {seed}")
    sys.exit(int(failed))


if __name__ == "__main__":
    main()
