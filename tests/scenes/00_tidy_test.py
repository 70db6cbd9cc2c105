"""Tidy finds what it says it finds, and nothing in code that keeps the rules."""

import importlib.util
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("tidy", ROOT / "tools/tidy.py")
tidy = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tidy)

FLOORS = "dataplane: base\ndataplane: net observe\ndataplane: match\ncontroller: model\ncontroller: .\n"
GOOD_HEADER = "// Meter: decides.\n\n#pragma once\n"


@pytest.fixture()
def tree(tmp_path):
    """A function that writes files into an otherwise clean tree and returns tidy's findings."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools/floors.txt").write_text(FLOORS)

    def check(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        findings, _ = tidy.check(tmp_path)
        return [text for _, _, text in findings]

    return check


def source(body, name="dataplane/match/meter.cc"):
    """A source together with its test, so that only `body` can be wrong."""
    return {name: body, f"tests/{name[:-3]}_test.cc": "// What it promises.\n"}


def test_clean_code_has_no_findings(tree):
    assert tree({"dataplane/match/meter.h": GOOD_HEADER,
                 **source('#include "base/log.h"\n\nint f() { return 1\'000; }\n')}) == []


def test_a_lower_floor_may_not_include_a_higher_one(tree):
    found = tree(source('#include "match/meter.h"\n', "dataplane/net/loop.cc"))
    assert found == ["dataplane/net/loop.cc:1: floors: net includes lower floors only, match is not: "
                     "move what is shared down, or pass it in"]


def test_neighbours_may_not_include_each_other(tree):
    assert "floors: net includes lower floors only, observe" in tree(
        source('#include "observe/access.h"\n', "dataplane/net/loop.cc"))[0]


def test_planes_may_not_include_each_other(tree):
    assert "floors: dataplane does not include controller" in tree(source('#include "model/api.h"\n'))[0]
    assert "floors: dataplane does not include controller" in tree(
        source('#include "controller/model/api.h"\n'))[0]


def test_a_room_without_a_floor_is_named(tree):
    assert "room cellar has no floor" in tree(source("int x;\n", "dataplane/cellar/x.cc"))[0]


def test_a_source_needs_its_test(tree):
    assert tree({"dataplane/match/meter.cc": "int x;\n"}) == [
        "dataplane/match/meter.cc:1: test: write tests/dataplane/match/meter_test.cc"]


def test_a_test_that_includes_the_header_is_enough(tree):
    assert tree({"dataplane/match/meter.cc": "int x;\n", "dataplane/match/meter.h": GOOD_HEADER,
                 "tests/dataplane/match/all_test.cc": '#include "match/meter.h"\n'}) == []


def test_long_files_functions_and_lines(tree):
    assert "size: 801 lines" in tree(source("\n" * 801))[0]
    assert "columns: 101 columns" in tree(source("// " + "x" * 98 + "\n"))[0]
    long_function = "namespace a {\nint f(int x) {\n" + "  x += 1;\n" * 69 + "  return x;\n}\n}\n"
    assert tree(source(long_function)) == [
        "dataplane/match/meter.cc:2: size: f() has 72 lines; split it (at most 70)"]


def test_braces_in_texts_and_comments_do_not_count(tree):
    body = 'const char* a = "{{{";\n// {{{\n/* { */ const char b = \'{\';\n' + "int x;\n" * 100
    assert tree(source(body)) == []


def test_a_long_class_is_not_a_long_function(tree):
    body = "class A {\n public:\n  A() : x_{1} {}\n" + "  int f() { return x_; }\n" * 100 + "  int x_;\n};\n"
    assert tree(source(body)) == []


def test_functions_are_found_by_name():
    body = ("namespace n {\ntemplate <class T>\nstruct S : B<T> {\n  void m() const noexcept {\n  }\n};\n"
            "auto S::k(int a) -> int {\n  if (a) {\n    return [] { return 1; }();\n  }\n  return 0;\n}\n"
            "constexpr int kTable[] = {1, 2};\n}\nint main() {\n}\n")
    assert [(name, last - first + 1) for name, first, last in tidy.cpp_functions(body)] == [
        ("m", 2), ("S::k", 6), ("main", 2)]


@pytest.mark.parametrize("line, word", [
    ("strcpy(a, b);", "strcpy"), ("int x = atoi(s);", "atoi"), ("int x = rand();", "rand"),
    ("sprintf(a, b);", "sprintf"), ("assert(a && b);", "assert"), ("using namespace std;", "using namespace"),
    ("std::regex r;", "std::regex"), ("throw 1;", "throw"), ("uv_close(h, nullptr);", "uv_close"),
    ("std::function<void()> f;", "std::function"), ("auto* x = new int;", "new int"),
    ("std::mutex m;", "std::mutex"), ("std::map<int, int> m;", "std::map"), ("#define NDEBUG", "NDEBUG")])
def test_banned_calls_name_their_replacement(tree, line, word):
    found = tree(source(f"void f() {{\n{line}\n}}\n" if not line.startswith("#") else line + "\n"))
    assert len(found) == 1
    assert f"banned: {word}: " in found[0]


@pytest.mark.parametrize("line", [
    "// strcpy(a, b) is banned.", 'const char* a = "throw new";', "operand(1);", "x.renew();",
    "assert(a == b);", "int new_size = 1;", "my_strcpy(a);"])
def test_what_only_looks_banned_passes(tree, line):
    assert tree(source(f"void f() {{\n{line}\n}}\n")) == []


def test_leftovers_need_a_tag(tree):
    tag = "TO" + "DO"
    assert "words: write " + tag in tree(source(f"// {tag}: later\n"))[0]
    assert tree(source(f"// {tag}(perf): one copy too many\n")) == []


def test_numbers_of_tickets_and_paths_of_machines(tree):
    assert "not its number" in tree(source("// See iss" + "ue 12.\n"))[0]
    assert "no path of one machine" in tree(source('const char* p = "/ho' + 'me/joe/x";\n'))[0]


def test_headers_need_their_guard_and_noun(tree):
    assert tree({"dataplane/match/meter.h": "// Meter: decides.\n"}) == [
        "dataplane/match/meter.h:1: head: add `#pragma once`"]
    assert tree({"dataplane/match/meter.h": "#pragma once\n"}) == [
        "dataplane/match/meter.h:1: head: start with a comment `Noun: what it decides or holds.`"]


def test_unused_settings_and_metrics_are_named(tree):
    found = tree({"dataplane/base/config.def": "SECTION(Limits, limits, \"x\")\nSETTING(Integer, used, 0, 1, \"\", 0)\n"
                  "SETTING(Integer, unused, 0, 1, \"\", 0)\nSECTION_END(Limits, limits)\n",
                  "dataplane/base/metrics.def": "COUNTER(Used, \"a\", \"\", \"\")\nGAUGE(Unused, \"b\", \"\")\n",
                  "dataplane/base/metrics.cc": "", "tests/dataplane/base/metrics_test.cc": "",
                  **source("int f() { add(Counter::Used); return settings.limits.used; }\n")})
    assert found == ["dataplane/base/config.def:3: unused: nothing reads limits.unused: use it or remove it",
                     "dataplane/base/metrics.def:2: unused: nothing counts Unused: count it or remove it"]


def test_an_exception_needs_to_be_needed(tree):
    allowed = "dataplane/match/meter.cc banned kept for the test\n"
    assert tree({"tools/tidy_allow.txt": allowed, **source("void f() { throw 1; }\n")}) == []
    assert "is not needed any more" in tree({"tools/tidy_allow.txt": allowed, **source("void f() {}\n")})[0]
