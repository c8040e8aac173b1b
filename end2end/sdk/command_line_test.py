"""The command line against a server: every verb, exit code and way to name a server and a key (issue 5, point 7)."""

import io
import json
import os
import pty
import re
import subprocess
import time
import uuid
import zipfile

import server
from alibabacloud_fc_open20210406 import models
from command_line import CommandLineTest

CODE = """
import os
from lib import words

def handler(event, context):
    print("called with", event.decode())
    return words.GREETING + " " + event.decode() + " " + os.environ.get("WHO", "nobody")
"""


def everything(terminal):
    """What was written to a terminal until its other side was closed."""
    shown = b""
    while True:
        try:
            shown += terminal.read(1024)
        except OSError:  # the way in which a terminal ends
            return shown


class Resources(CommandLineTest):
    def test_the_life_of_a_service_and_its_function_from_a_folder(self):
        service = f"cli-{uuid.uuid4().hex[:8]}"
        target = f"{service}/hello"
        made = self.ok("service", "create", service, "--description", "made by hand", "--json").json
        self.assertEqual((made["serviceName"], made["description"]), (service, "made by hand"))
        self.fails(1, "ServiceAlreadyExists", "service", "create", service)
        folder = self.folder(index=CODE, lib__words='GREETING = "hello"\n')
        options = ["--runtime", "python3", "--handler", "index.handler", "--memory", "128", "--timeout", "30"]
        shown = self.ok("function", "create", target, "--dir", folder, *options, "--env", "WHO=you").out
        self.assertRegex(shown, r"(?m)^runtime +python3$")
        self.assertEqual(self.ok("invoke", target, "--payload", "grüße").out, "hello grüße you")
        # The SDK sees what the command line made.
        found = self.client.get_function(service, "hello", models.GetFunctionRequest()).body
        self.assertEqual((found.handler, found.timeout, found.environment_variables), ("index.handler", 30, {"WHO": "you"}))
        self.assertIn(service, self.ok("service", "list", "--prefix", service).out)
        self.assertEqual([item["functionName"] for item in self.ok("function", "list", service, "--json").lines], ["hello"])
        self.ok("function", "update", target, "--clear-env", "--timeout", "31")
        self.assertEqual(self.ok("function", "get", target, "--json").json["timeout"], 31)
        self.assertEqual(self.ok("invoke", target).out, "hello  nobody")
        self.ok("function", "code", target)
        with zipfile.ZipFile(self.home / "hello.zip") as archive:
            self.assertEqual(sorted(archive.namelist()), ["index.py", "lib/words.py"])
        self.fails(2, "--force", "function", "code", target)
        piped = self.ok("function", "code", target, "--output", "-").raw
        self.assertEqual(zipfile.ZipFile(io.BytesIO(piped)).read("index.py").decode(), CODE)
        (self.home / "again.zip").write_bytes(piped)
        self.ok("function", "update", target, "--zip", "again.zip")
        self.fails(1, "ServiceNotEmpty", "service", "delete", service)
        self.fails(1, "PreconditionFailed", "function", "delete", target, "--if-match", "another")
        self.ok("function", "delete", target)
        self.ok("service", "delete", service)
        refused = self.fails(1, "ServiceNotFound", "service", "get", service)
        self.assertRegex(refused.err, r"request id: [0-9A-Za-z-]{36}\n")
        self.assertIn("taskyard service list", refused.err)

    def test_versions_aliases_and_time_triggers(self):
        target = self.make_target("echo", "index.echo", tasks=True)
        self.assertEqual(self.ok("version", "publish", self.service, "--json").json["versionId"], "1")
        self.ok("alias", "create", self.service, "prod", "1", "--description", "what customers use")
        self.assertRegex(self.ok("alias", "list", self.service).out, r"(?m)^prod +1 +.*what customers use$")
        self.assertEqual(self.ok("invoke", f"{target}:prod", "--payload", "x").out, "x")
        self.ok("trigger", "create", target, "hourly", "--schedule", "@every 60m", "--payload", "tick")
        self.assertIn("@every 60m", self.ok("trigger", "list", target).out)
        self.ok("trigger", "delete", target, "hourly")
        self.fails(1, "QualifierInUse", "version", "delete", self.service, "1")
        self.ok("alias", "delete", self.service, "prod")
        self.ok("version", "delete", self.service, "1")

    def test_services_belong_to_a_region(self):
        names = lambda *words: {item["serviceName"] for item in self.ok("service", "list", "--all", "--json", *words).lines}
        self.assertIn(self.service, names("--limit", "2"))
        self.assertNotIn(self.service, names("--region", "cn-shanghai"))
        self.fails(1, "ServiceNotFound", "service", "get", self.service, TASKYARD_REGION="cn-shanghai")


