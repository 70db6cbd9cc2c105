"""Tidy: the house's rules, checked. Prints `file:line: rule: what to do`; ends with 1 when there is a finding.

  floors     a room includes lower floors only (tools/floors.txt)
  size       file <= 800 lines, function <= 70 lines
  columns    100, in Python 120
  head       `#pragma once`; a first line `Noun: what it decides or holds.`
  test       every source has its test file, or a test of its room includes its header
  banned     calls that have a better replacement here, each named
  words      TODO(perf|soon|someday|security): only; no issue numbers, no paths of one machine
  unused     every setting and every metric is used

Exceptions stand in tools/tidy_allow.txt: `path rule reason`, or `path:function size reason`; the path may hold *.
Usage: tools/tidy.py [ROOT]
"""

import ast
import fnmatch
import os
import pathlib
import re
import subprocess
import sys

FILE_LINES_MAX = 800
FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 100
PYTHON_COLUMNS_MAX = 120

CODE = {".h", ".cc", ".c"}
CHECKED = CODE | {".py", ".def", ".fbs", ".sh", ".txt", ".md", ".toml", ".yaml"}
SKIPPED = ("bench/results/", "tests/golden/", "tests/fuzz/corpus/")
PLANES = ("dataplane", "controller")
HOT_ROOMS = ("exchange", "match", "auth", "throttle", "policy", "upstream", "http")

# (rule name, where, pattern over code without comments and texts, what to do)
BANNED = [
    (r"\b(strcpy|strcat|strncpy|strncat)\s*\(", "", "use std::string_view and memcpy with a checked size"),
    (r"\b(sprintf|vsprintf|snprintf)\s*\(", "", "use fmt::format or fmt::format_to_n"),
    (r"\b(atoi|atol|atoll|atof|strtol|strtoul|strtoll|strtoull|strtod)\s*\(", "",
     "use std::from_chars: it reports errors"),
    (r"\bstd::sto(i|l|ul|ll|ull|f|d)\s*\(", "", "use std::from_chars: it does not throw"),
    (r"(?<![\w:])s?rand\s*\(", "", "use a seeded engine, or the system's random bytes for secrets"),
    (r"\bstrtok\s*\(", "", "split with std::string_view::find"),
    (r"\bgets\s*\(", "", "use a bounded read"),
    (r"(?<!fmt::)\b(gmtime|localtime|ctime|asctime)\s*\(", "", "use gmtime_r: these share a buffer between threads"),
    (r"\bsystem\s*\(|\bpopen\s*\(", "", "start a program with its arguments as a list, without a shell"),
    (r"\busing\s+namespace\b(?!\s+std::chrono;|\s+std::\w*literals\b)", "", "name what is used"),
    (r"\bNDEBUG\b", "", "asserts stay on in every build"),
    (r"\bstd::regex\b", "dataplane/", "write a small matcher: std::regex recurses over its input"),
    (r"\bthrow\b", "dataplane/", "return a Fault: the data plane throws nothing"),
    (r"\bcatch\s*\(", "dataplane/", "the data plane throws nothing, so it catches nothing"),
    (r"\bstd::(cout|cerr)\b", "dataplane/", "use base/log.h"),
    (r"\bassert\s*\([^;]*&&[^;]*\)\s*;", "", "split it: assert(a); assert(b);"),
]
HOT_BANNED = [
    (r"\bstd::function\b", "use a plain function pointer with its owner"),
    (r"\bstd::(unordered_)?(multi)?map\b", "use a table laid out by the compiler, or a flat array"),
    (r"\bstd::(recursive_|shared_|timed_)?mutex\b|\bstd::(lock_guard|unique_lock|scoped_lock)\b",
     "the hot path takes no lock"),
    (r"(?<![\w:])new\s+[A-Za-z_]\w*", "allocate from the exchange's arena or a pool"),
    (r"\bstd::make_(unique|shared)\b", "allocate from the exchange's arena or a pool"),
]
MACHINE_PATH = re.compile(r"/(?:wor[k]|hom[e]/\w+|Use[r]s/\w+|roo[t])/\w")
ISSUE = re.compile(r"(?i)\b(?:issue|ticket|bug|pr)\s*#?\d+\b|(?<![\w&#])#\d+\b(?!;)")
MACHINE_WORDS = re.compile(r"(?i)\b(?:cla[u]de|anthrop[i]c|chat[g]pt|cop[i]lot|language mode[l]|a[i]-generated)\b")
TODO = re.compile(r"\b(TODO)\b(?!\((?:perf|soon|someday|security)\): )|\b(FIXM[E]|XX[X]|HAC[K])\b")
NOUN_LINE = re.compile(r"^[A-Z][^:]{0,60}: \S")


