"""The tree as the house rules see it: tracked files, code without comments, function lengths."""

import ast
import os
import re
import subprocess
from dataclasses import dataclass

CPP = (".cc", ".h")
SKIPPED_FOLDERS = re.compile(r"^(build[^/]*|\.git|\.venv|\.cache|node_modules)$")


@dataclass(frozen=True)
class Function:
    name: str
    line: int
    lines: int


def list_files(root):
    """Paths of the files of the tree, by git where there is one, else by walking."""
    command = ["git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        paths = listed.splitlines()
    except (OSError, subprocess.CalledProcessError):
        paths = []
        for folder, folders, names in os.walk(root):
            folders[:] = [f for f in folders if not SKIPPED_FOLDERS.match(f)]
            paths += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    return sorted(path for path in set(paths) if os.path.isfile(os.path.join(root, path)))


def read(root, path):
    """The text of a file; None if it is not text."""
    with open(os.path.join(root, path), "rb") as file:
        raw = file.read()
    try:
        return raw.decode("utf-8") if b"\0" not in raw else None
    except UnicodeDecodeError:
        return None


_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/'
    r'|R"(?P<tag>[^()\\ ]{0,16})\(.*?\)(?P=tag)"'
    r'|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'',
    re.DOTALL)


def code_only(text):
    """C++ with comments and literals blanked, line breaks kept."""

    def blank(match):
        token = match.group(0)
        kept = "".join(c if c == "\n" else " " for c in token)
        return kept if token.startswith("/") else '"' + kept[1:-1] + '"'

    return _TOKEN.sub(blank, text)


_SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")
_DIRECTIVE = re.compile(r"(?m)^[ \t]*#(?:[^\n]*\\\n)*[^\n]*")
_NAME = re.compile(r"([A-Za-z_~][\w:~]*|operator\s*\S+)\s*\(")


def _is_function(header):
    """Whether what stands before a brace in a namespace or class opens a function."""
    if ")" not in header or re.search(r"(^|[^=!<>])=\s*$", header):
        return False
    return not _SCOPE.search(header.split("(", 1)[0])


def cpp_functions(text):
    """Functions defined in C++ source that is formatted as ours, with their length in lines."""
    code = _DIRECTIVE.sub(lambda match: "\n" * match.group(0).count("\n"), code_only(text))
    functions = []
    stack = []  # one entry an open brace: None for a scope, (name, line) for a function, "" inside
    header_start = 0
    line = 1
    for position, char in enumerate(code):
        if char == "\n":
            line += 1
        elif char == "{":
            header = code[header_start:position]
            inside = any(entry is not None for entry in stack)
            if not inside and _is_function(header):
                first = line - header.strip("\n \t").count("\n")
                name = _NAME.search(header)
                stack.append((name.group(1) if name else "?", first))
            else:
                stack.append("" if inside else None)
            header_start = position + 1
        elif char == "}":
            entry = stack.pop() if stack else None
            if entry:
                functions.append(Function(entry[0], entry[1], line - entry[1] + 1))
            header_start = position + 1
        elif char == ";":
            header_start = position + 1
    return functions


def python_functions(text):
    """Functions of a Python file with their length in lines."""
    return [
        Function(node.name, node.lineno, node.end_lineno - node.lineno + 1)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]


def includes(text):
    """(line, header) of every include directive."""
    pattern = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        match = pattern.match(line)
        if match:
            found.append((number, match.group(1)))
    return found