class Invocations(CommandLineTest):
    def test_a_synchronous_call_gives_the_result_byte_by_byte(self):
        target = self.make_target("echo", "index.echo")
        payload = b"\x00\xff binary \n"
        self.assertEqual(self.ok("invoke", target, "--file", "-", given=payload).raw, payload)
        (self.home / "event").write_bytes(payload)
        self.assertEqual(self.ok("invoke", target, "--file", "event").raw, payload)
        done = self.ok("invoke", target, "--payload", "x", "--log")
        self.assertEqual(done.out, "x")
        self.assertRegex(done.err, r"echo says x[\s\S]*Duration: ")
        answer = self.ok("invoke", target, "--payload", "x", "--json", "--log").json
        self.assertEqual((answer["payload"], answer["errorType"], answer["statusCode"]), ("x", None, 200))
        self.assertIn("echo says x", answer["log"])
        self.fails(1, "FunctionNotFound", "invoke", f"{self.service}/none")

    def test_a_failed_function_is_exit_code_3(self):
        target = self.make_target("fails", "index.fail")
        done = self.fails(3, "UnhandledInvocationError", "invoke", target)
        self.assertEqual(done.json["errorMessage"], "no luck today")
        self.assertEqual(self.run_verb("invoke", target, "--json").code, 3)