class Findings:
    def __init__(self, allowed):
        self.allowed = allowed
        self.lines = []
        self.used = set()

    def add(self, path, line, rule, advice, function=None):
        for pattern, allowed_rule in self.allowed:
            subject = f"{path}:{function}" if ":" in pattern else path
            if allowed_rule == rule and fnmatch.fnmatchcase(subject, pattern):
                self.used.add((pattern, allowed_rule))
                return
        self.lines.append((path, line, f"{path}:{line}: {rule}: {advice}"))


def read_allowed(root):
    """{(path or path:function, rule): reason}"""
    path = root / "tools/tidy_allow.txt"
    allowed = {}
    for number, line in enumerate(path.read_text().splitlines() if path.exists() else [], 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = line.split(None, 2)
        if len(parts) < 3:
            sys.exit(f"tools/tidy_allow.txt:{number}: needs a path, a rule and a reason")
        allowed[(parts[0], parts[1])] = parts[2]
    return allowed


def read_floors(root):
    """{plane: {room: floor}}; main's own floor is the room '.'."""
    floors = {plane: {} for plane in PLANES}
    path = root / "tools/floors.txt"
    for number, line in enumerate(path.read_text().splitlines() if path.exists() else [], 1):
        if not line.strip() or line.startswith("#"):
            continue
        plane, _, rooms = line.partition(":")
        for room in rooms.split():
            floors[plane][room] = number
    return floors


def list_files(root):
    git = subprocess.run(["git", "-C", str(root), "ls-files", "-co", "--exclude-standard", "."],
                         capture_output=True, text=True)
    if git.returncode == 0 and git.stdout:
        names = git.stdout.splitlines()
    else:
        names = [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()]
    names = [name for name in names if (root / name).is_file() and not name.startswith(SKIPPED)]
    return sorted(name for name in names if not name.startswith(("build", ".")))


def blank(match):
    """The same number of lines and columns, without content."""
    return re.sub(r"[^\n]", " ", match.group(0))


CPP_TOKENS = re.compile(
    r'R"(?P<mark>[^()\\\s]{0,16})\((?:.|\n)*?\)(?P=mark)"'  # raw text
    r'|"(?:\\.|[^"\\\n])*"'                                 # text
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'"                 # a character, not a digit separator
    r"|//[^\n]*|/\*(?:.|\n)*?\*/")


def code_only(text):
    return CPP_TOKENS.sub(lambda m: '""' + blank(m)[2:] if m.group(0)[0] in "\"R" else blank(m), text)


def comments_only(text):
    """Comments in place, everything else blank."""
    kept = list(re.sub(r"[^\n]", " ", text))
    for match in CPP_TOKENS.finditer(text):
        if match.group(0)[0] == "/":
            kept[match.start():match.end()] = match.group(0)
    return "".join(kept)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


CONTAINER = re.compile(r"^\s*(?:template\s*<[^{}]*>\s*)?(?:inline\s+|static\s+|const\s+|constexpr\s+)*"
                       r"(?:namespace|class|struct|union|enum|extern\s*\"\")\b[^()=]*$")
NAME = re.compile(r"([~\w:]+|operator\s*\S+)\s*\(")


def cpp_functions(text):
    """(name, first line, last line) of every function body at namespace or class level; lambdas belong to theirs."""
    code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\(?:.|\n))*", blank, code_only(text), flags=re.M)
    stack = []      # (kind, name, first line)
    depth = 0       # how many open braces are inside of a function
    start = 0       # where the current declaration began
    for match in re.finditer(r"[{};]", code):
        char, at = match.group(0), match.start()
        head = code[start:at]
        if char == "{":
            if depth > 0:
                depth += 1
                continue
            if CONTAINER.match(head) or re.search(r"\b(?:namespace|extern)\b[^()]*$", head):
                stack.append(("container", "", 0))
            elif "(" in head:
                found = NAME.search(head)
                begin = start + len(head) - len(head.lstrip())
                stack.append(("function", found.group(1) if found else "?", line_of(code, begin)))
                depth = 1
            else:
                stack.append(("other", "", 0))
            start = at + 1
        elif char == "}":
            if depth > 1:
                depth -= 1
                continue
            if stack:
                kind, name, first = stack.pop()
                if kind == "function":
                    yield name, first, line_of(code, at)
                    depth = 0
            start = at + 1
        elif depth == 0:
            start = at + 1


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno


def check_size(findings, name, text, suffix):
    lines = text.splitlines()
    if len(lines) > FILE_LINES_MAX and suffix in CODE | {".py"}:
        findings.add(name, len(lines), "size", f"{len(lines)} lines; a file holds one noun: split it "
                     f"(at most {FILE_LINES_MAX})", function="file")
    columns_max = PYTHON_COLUMNS_MAX if suffix == ".py" else COLUMNS_MAX
    for number, line in enumerate(lines if suffix in CODE | {".py"} else [], 1):
        if len(line) > columns_max:
            findings.add(name, number, "columns", f"{len(line)} columns; wrap it at {columns_max}")
    functions = cpp_functions if suffix in CODE else python_functions if suffix == ".py" else None
    for function, first, last in functions(text) if functions else ():
        length = last - first + 1
        if length > FUNCTION_LINES_MAX:
            findings.add(name, first, "size", f"{function}() has {length} lines; split it "
                         f"(at most {FUNCTION_LINES_MAX})", function=function)


def check_head(findings, name, text, suffix):
    if suffix == ".h" and not re.search(r"^#pragma once$", text, re.M):
        findings.add(name, 1, "head", "add `#pragma once`")
    if suffix not in {".h", ".c", ".py"} or name.endswith(("__init__.py", "conftest.py")):
        return
    if name.startswith("tests/") and suffix == ".py":
        return
    lines = text.splitlines() or [""]
    first = lines[1] if lines[0].startswith("#!") and len(lines) > 1 else lines[0]
    first = re.sub(r'^(?:// |/\* |# |"""|\'\'\')', "", first)
    if not NOUN_LINE.match(first):
        findings.add(name, 1, "head", "start with a comment `Noun: what it decides or holds.`")


def check_floors(findings, name, text, floors):
    parts = name.split("/")
    plane = parts[0]
    if plane not in PLANES or not name.endswith((".h", ".cc")):
        return
    room = parts[1] if len(parts) > 2 else "."
    if room not in floors[plane]:
        findings.add(name, 1, "floors", f"room {room} has no floor: add it to tools/floors.txt")
        return
    for match in re.finditer(r'^#include "([^"]+)"', text, re.M):
        target = match.group(1).split("/")
        line = line_of(text, match.start())
        if target[0] in PLANES and target[0] != plane:
            findings.add(name, line, "floors", f"{plane} does not include {target[0]}")
            continue
        if target[0] == plane:
            target = target[1:]
        if target[0] == room or target[0] not in floors[plane] or len(target) < 2:
            other = [p for p in PLANES if p != plane and len(target) > 1 and target[0] in floors[p]]
            if other and target[0] != room and target[0] not in floors[plane]:
                findings.add(name, line, "floors", f"{plane} does not include {other[0]}/{target[0]}")
            continue
        if floors[plane][target[0]] >= floors[plane][room]:
            findings.add(name, line, "floors", f"{room} includes lower floors only, {target[0]} is not: "
                         "move what is shared down, or pass it in")


def tested_headers(root, names):
    """Every path that a test includes, with its plane: dataplane/match/match.h"""
    headers = set()
    for name in names:
        parts = name.split("/")
        if parts[0] == "tests" and len(parts) > 3 and parts[1] in PLANES and name.endswith("_test.cc"):
            text = (root / name).read_text(errors="replace")
            headers |= {f"{parts[1]}/{path}" for path in re.findall(r'^#include "([^"]+)"', text, re.M)
                        if path.startswith(f"{parts[2]}/")}
    return headers


def check_test(findings, name, names, headers):
    if not name.startswith(PLANES) or not name.endswith(".cc") or name.endswith("/main.cc"):
        return
    test = f"tests/{name[:-3]}_test.cc"
    if test not in names and f"{name[:-3]}.h" not in headers:
        findings.add(name, 1, "test", f"write {test}")


