"""Test run: every test of the project in order, each part timed, test cases counted.

  tidy
  release  the products: scenes on them, the instructions of a request
  tsan     the gateway under ThreadSanitizer: images that change under load
  asan     everything with ASan and UBSan: unit tests, a few seconds of each fuzz target, scenes

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
import typing
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[1]
UNIT_SECONDS_MAX = 900
SCENES_SECONDS_MAX = 2400
SHOWN_LINES_MAX = 200
FUZZ_SECONDS = 5


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


class Built(typing.NamedTuple):
    passed: bool
    output: str


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


def build(plane):
    """Configures and builds."""
    env = {**os.environ, "APIM_BUILD": plane.folder, "APIM_CMAKE": plane.options}
    run = subprocess.run(["tools/do", "build", *plane.targets], cwd=ROOT, env=env, text=True, errors="replace",
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return Built(run.returncode == 0, run.stdout)


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


def run_fuzz(binary, scratch, env):
    """One fuzz target: its corpus, then what libFuzzer makes of it in a few seconds, the same at every run."""
    command = [str(binary), f"-max_total_time={FUZZ_SECONDS}", "-seed=1", "-timeout=60", "-rss_limit_mb=4096",
               str(scratch), str(ROOT / "tests/fuzz/corpus" / binary.name)]
    run = subprocess.run(command, cwd=scratch, env={**os.environ, **env}, text=True, errors="replace",
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return binary.name, None, run.returncode, run.stdout


def units(tally, plane, word):
    folder = ROOT / plane.folder
    binaries = sorted([*folder.glob("*_test"), *folder.glob("*_fuzz")])
    with tempfile.TemporaryDirectory(prefix="apim-test.") as scratch:
        def run(binary):
            own = pathlib.Path(scratch) / binary.name
            own.mkdir()
            return run_fuzz(binary, own, plane.env) if binary.name.endswith("_fuzz") else run_unit(
                binary, word, own, plane.env)

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for name, report, code, output in pool.map(run, binaries):
                label = f"{name} ({plane.label})"
                failed_before = tally.failed
                if report is not None:
                    tally.add_report(label, report)
                elif code == 0:
                    tally.add(label, 1, 0)
                if code != 0:
                    print(f"---- {label}\n{tail(output)}", flush=True)
                if code != 0 and tally.failed == failed_before:
                    tally.add(f"{label} ended with {code}", 0, 1)


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


def scenes(tally, plane, word):
    """A file of scenes on each core."""
    with tempfile.TemporaryDirectory(prefix="apim-scenes.") as scratch:
        report = pathlib.Path(scratch) / "scenes.xml"
        command = ["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short",
                   f"--numprocesses={os.cpu_count()}", "--dist=loadfile",
                   f"--junitxml={report}", f"--basetemp={scratch}/tmp", plane.scenes]
        if word:
            command += ["-k", word]
        failed_before = tally.failed
        code = run_scenes(command, {**os.environ, "APIM_BUILD": plane.folder, **plane.env})
        tally.add_report(f"scenes ({plane.label})", report)
        nothing_selected = code == 5 and word
        if code != 0 and not nothing_selected and tally.failed == failed_before:
            tally.add(f"scenes ({plane.label}): pytest ended with {code}", 0, 1)


def instructions(tally):
    """The cost of a request, in instructions: noise cannot touch it, so it is a test."""
    run = subprocess.run([sys.executable, "bench/load/instructions.py", "--growth", "1.05"], cwd=ROOT, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print(run.stdout, end="", flush=True)
    tally.add("instructions of a request", int(run.returncode == 0), int(run.returncode != 0))


class Plane(typing.NamedTuple):
    """One build and what runs on it."""

    label: str
    folder: str
    options: str = ""
    targets: tuple = ()  # Empty: all of them, and then their unit tests run.
    scenes: str = "tests/scenes"
    env: dict = {}


RELEASE = Plane("release", os.environ.get("APIM_BUILD", "build"))
ASAN = Plane("asan", "build-asan", "-DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_C_COMPILER=clang-19 -DAPIM_BENCH=OFF "
             "-DAPIM_SANITIZE=address -DAPIM_OPTIMIZE=0 -DAPIM_FUZZ=ON",
             env={"ASAN_SYMBOLIZER_PATH": "/usr/bin/llvm-symbolizer-19",
                  "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1:abort_on_error=0",
                  "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
                  "APIM_SANITIZE": "address"})  # for scenes that measure
# Where threads meet: images handed to workers, and given back by them.
# Its files are compiled one by one, so that each has what it includes.
TSAN = Plane("tsan", "build-tsan", "-DAPIM_BENCH=OFF -DAPIM_SANITIZE=thread -DAPIM_OPTIMIZE=1 -DAPIM_UNITY=OFF",
             ("apim-gateway",), "tests/scenes/45_reload_storm_test.py",
             {"TSAN_OPTIONS": f"suppressions={ROOT}/tests/support/tsan.supp:print_suppressions=0",
              "APIM_SANITIZE": "thread", "APIM_BUILD_FALLBACK": RELEASE.folder})


def test_plane(tally, plane, word, building):
    """Waits for the plane's build, then runs its tests."""
    built = timed(tally, f"build ({plane.label})", building.result)
    if not built.passed:
        print(tail(built.output), flush=True)
        return tally.add(f"build ({plane.label})", 0, 1)
    if not plane.targets:
        timed(tally, f"unit tests ({plane.label})", lambda: units(tally, plane, word))
    timed(tally, f"scenes ({plane.label})", lambda: scenes(tally, plane, word))


def main(arguments):
    word = arguments[0] if arguments else ""
    tally = Tally()
    if not word or word == "tidy":
        timed(tally, "tidy", lambda: tidy(tally))
    products = ("apim-gateway", "apim-controller", "apimctl", "bench/all")
    planes = [RELEASE] if word else [RELEASE._replace(targets=products), TSAN, ASAN]
    # Scenes wait more than they work: the next plane is built beside them.
    with concurrent.futures.ThreadPoolExecutor(1) as builder:
        buildings = [builder.submit(build, plane) for plane in planes]
        for plane, building in zip(planes, buildings):
            test_plane(tally, plane, word, building)
            if plane.label == "release" and not word:
                timed(tally, "instructions", lambda: instructions(tally))
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
