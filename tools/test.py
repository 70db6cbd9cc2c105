"""Test run: every test of the project in order, each part timed, test cases counted.

  tidy, release binaries, scenes on them, the instructions of a request,
  then everything built with ASan and UBSan: unit tests and scenes.

Called by `tools/do test [WORD]`. With WORD only the tests whose name has it run, unit tests and scenes, in the
release build only.
The last line is `N passed, N failed`; the exit code is 0 when nothing failed.
"""

import concurrent.futures
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[1]
UNIT_SECONDS_MAX = 900
SCENES_SECONDS_MAX = 1500
SHOWN_LINES_MAX = 200
SANITIZER_ENV = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1:abort_on_error=0",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "APIM_SANITIZE": "address",  # for scenes that measure
}


class Tally:
    """What passed and what failed so far, and how long each part took."""

    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.skipped = 0
        self.parts = []
        self.failures = []

    def add(self, name, passed, failed, skipped=0):
        self.passed += passed
        self.failed += failed
        self.skipped += skipped
        if failed:
            self.failures.append(f"{name}: {failed} failed")

    def add_report(self, name, report):
        """Counts a JUnit file. False: there is none, or it is empty."""
        try:
            cases = list(xml.etree.ElementTree.parse(report).getroot().iter("testcase"))
        except (OSError, xml.etree.ElementTree.ParseError):
            return False
        bad = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
        skipped = [case for case in cases if case.find("skipped") is not None or
                   case.get("result") == "skipped"]
        not_run = [case for case in cases if case.get("status") == "notrun"]
        good = len(cases) - len(bad) - len(skipped) - len(not_run)
        self.add(name, good, len(bad), len(skipped))
        return bool(cases)


def say(text):
    print(f"test: {text}", flush=True)


def tail(text):
    lines = text.splitlines()
    cut = [f"... {len(lines) - SHOWN_LINES_MAX} lines before"] if len(lines) > SHOWN_LINES_MAX else []
    return "\n".join(cut + lines[-SHOWN_LINES_MAX:])


def timed(tally, name, action):
    """Runs one part and notes its time."""
    say(f"{name} ...")
    start = time.monotonic()
    result = action()
    seconds = time.monotonic() - start
    tally.parts.append((name, seconds))
    say(f"{name}: {seconds:.0f} s")
    return result


def tidy(tally):
    run = subprocess.run([sys.executable, "tools/tidy.py"], cwd=ROOT, text=True, capture_output=True)
    findings = len([line for line in run.stdout.splitlines() if not line.startswith("tidy: ")])
    print(run.stdout + run.stderr, end="", flush=True)
    if run.returncode == 0:
        tally.add("tidy", 1, 0)
    else:
        tally.add("tidy", 0, max(findings, 1))


def build(tally, folder, options, targets, name):
    """Configures and builds. False when it failed; its errors are shown then."""
    env = {**os.environ, "APIM_BUILD": folder, "APIM_CMAKE": options}
    run = subprocess.run(["tools/do", "build", *targets], cwd=ROOT, env=env, text=True, errors="replace",
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if run.returncode != 0:
        print(tail(run.stdout), flush=True)
        tally.add(name, 0, 1)
    return run.returncode == 0


def run_unit(binary, word, scratch, env):
    """One gtest binary: (name, its report, exit code, output)."""
    report = pathlib.Path(scratch) / f"{binary.name}.xml"
    command = [str(binary), f"--gtest_output=xml:{report}", "--gtest_brief=1", "--gtest_shuffle"]
    if word and word not in binary.name:
        command.append(f"--gtest_filter=*{word}*")
    try:
        run = subprocess.run(command, cwd=scratch, env={**os.environ, **env}, text=True, errors="replace",
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=UNIT_SECONDS_MAX)
        return binary.name, report, run.returncode, run.stdout
    except subprocess.TimeoutExpired as late:
        output = (late.stdout or b"").decode("utf-8", "replace")
        return binary.name, report, -1, f"{output}\n{binary.name} did not end in {UNIT_SECONDS_MAX} s"


def units(tally, folder, word, env, label):
    binaries = sorted((ROOT / folder).glob("*_test"))
    with tempfile.TemporaryDirectory(prefix="apim-test.") as scratch:
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            runs = pool.map(lambda binary: run_unit(binary, word, scratch, env), binaries)
            for name, report, code, output in runs:
                failed_before = tally.failed
                tally.add_report(f"{name} ({label})", report)
                if code != 0:
                    print(f"---- {name} ({label})\n{tail(output)}", flush=True)
                if code != 0 and tally.failed == failed_before:
                    tally.add(f"{name} ({label}) ended with {code}", 0, 1)


def run_scenes(command, env):
    """pytest's exit code. Past the time limit it is interrupted, so that it still stops what it started."""
    child = subprocess.Popen(command, cwd=ROOT, env=env)
    try:
        return child.wait(SCENES_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        say(f"the scenes did not end in {SCENES_SECONDS_MAX} s")
        child.send_signal(signal.SIGINT)
        try:
            child.wait(120)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        return -1


def scenes(tally, folder, word, env, label):
    with tempfile.TemporaryDirectory(prefix="apim-scenes.") as scratch:
        report = pathlib.Path(scratch) / "scenes.xml"
        command = ["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short",
                   f"--junitxml={report}", f"--basetemp={scratch}/tmp", "tests/scenes"]
        if word:
            command += ["-k", word]
        failed_before = tally.failed
        code = run_scenes(command, {**os.environ, "APIM_BUILD": folder, **env})
        tally.add_report(f"scenes ({label})", report)
        nothing_selected = code == 5 and word
        if code != 0 and not nothing_selected and tally.failed == failed_before:
            tally.add(f"scenes ({label}): pytest ended with {code}", 0, 1)


def instructions(tally):
    """The cost of a request, in instructions: noise cannot touch it, so it is a test."""
    run = subprocess.run([sys.executable, "bench/load/instructions.py", "--growth", "1.05"], cwd=ROOT, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print(run.stdout, end="", flush=True)
    tally.add("instructions of a request", int(run.returncode == 0), int(run.returncode != 0))


def plane(tally, folder, options, targets, word, env, label):
    """One build and what runs on it. With `targets` only those are built, and no unit test runs."""
    name = f"build ({label})"
    if not timed(tally, name, lambda: build(tally, folder, options, targets, name)):
        return
    if not targets:
        timed(tally, f"unit tests ({label})", lambda: units(tally, folder, word, env, label))
    timed(tally, f"scenes ({label})", lambda: scenes(tally, folder, word, env, label))


def main(arguments):
    word = arguments[0] if arguments else ""
    tally = Tally()
    if not word or word == "tidy":
        timed(tally, "tidy", lambda: tidy(tally))
    targets = [] if word else ["apim-gateway", "apim-controller", "apimctl", "bench/all"]
    plane(tally, os.environ.get("APIM_BUILD", "build"), "", targets, word, {}, "release")
    if not word:
        timed(tally, "instructions", lambda: instructions(tally))
        plane(tally, "build-asan", "-DAPIM_SANITIZE=address -DAPIM_OPTIMIZE=0 -DAPIM_BENCH=OFF", [], word,
              SANITIZER_ENV, "asan")
    print()
    for name, seconds in tally.parts:
        say(f"{seconds:6.0f} s  {name}")
    say(f"{sum(seconds for _, seconds in tally.parts):6.0f} s  in all; {tally.skipped} skipped")
    for failure in tally.failures:
        say(f"FAILED {failure}")
    print(f"{tally.passed} passed, {tally.failed} failed", flush=True)
    return 1 if tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