class Tasks(CommandLineTest):
    def test_the_life_of_a_task(self):
        # Without task mode: --async asks for it.
        target = self.make_target("life", "index.echo")
        done = self.ok("invoke", target, "--async", "--id", "job-1", "--payload", '{"n": 1}')
        self.assertEqual(done.out, "job-1\n")
        watched = self.ok("task", "watch", target, "job-1")
        states = re.findall(r"(?m)^\d\d:\d\d:\d\d\.\d{3}  (\w+)", watched.out)
        self.assertEqual(states, ["Enqueued", "Processed", "Running", "Succeeded"])
        self.assertEqual([event["status"] for event in self.ok("task", "watch", target, "job-1", "--json").lines], states)
        record = self.ok("task", "get", target, "job-1", "--json").json
        self.assertEqual((record["invocationPayload"], record["returnPayload"]), ('{"n": 1}', '{"n": 1}'))
        shown = self.ok("task", "get", target, "job-1").out
        self.assertRegex(shown, r"(?m)^status +Succeeded$")
        self.assertRegex(shown, r"(?m)^started +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \((now|\d+ s ago)\)$")
        self.fails(1, "StatefulAsyncInvocationAlreadyExists", "invoke", target, "--async", "--id", "job-1")
        self.assertEqual(self.task("life", "job-1").return_payload, '{"n": 1}', "the SDK finds it too")
        again = self.ok("task", "retry", target, "job-1", "--id", "job-2", "--watch")
        self.assertIn("Succeeded", again.out)
        self.assertEqual(self.task("life", "job-2").invocation_payload, '{"n": 1}')
        logs = self.ok("task", "logs", target, "job-1", "--follow")
        self.assertRegex(logs.out, r'(?m)^\d\d:\d\d:\d\d\.\d{3}  echo says \{"n": 1\}$')
        lines = self.ok("task", "logs", target, "job-1", "--json").lines
        self.assertEqual([line["lineNumber"] for line in lines], list(range(len(lines))))
        found = self.ok("task", "logs", target, "job-1", "--text", "ECHO says", "--json").lines
        self.assertEqual([line["message"] for line in found], ['echo says {"n": 1}'])
        self.fails(1, "StatefulAsyncInvocationNotFound", "task", "watch", target, "none")
        self.fails(1, "InvalidArgument", "task", "stop", target, "job-1")

    def test_a_task_that_fails_is_exit_code_3(self):
        target = self.make_target("fails", "index.fail", tasks=True, retries=0)
        self.fails(3, "task job-1 ended as Failed: no luck today", "invoke", target, "--async", "--id", "job-1", "--watch")
        told = self.run_verb("task", "watch", target, "job-1", "--json")
        self.assertEqual((told.code, told.lines[-1]["status"]), (3, "Failed"))
        self.assertIn("no luck today", self.ok("task", "logs", target, "job-1", "--follow").out)

    def test_lists_by_every_filter_and_over_all_pages(self):
        target = self.make_target("echo", "index.echo", tasks=True)
        begun = int(time.time() * 1000) - 1000
        for name in ("a-1", "a-2", "b-1"):
            self.ok("invoke", target, "--async", "--id", name)
            self.ok("task", "watch", target, name)
        self.ok("invoke", target, "--async", "--id", "b-2", "--delay", "3600")

        def ids(*words):
            return [item["invocationId"] for item in self.ok("task", "list", target, "--json", *words).lines]

        self.assertEqual(sorted(ids()), ["a-1", "a-2", "b-1", "b-2"])
        self.assertEqual(ids("--prefix", "a-", "--order", "asc"), ["a-1", "a-2"])
        self.assertEqual(ids("--status", "Enqueued"), ["b-2"])
        self.assertEqual(sorted(ids("--status", "Enqueued", "--status", "Succeeded")), ["a-1", "a-2", "b-1", "b-2"])
        self.assertEqual(ids("--status", "Failed"), [])
        self.assertEqual(sorted(ids("--since", str(begun), "--prefix", "a-")), ["a-1", "a-2"])
        self.assertEqual(ids("--until", "1h"), [])
        self.assertEqual(sorted(ids("--limit", "1", "--all")), ["a-1", "a-2", "b-1", "b-2"])
        page = self.ok("task", "list", target, "--limit", "3")
        self.assertEqual(len(page.out.splitlines()), 4, page.out)
        token = re.search(r"--next-token (\S+)", page.err).group(1)
        self.assertEqual(len(self.ok("task", "list", target, "--next-token", token).out.splitlines()), 2)
        self.assertEqual(self.ok("task", "list", target, "--json", "--limit", "1", "--payload").lines[0]["invocationPayload"], "")
        waiting = self.ok("task", "get", target, "b-2").out
        self.assertRegex(waiting, r"(?m)^waits +begins .* \(in \d+ min\)$")
        self.assertRegex(self.ok("task", "stop", target, "b-2").out, r"task b-2 is Stopped")

    def test_a_running_task_is_stopped(self):
        target = self.make_target("nap", "index.nap", tasks=True)
        self.ok("invoke", target, "--async", "--id", "job-1", "--payload", "600")
        self.wait("nap", "job-1", "Running")
        self.fails(1, "still Running", "task", "watch", target, "job-1", "--timeout", "0")
        self.assertRegex(self.ok("task", "stop", target, "job-1").out, "task job-1 is (Stopping|Stopped)")
        self.fails(3, "task job-1 ended as Stopped", "task", "watch", target, "job-1")


