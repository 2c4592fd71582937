"""Generates the gRPC stubs of polystep.v1 into the package, as polystep_client._generated.

    python make_stubs.py [--proto DIR] [--out DIR]

protoc would write a top-level package `polystep`, the name of another project on PyPI. So the
modules are moved below `polystep_client._generated` and their imports of each other rewritten; the
names on the wire stay as they are. The google.rpc error details become a descriptor set, which
errors are decoded with in a descriptor pool of their own: other packages bring other versions of them.
Run by the build (stub_backend.py), and by hand in a checkout.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROTO = HERE.parent.parent / "proto"
OUT = HERE / "src" / "polystep_client" / "_generated"
PACKAGE = "polystep_client._generated"


def run_protoc(proto: Path, arguments: list[str], below: str) -> None:
    """Runs protoc on every file of a folder of `proto`."""
    import grpc_tools
    from grpc_tools import protoc

    well_known = Path(grpc_tools.__file__).parent / "_proto"
    files = sorted(str(path.relative_to(proto)) for path in (proto / below).rglob("*.proto"))
    if not files:
        raise FileNotFoundError(f"no .proto files below {proto / below}")
    paths = [f"--proto_path={proto}", f"--proto_path={well_known}"]
    if protoc.main(["protoc", *paths, *arguments, *files]) != 0:
        raise RuntimeError("protoc failed; its messages are above")


def generate(proto: Path, out: Path) -> None:
    """Messages, their type stubs, service stubs, and the descriptor set of the error details."""
    run_protoc(proto, [f"--python_out={out}", f"--pyi_out={out}", f"--grpc_python_out={out}"],
               "polystep")
    run_protoc(proto, ["--include_imports", f"--descriptor_set_out={out / 'error_details.bin'}"],
               "google/rpc")
    for path in out.rglob("*_pb2_grpc.py"):
        if not path.name.endswith("_service_pb2_grpc.py"):
            path.unlink()  # empty: the file has no service


def move_below_package(out: Path) -> None:
    """Rewrites the imports of generated modules and makes every folder a package."""
    pattern = re.compile(r"^(from|import) (polystep\.)", re.MULTILINE)
    for path in [*out.rglob("*.py"), *out.rglob("*.pyi")]:
        path.write_text(pattern.sub(rf"\1 {PACKAGE}.\2", path.read_text()))
    for folder in [out, *(path for path in out.rglob("*") if path.is_dir())]:
        (folder / "__init__.py").touch()


def write_requirements(path: Path) -> None:
    """The lower bounds under which the code just generated may be imported."""
    import google.protobuf
    import grpc

    major = int(google.protobuf.__version__.split(".")[0])
    path.write_text(f"grpcio>={grpc.__version__}\n"
                    f"protobuf>={google.protobuf.__version__},<{major + 2}\n"
                    "numpy>=1.23\nxxhash>=3\n")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--proto", type=Path, default=PROTO)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as scratch:
        generated = Path(scratch) / "generated"
        generated.mkdir()
        generate(options.proto, generated)
        move_below_package(generated)
        shutil.rmtree(options.out, ignore_errors=True)
        shutil.copytree(generated, options.out)
    if options.out == OUT:
        write_requirements(HERE / "requirements.txt")
    return 0


if __name__ == "__main__":
    sys.exit(main())
