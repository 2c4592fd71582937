"""Each rule finds its small bad sample and leaves the good one alone."""

import os
import tempfile
import unittest

import rules
import source


def violations(rule, files):
    """What `rule` says of a tree that consists of `files` ({path: text})."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            target = os.path.join(root, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "w", encoding="utf-8") as file:
                file.write(text)
        return [str(violation) for violation in rule(rules.Tree(root))]


class IncludeArrows(unittest.TestCase):
    def assert_arrow(self, path, header, allowed):
        found = violations(rules.include_arrows, {path: f'#include "{header}"\n'})
        self.assertEqual(not found, allowed, f"{path} -> {header}: {found}")

    def test_forbidden_arrows_found(self):
        for path, header in [
            ("core/search/a.cc", "server/base/clock.h"),
            ("core/search/a.cc", "polystep/v1/study.pb.h"),
            ("core/search/a.cc", "openssl/sha.h"),
            ("core/random/a.cc", "core/base/bytes.h"),
            ("core/frames/a.h", "core/schedule/schedule.h"),
            ("server/base/a.cc", "core/search/search.h"),
            ("server/engine/a.cc", "server/storage/sqlite_storage.h"),
            ("server/engine/a.cc", "polystep/v1/study.pb.h"),
            ("server/storage/a.cc", "server/engine/engine.h"),
            ("server/storage/a.cc", "grpcpp/grpcpp.h"),
            ("server/rpc/a.cc", "server/storage/storage.h"),
            ("client/cpp/a.cc", "core/search/search.h"),
            ("client/cpp/a.cc", "server/app/embedded.h"),
            ("client/cli/a.cc", "server/engine/engine.h"),
        ]:
            self.assert_arrow(path, header, allowed=False)

    def test_listed_arrows_pass(self):
        for path, header in [
            ("core/search/a.cc", "core/space/search_space.h"),
            ("core/search/a.cc", "Eigen/Core"),
            ("core/search/a.cc", "absl/status/status.h"),
            ("core/search/a.cc", "vector"),
            ("core/frames/a.cc", "core/random/random_stream.h"),
            ("server/engine/a.cc", "server/storage/storage.h"),
            ("server/rpc/a.cc", "polystep/v1/study.pb.h"),
            ("server/app/a.cc", "server/storage/sqlite_storage.h"),
            ("client/cli/a.cc", "server/app/embedded.h"),
            ("client/cpp/a.cc", "core/frames/rotation.h"),
            ("tests/unit/a_test.cc", "server/engine/engine.h"),
        ]:
            self.assert_arrow(path, header, allowed=True)


class CoreIsPure(unittest.TestCase):
    def test_impure_lines_found(self):
        for line in [
            "double y = std::exp(x);",
            "double y = pow (x, 2.0);",
            "double y = ::logf(x);",
            "auto y = matrix.array().exp();",
            "#include <chrono>",
            '#include "absl/time/clock.h"',
            "#include <mutex>",
            "#include <random>",
            "#include <iostream>",
        ]:
            self.assertTrue(violations(rules.core_is_pure, {"core/a.cc": line + "\n"}), line)

    def test_pure_lines_pass(self):
        for line in [
            "double y = PortableExp(x) + std::sqrt(z) + std::floor(w);",
            "// exp(x) in a comment",
            'const char* text = "log(x)";',
            "double log_base = stream.log(3);",
            "auto exponent = 3;",
        ]:
            self.assertFalse(violations(rules.core_is_pure, {"core/a.cc": line + "\n"}), line)

    def test_outside_core_passes(self):
        self.assertFalse(violations(rules.core_is_pure, {"server/a.cc": "std::exp(x);\n"}))


class Lengths(unittest.TestCase):
    def test_file_at_limit_passes_and_above_is_found(self):
        line = "int x;\n"
        self.assertFalse(violations(rules.file_length, {"a.cc": line * 400}))
        self.assertTrue(violations(rules.file_length, {"a.cc": line * 401}))

    @staticmethod
    def cpp(lines):
        body = "  x = {1, 2};\n" * (lines - 2)
        return ("namespace a {\nclass B {\n public:\n  int Small() { return 1; }\n};\n\n"
                "int Big(int x) {\n" + body + "}\n}  // namespace a\n")

    def test_function_at_limit_passes_and_above_is_found(self):
        self.assertFalse(violations(rules.function_length, {"a.cc": self.cpp(70)}))
        found = violations(rules.function_length, {"a.cc": self.cpp(71)})
        self.assertEqual(len(found), 1)
        self.assertIn("Big has 71 lines", found[0])

    def test_python_function_above_limit_found(self):
        text = "def f():\n" + "    x = 1\n" * 70
        self.assertTrue(violations(rules.function_length, {"a.py": text}))

    def test_names_of_functions(self):
        text = """
