"""Checks the tree against the house rules: python3 tests/house/check.py [ROOT]."""

import os
import sys

import rules


def main():
    default_root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    tree = rules.Tree(os.path.normpath(sys.argv[1] if len(sys.argv) > 1 else default_root))
    violations = [violation for rule in rules.ALL for violation in rule(tree)]
    for violation in violations:
        print(violation)
    print(f"house rules: {len(rules.ALL)} rules, {len(tree.texts)} files, "
          f"{len(violations)} violations")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
