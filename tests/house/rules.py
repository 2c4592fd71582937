"""The house rules. Each takes the tree and yields violations; check.py runs them all."""

import os
import re
from dataclasses import dataclass

import source

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 70
COUNTED_FILES = (".cc", ".h", ".py", ".sh", ".cmake", ".proto", "CMakeLists.txt", "dev")
# Vendored word for word from googleapis, as every gRPC project does.
NOT_OURS = ("proto/google/",)


@dataclass(frozen=True)
class Violation:
    path: str
    line: int
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}"


class Tree:
    """Files of the repository with their text, read once."""

    def __init__(self, root):
        self.root = root
        self.texts = {}
        for path in source.list_files(root):
            text = source.read(root, path)
            if text is not None and not path.startswith(NOT_OURS):
                self.texts[path] = text

    def cpp(self):
        return [(path, text) for path, text in self.texts.items() if path.endswith(source.CPP)]


# Which of our folders a folder may include; the longest matching prefix counts. A trailing name of
# a header allows only that header. Folders that are not listed (tests) may include anything.
ARROWS = {
    "core/random/": ("core/random/", "core/base/wide.h", "core/base/vectors.h"),
    "core/frames/": ("core/frames/", "core/random/", "core/base/wide.h", "core/base/vectors.h"),
    "core/": ("core/",),
    "server/base/": ("server/base/", "core/base/"),
    "server/engine/": ("server/engine/", "server/base/", "server/storage/storage.h", "core/"),
    "server/storage/": ("server/storage/", "server/base/", "core/"),
    "server/rpc/": ("server/rpc/", "server/engine/", "server/base/", "core/", "proto"),
    "server/app/": ("server/", "core/", "proto"),
    "client/cli/": ("client/", "core/random/", "core/frames/", "server/app/embedded.h", "proto"),
    "client/examples/": ("client/", "core/random/", "core/frames/", "core/base/wide.h",
                         "server/app/embedded.h", "proto"),
    "client/": ("client/", "core/random/", "core/frames/", "proto"),
}
OURS = ("core/", "server/", "client/", "tests/", "deploy/")
PROTO = ("polystep/v1/", "google/protobuf/", "google/rpc/", "google/api/")
NO_GRPC = ("core/", "server/base/", "server/engine/", "server/storage/")
CORE_LIBRARIES = ("absl/", "Eigen/")


def _include_is_allowed(folder, header):
    allowed = ARROWS[folder]
    if header.startswith(PROTO):
        return "proto" in allowed
    if header.startswith(OURS):
        return header.startswith(tuple(a for a in allowed if a != "proto"))
    if header.startswith(("grpc/", "grpcpp/")):
        return not folder.startswith(NO_GRPC)
    if folder.startswith("core/") and ("/" in header or header.endswith(".h")):
        return header.startswith(CORE_LIBRARIES)
    return True


def include_arrows(tree):
    """Includes follow the arrows of the architecture."""
    folders = sorted(ARROWS, key=len, reverse=True)
    for path, text in tree.cpp():
        folder = next((f for f in folders if path.startswith(f)), None)
        if folder is None:
            continue
        for line, header in source.includes(text):
            if not _include_is_allowed(folder, header):
                yield Violation(path, line, f"{folder} must not include {header}")


_LIBM = ("exp|exp2|expm1|log|log2|log10|log1p|pow|sin|cos|tan|asin|acos|atan|atan2|sinh|cosh|tanh|"
         "asinh|acosh|atanh|cbrt|hypot|erf|erfc|tgamma|lgamma|sincos")
IMPURE = (
    (re.compile(rf"(?<![\w.>:])(?:std::|::)?(?:{_LIBM})[fl]?\s*\("),
     "libm differs between machines: use core/random/portable_math.h"),
    (re.compile(rf"(?:\.|->)(?:{_LIBM})\s*\(\s*\)"), "an Eigen transcendental calls libm"),
    (re.compile(r"#\s*include\s*<(chrono|ctime|time\.h|sys/time\.h)>|absl/time/"),
     "core has no clock"),
    (re.compile(r"#\s*include\s*<(thread|mutex|atomic|future|condition_variable)>"
                r"|absl/synchronization/"), "core has no threads"),
    (re.compile(r"#\s*include\s*<(random|cstdlib)>[^\n]*"),
     "core draws from RandomStream, not from the library"),
    (re.compile(r"#\s*include\s*<(iostream|fstream|cstdio|stdio\.h|filesystem)>"),
     "core has no files and no output"),
    (re.compile(r"\bstd::fma\b"), "fma gives other bits than a product and a sum"),
)