namespace a {
enum class E { kA, kB };
constexpr int kTable[] = {1, 2, 3};
struct S {
  S() : x_{1} { x_ = 2; }
  bool operator==(const S&) const { return true; }
  int x_ = 0;
};
#define MACRO(x) \\
  { x }
template <typename T>
T Twice(T value) {
  const char* brace = "{";
  if (value) { return value; }
  return value + value;
}
TEST(Suite, Name_Condition_Result) { EXPECT_TRUE(R"({{)"); }
}
"""
        names = [function.name for function in source.cpp_functions(text)]
        self.assertIn("Twice", names)
        self.assertIn("TEST", names)
        self.assertNotIn("kTable", names)
        self.assertNotIn("MACRO", names)


class Guards(unittest.TestCase):
    def test_guard_of_path_passes_and_other_is_found(self):
        good = "#ifndef POLYSTEP_CORE_A_H_\n#define POLYSTEP_CORE_A_H_\n#endif\n"
        self.assertFalse(violations(rules.include_guards, {"core/a.h": good}))
        self.assertTrue(violations(rules.include_guards, {"core/b.h": good}))
        self.assertTrue(violations(rules.include_guards, {"core/a.h": "#pragma once\n"}))


class Built(unittest.TestCase):
    def test_unlisted_test_found(self):
        cmake = "polystep_test(t\n  SOURCES unit/a_test.cc  # not b_test.cc\n)\n"
        files = {"tests/CMakeLists.txt": cmake, "tests/unit/a_test.cc": ""}
        self.assertFalse(violations(rules.every_source_is_built, files))
        files["tests/unit/b_test.cc"] = ""
        found = violations(rules.every_source_is_built, files)
        self.assertEqual(len(found), 1)
        self.assertIn("b_test.cc", found[0])


class Names(unittest.TestCase):
    def test_vague_names_found(self):
        for path, text in [
            ("core/string_util.h", ""),
            ("client/python/helpers.py", ""),
            ("core/a.h", "class StudyManager {};\n"),
            ("core/a.h", "struct StepInfo;\n"),
        ]:
            self.assertTrue(violations(rules.vague_names, {path: text}), path + text)

    def test_plain_names_pass(self):
        for path, text in [
            ("core/database.h", "class Ledger {};\n"),
            ("server/a.h", "struct ServerInfo {};\n// class StudyManager\n"),
        ]:
            self.assertFalse(violations(rules.vague_names, {path: text}), path + text)


class MachinePaths(unittest.TestCase):
    def test_absolute_paths_and_registries_found(self):
        for text in ["see /home/someone/x", 'open("/root/a")', "registry = https://host/x"]:
            self.assertTrue(violations(rules.machine_paths, {"a.md": text + "\n"}), text)

    def test_relative_and_system_paths_pass(self):
        for text in ["build/work/x", "/usr/bin/python3", "a/home/b", "${ROOT}/work/x"]:
            self.assertFalse(violations(rules.machine_paths, {"a.md": text + "\n"}), text)


if __name__ == "__main__":
    unittest.main()