def check_banned(findings, name, text, suffix):
    if suffix not in CODE:
        return
    code = code_only(text)
    rules = [(pattern, advice) for pattern, where, advice in BANNED if name.startswith(where)]
    parts = name.split("/")
    if parts[0] == "dataplane" and parts[1] in HOT_ROOMS:
        rules += HOT_BANNED
    if name != "dataplane/net/tenancy.h" and name.startswith("dataplane/"):
        rules.append((r"\buv_close\s*\(", "leave through net/tenancy.h"))
    for pattern, advice in rules:
        for match in re.finditer(pattern, code):
            word = match.group(0).split("(")[0].strip()
            findings.add(name, line_of(code, match.start()), "banned", f"{word}: {advice}")


def check_words(findings, name, text, suffix):
    if name == "tools/tidy.py":
        return
    prose = comments_only(text) if suffix in CODE | {".def", ".fbs"} else text
    for match in TODO.finditer(prose):
        findings.add(name, line_of(prose, match.start()), "words",
                     "write TODO(perf|soon|someday|security): what is left, or do it")
    in_comments = prose if suffix not in {".md", ".yaml", ".toml"} else ""
    for match in ISSUE.finditer(in_comments):
        findings.add(name, line_of(prose, match.start()), "words", "say what it is about, not its number")
    for match in MACHINE_PATH.finditer(text):
        findings.add(name, line_of(text, match.start()), "words", "no path of one machine")
    for match in MACHINE_WORDS.finditer(prose):
        findings.add(name, line_of(prose, match.start()), "words", f"no mention of {match.group(0)}")


def check_unused(findings, root, names):
    """Every row of the settings and metrics tables is used by the data plane's code."""
    users = [name for name in names if name.startswith("dataplane/") and name.endswith((".h", ".cc"))
             and not name.startswith("dataplane/base/")]
    if not users or "dataplane/base/config.def" not in names:
        return
    code = "\n".join(code_only((root / name).read_text(errors="replace")) for name in users)
    section = ""
    text = (root / "dataplane/base/config.def").read_text()
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.match(r"SECTION\(\w+, (\w+),", line):
            section = match.group(1)
        elif match := re.match(r"SETTING\(\w+, (\w+),", line):
            setting = match.group(1)
            if not re.search(rf"\b{section}\s*(?:\.|->)\s*{setting}\b|\.{setting}\b", code):
                findings.add("dataplane/base/config.def", number, "unused",
                             f"nothing reads {section}.{setting}: use it or remove it")
    counted = (root / "dataplane/base/metrics.cc").read_text() + code
    text = (root / "dataplane/base/metrics.def").read_text()
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r"(COUNTER|GAUGE|HISTOGRAM)\((\w+),", line)
        if match and not re.search(rf"::{match.group(2)}\b", counted):
            findings.add("dataplane/base/metrics.def", number, "unused",
                         f"nothing counts {match.group(2)}: count it or remove it")


def check(root):
    allowed = read_allowed(root)
    findings = Findings(allowed)
    floors = read_floors(root)
    names = list_files(root)
    name_set, headers = set(names), tested_headers(root, names)
    for name in names:
        suffix = pathlib.Path(name).suffix
        if suffix not in CHECKED and name not in ("tools/do", "tools/setup", "tools/demo"):
            continue
        try:
            text = (root / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            if suffix in CODE | {".py"}:
                findings.add(name, 1, "head", "must be UTF-8")
            continue
        in_corpus = name.startswith("tests/") and suffix not in CODE | {".py"}
        if in_corpus:
            continue
        check_size(findings, name, text, suffix)
        check_head(findings, name, text, suffix)
        check_floors(findings, name, text, floors)
        check_test(findings, name, name_set, headers)
        check_banned(findings, name, text, suffix)
        check_words(findings, name, text, suffix)
    check_unused(findings, root, names)
    for path, rule in sorted(set(allowed) - findings.used):
        findings.lines.append(("tools/tidy_allow.txt", 1, "tools/tidy_allow.txt:1: allow: "
                               f"{path} {rule} is not needed any more: remove it"))
    return sorted(findings.lines), len(names)


def main(arguments):
    root = pathlib.Path(arguments[0] if arguments else os.path.dirname(os.path.dirname(
        os.path.abspath(__file__))))
    findings, count = check(root)
    for _, _, text in findings:
        print(text)
    print(f"tidy: {count} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