def core_is_pure(tree):
    """No libm transcendentals, clocks, threads, files or library randomness in core."""
    for path, text in tree.cpp():
        if not path.startswith("core/"):
            continue
        for number, line in enumerate(source.code_only(text).splitlines(), start=1):
            # Literals are blanked, so quoted includes are looked at in the text itself.
            looked_at = line if "include" not in line else text.splitlines()[number - 1]
            for pattern, reason in IMPURE:
                if pattern.search(looked_at):
                    yield Violation(path, number, f"{reason}: {looked_at.strip()}")


def file_length(tree):
    """Files stay within the limit."""
    for path, text in tree.texts.items():
        lines = len(text.splitlines())
        if path.endswith(COUNTED_FILES) and lines > MAX_FILE_LINES:
            yield Violation(path, lines, f"{lines} lines, limit {MAX_FILE_LINES}")


def function_length(tree):
    """Functions stay within the limit."""
    for path, text in tree.texts.items():
        if path.endswith(source.CPP):
            functions = source.cpp_functions(text)
        elif path.endswith(".py"):
            functions = source.python_functions(text)
        else:
            continue
        for function in functions:
            if function.lines > MAX_FUNCTION_LINES:
                yield Violation(path, function.line, f"{function.name} has {function.lines} lines, "
                                                     f"limit {MAX_FUNCTION_LINES}")


def include_guards(tree):
    """Every header has the guard that its path gives."""
    for path, text in tree.cpp():
        if not path.endswith(".h"):
            continue
        guard = "POLYSTEP_" + re.sub(r"[^A-Za-z0-9]", "_", path).upper() + "_"
        if f"#ifndef {guard}\n#define {guard}\n" not in text:
            yield Violation(path, 1, f"include guard must be {guard}")


def every_source_is_built(tree):
    """Every .cc is named by a CMakeLists.txt of its folder or one above."""
    named = set()
    for path, text in tree.texts.items():
        if os.path.basename(path) != "CMakeLists.txt":
            continue
        folder = os.path.dirname(path)
        code = re.sub(r"#[^\n]*", "", text)
        for token in re.findall(r"[\w./${}-]+\.cc\b", code):
            token = re.sub(r"\$\{(CMAKE_CURRENT_SOURCE_DIR|PROJECT_SOURCE_DIR)\}/", "", token)
            named.add(os.path.normpath(os.path.join(folder, token)))
            named.add(os.path.normpath(token))
    for path, _ in tree.cpp():
        if path.endswith(".cc") and path not in named:
            yield Violation(path, 1, "no CMakeLists.txt builds this file")


VAGUE = "Manager|Helper|Helpers|Util|Utils|Data|Info"
# Names that the API itself fixes.
API_NAMES = ("ServerInfo", "ErrorInfo", "RetryInfo")
_TYPE = re.compile(rf"\b(?:class|struct|enum class|enum|using)\s+(\w*(?:{VAGUE}))\b(?!\s*::)")


def vague_names(tree):
    """No type or file is named after nothing in particular."""
    for path, text in tree.texts.items():
        words = re.split(r"[^a-z]+", os.path.splitext(os.path.basename(path))[0].lower())
        if path.endswith(source.CPP + (".py", ".proto")):
            for word in words:
                if word in VAGUE.lower().split("|"):
                    yield Violation(path, 1, f"'{word}' says nothing about the file")
        if not path.endswith(source.CPP):
            continue
        for number, line in enumerate(source.code_only(text).splitlines(), start=1):
            match = _TYPE.search(line)
            if match and match.group(1) not in API_NAMES:
                yield Violation(path, number, f"'{match.group(1)}' says nothing about the type")


_MACHINE_PATH = re.compile(r"(?<![\w.$}])/(work|home|root|Users)/\w")
_REGISTRY = re.compile(r"(?i)(index[-_]url|registry)\"?\s*[=:]\s*\"?https?://")


def machine_paths(tree):
    """Nothing names this machine's folders or package registries."""
    for path, text in tree.texts.items():
        if path.startswith("tests/house/"):
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            if _MACHINE_PATH.search(line):
                yield Violation(path, number, f"absolute path: {line.strip()[:80]}")
            if _REGISTRY.search(line):
                yield Violation(path, number, f"package registry: {line.strip()[:80]}")


ALL = (include_arrows, core_is_pure, file_length, function_length, include_guards,
       every_source_is_built, vague_names, machine_paths)