class Connection(CommandLineTest):
    def test_exit_codes_say_what_kind_of_failure_it_was(self):
        check = lambda code, part, **more: self.fails(code, part, "service", "list", **more)
        check(1, "SignatureNotMatch", TASKYARD_ACCESS_KEY_SECRET="another secret")
        check(1, "InvalidAccessKeyID", TASKYARD_ACCESS_KEY_ID="nobody")
        check(2, "no access key", TASKYARD_ACCESS_KEY_ID=None, TASKYARD_ACCESS_KEY_SECRET=None)
        check(2, "secret of access key", TASKYARD_ACCESS_KEY_SECRET=None)
        check(2, "endpoint", TASKYARD_ENDPOINT="ftp://x")
        check(4, "can't be reached", TASKYARD_ENDPOINT=f"http://127.0.0.1:{server.free_port()}")
        self.fails(2, "Usage", "service", "lisst")
        self.fails(2, "--access-key-secret", "service", "list", "--access-key-secret", server.SECRET)
        told = self.run_verb("service", "list", "--json", TASKYARD_ACCESS_KEY_ID="nobody")
        problem = json.loads(told.err)
        self.assertEqual((told.code, problem["code"], problem["status"], len(problem["requestId"])), (1, "InvalidAccessKeyID", 403, 36))
        self.assertIn("Exit codes:", self.ok("task", "--help").out)

    def test_a_profile_names_the_server_and_the_key(self):
        none = {"TASKYARD_ENDPOINT": None, "TASKYARD_ACCESS_KEY_ID": None, "TASKYARD_ACCESS_KEY_SECRET": None}
        words = ["configure", "--endpoint", server.current.address, "--access-key-id", server.KEY_ID]
        self.ok(*words, given=server.SECRET.encode() + b"\n", **none)
        file = self.home / ".config" / "taskyard" / "config.toml"
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        self.ok("service", "get", self.service, **none)
        self.ok(*words, "--profile", "wrong", given=b"another secret\n", **none)
        self.ok("service", "get", self.service, **none)
        self.fails(1, "SignatureNotMatch", "service", "get", self.service, "--profile", "wrong")
        self.fails(2, "no profile 'other'", "service", "list", "--profile", "other")
        file.chmod(0o644)
        self.fails(2, "chmod 600", "service", "list", **none)

    def test_a_missing_secret_is_asked_for_and_not_shown(self):
        binary = os.path.abspath(server.current.binary)
        environment = {name: value for name, value in self.variables.items() if name != "TASKYARD_ACCESS_KEY_SECRET"}
        child, terminal = pty.fork()
        if child == 0:
            os.execve(binary, [binary, "service", "get", self.service], environment)
        shown = b""
        with os.fdopen(terminal, "r+b", buffering=0) as terminal:
            while b"Secret of access key" not in shown:
                shown += terminal.read(1024)
            terminal.write(server.SECRET.encode() + b"\n")
            shown += everything(terminal)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0, shown)
        self.assertIn(self.service.encode(), shown)
        self.assertNotIn(server.SECRET.encode(), shown)

    def test_the_vendors_variables_and_flags_are_taken(self):
        none = {"TASKYARD_ENDPOINT": None, "TASKYARD_ACCESS_KEY_ID": None, "TASKYARD_ACCESS_KEY_SECRET": None}
        vendor = {"ALIBABA_CLOUD_ACCESS_KEY_ID": server.KEY_ID, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": server.SECRET}
        self.ok("service", "get", self.service, "--endpoint", server.current.address, **none, **vendor)
        secret = {**none, "TASKYARD_ACCESS_KEY_SECRET": server.SECRET}
        self.ok("service", "get", self.service, "--endpoint", server.current.address, "--access-key-id", server.KEY_ID, **secret)


class Shells(CommandLineTest):
    def test_bash_completes_verbs(self):
        words = ["taskyard", "task", ""]
        script = (
            'source <(taskyard completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
            '_taskyard taskyard "" task; echo "${COMPREPLY[@]}"'
        )
        shims = self.home / "bin"
        shims.mkdir()
        (shims / "taskyard").symlink_to(os.path.abspath(server.current.binary))
        environment = {**self.variables, "PATH": f"{shims}:{self.variables['PATH']}"}
        done = subprocess.run(["bash", "-c", script, "bash", *words], env=environment, capture_output=True, text=True, timeout=60)
        for verb in ("list", "get", "watch", "stop", "retry", "logs"):
            self.assertIn(verb, done.stdout.split(), done.stderr)
        for shell in ("zsh", "fish"):
            self.assertIn("taskyard", self.ok("completion", shell).out)

    def test_colours_are_for_terminals_only(self):
        target = self.make_target("echo", "index.echo", tasks=True)
        self.ok("invoke", target, "--async", "--id", "job-1", "--watch")
        self.assertNotIn("\x1b", self.ok("task", "list", target).out)
        self.assertIn("\x1b[32mSucceeded", self.at_a_terminal("task", "list", target))
        self.assertNotIn("\x1b", self.at_a_terminal("task", "list", target, NO_COLOR="1"))
        self.assertNotIn("\x1b", self.at_a_terminal("task", "list", target, "--json"))

    def at_a_terminal(self, *words, **variables):
        """What a command prints when its standard output is a terminal."""
        master, slave = pty.openpty()
        try:
            command = [os.path.abspath(server.current.binary), *words]
            options = {"env": {**self.variables, "TERM": "xterm", **variables}, "stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            subprocess.run(command, stdout=slave, timeout=60, check=True, **options)
        finally:
            os.close(slave)
        with os.fdopen(master, "rb", buffering=0) as terminal:
            return everything(terminal).decode()
