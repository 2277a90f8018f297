#!/usr/bin/env python3
"""Rules of the house that no compiler knows.

    tests/lint/lint.py                the project's sources
    tests/lint/lint.py --self-test    does every rule find what it must, and nothing else?

Prints one line a finding, `file:line: [rule] what to do instead`; exits 1 when there is one.
"""

import re
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True  # no __pycache__ in the source tree

from source import Source  # noqa: E402

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MOST_LINES = 400

# (rule, file): why this one may. An exception that nothing needs is a finding itself.
EXCEPTIONS = {}

SYSTEM_HEADERS = re.compile(r"boost/(asio|beast)|openssl/|sys/|(unistd|fcntl|poll|signal|netdb)\.h$|netinet/|arpa/")
STANDARD_OUTPUT = r"\bstd::cout\b|\b(?:printf|puts|putchar|fmt::print)\s*\("
SLEEP = r"\bsleep_(?:for|until)\b|\b(?:u|nano)?sleep\s*\("


def is_header(path):
    return path.endswith(".hpp")


def is_daemon(path):
    return path.startswith(("src/", "include/"))


def is_core(path):
    return path.startswith(("src/core/", "include/gcstreamd/core/"))


def may_include_beast(path):
    return (
        re.fullmatch(r"src/net/[^/]*\.cpp|src/net/frame_gate\.hpp", path)
        or path.startswith(("tests/simulator/", "tests/support/")))


def may_print(path):
    return not is_daemon(path) or path in (
        "src/app/cli.cpp", "src/app/position_command.cpp", "src/app/status_command.cpp",
        "src/app/verify_command.cpp",
        "src/main.cpp")


# Each rule yields (line, what to do instead). g++ 12 miscompiles what the await-rules forbid.


def await_lambda(source):
    for line, expression in source.awaiting_expressions():
        if expression.has_capturing_lambda():
            yield line, "name the lambda in a statement before this co_await"


def await_braces(source):
    for line, expression in source.awaiting_expressions():
        if expression.has_braced_list():
            yield line, "make what the braces build a named local before this co_await"


def await_conditional(source):
    for line, expression in source.awaiting_expressions():
        if expression.has("?"):
            yield line, "use if and else around this co_await"


def await_switch(source):
    for line, expression in source.awaiting_expressions():
        if expression.is_switch_condition:
            yield line, "write switch (auto value = co_await ...; value)"


def core_is_pure(source):
    if not is_core(source.path):
        return
    for line, name in source.includes():
        if SYSTEM_HEADERS.match(name):
            yield line, f"the core does no I/O: {name} belongs in net, sinks or app"


def beast_stays_inside(source):
    if may_include_beast(source.path):
        return
    for line, name in source.includes():
        if name.startswith("boost/beast"):
            yield line, f"{name} costs 30 s a file: keep it in src/net/*.cpp, behind an interface"


def standard_output(source):
    if may_print(source.path):
        return
    for line in source.occurrences(STANDARD_OUTPUT):
        yield line, "standard output belongs to the stdout sink: use the log"


def file_length(source):
    lines = source.text.count("\n")
    if is_daemon(source.path) and lines > MOST_LINES:
        yield 1, f"{lines} lines, {MOST_LINES} at most: split it by responsibility"


def pragma_once(source):
    if is_header(source.path) and not re.search(r"^#pragma once$", source.without_comments, re.M):
        yield 1, "a header needs #pragma once"


def no_sleep(source):
    if not source.path.startswith("tests/"):
        return
    for line in source.occurrences(SLEEP):
        yield line, "wait for what shall happen, with a deadline, instead of sleeping"


def pipe_to_the_end(source):
    """A reader that leaves early kills its writer with SIGPIPE, now and then, and `pipefail` makes that the result."""
    if "pipefail" not in source.text:
        return
    for line, text in enumerate(source.text.splitlines(), 1):
        if re.search(r"\|\s*(head\b|grep\s+-\w*q|sed\b[^|]*\dq)", text):
            yield line, "read the pipe to its end, as `sed -n 1p` and `grep >/dev/null` do"


RULES = {
    "await-lambda": await_lambda,
    "await-braces": await_braces,
    "await-conditional": await_conditional,
    "await-switch": await_switch,
    "core-is-pure": core_is_pure,
    "beast-stays-inside": beast_stays_inside,
    "standard-output": standard_output,
    "file-length": file_length,
    "pragma-once": pragma_once,
    "no-sleep": no_sleep,
}
SCRIPT_RULES = {"pipe-to-the-end": pipe_to_the_end}


def sources(root):
    for folder in ("include", "src", "tests"):
        for path in sorted((root / folder).rglob("*.[ch]pp")):
            name = path.relative_to(root).as_posix()
            if not name.startswith("tests/lint/"):
                yield Source(name, path.read_text(encoding="utf-8"))


def scripts(root):
    for path in sorted((root / "scripts").glob("*")):
        yield Source(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))


def findings(root):
    """(file, line, rule, advice) for the whole tree, in order."""
    for files, rules in ((sources(root), RULES), (scripts(root), SCRIPT_RULES)):
        for source in files:
            for rule, check in rules.items():
                for line, advice in check(source):
                    yield source.path, line, rule, advice


def check_project():
    found = list(findings(ROOT))
    used = {(rule, path) for path, _, rule, _ in found} & set(EXCEPTIONS)
    faults = [f for f in found if (f[2], f[0]) not in EXCEPTIONS]
    for path, line, rule, advice in faults:
        print(f"{path}:{line}: [{rule}] {advice}")
    for rule, path in sorted(set(EXCEPTIONS) - used):
        print(f"{path}:1: [{rule}] the exception for this file is no longer needed")
    checked = sum(1 for _ in sources(ROOT))
    print(f"{checked} files, {len(faults)} finding(s)")
    return bool(faults or set(EXCEPTIONS) - used or not checked)


def expected(root):
    """A fixture says in comments what must be found in it: `// finds RULE`, on the line itself."""
    for source in (*sources(root), *scripts(root)):
        for number, text in enumerate(source.text.splitlines(), 1):
            for rule in re.findall(r"(?://|#) finds ([a-z-]+)", text):
                yield source.path, number, rule


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        long_file = Path(folder) / "src" / "long.cpp"
        long_file.parent.mkdir()
        long_file.write_text("// finds file-length\n" + "\n" * MOST_LINES, encoding="utf-8")
        (long_file.parent / "full.cpp").write_text("\n" * MOST_LINES, encoding="utf-8")
        roots = (HERE / "fixtures", Path(folder))
        wanted = {one for root in roots for one in expected(root)}
        found = {one[:3] for root in roots for one in findings(root)}
    for path, line, rule in sorted(wanted - found):
        print(f"{path}:{line}: [{rule}] not found")
    for path, line, rule in sorted(found - wanted):
        print(f"{path}:{line}: [{rule}] found, but nothing is wrong there")
    untested = {*RULES, *SCRIPT_RULES} - {rule for _, _, rule in wanted}
    for rule in sorted(untested):
        print(f"[{rule}] has no fixture")
    print(f"{len(wanted)} expected findings")
    return bool(wanted ^ found or untested)


def main(arguments):
    if arguments not in ([], ["--self-test"]):
        print(__doc__, file=sys.stderr)
        return 64
    return int(self_test() if arguments else check_project())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
