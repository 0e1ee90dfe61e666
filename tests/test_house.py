"""Imports: packages import in one direction only, and many never import torch."""

import ast
import json
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from functools import cache
from pathlib import Path

import networkx

import ssrdsl

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "ssrdsl"

# Packages that a package may import, and with them all that those may import.
IMPORTS: dict[str, set[str]] = {
    "language": set(),
    "operators": set(),
    "std": set(),
    "space": {"language", "operators", "std"},
    "supernet": {"space"},
    "runs": set(),
    "search": {"supernet", "runs"},
    "emission": {"space"},
    "segmentation": {"timing", "runs"},
    "timing": set(),
    "report": {"space"},
    "study": {"report", "runs"},
    "editor": {"space"},
}

# Modules that all packages may import, except `operators`, which may only import `errors`.
COMMON: dict[str, set[str]] = {
    "errors": set(),
    "files": {"errors"},
    "manifest": {"errors", "files"},
}

WITHOUT_TORCH = {"language", "operators", "std", "space", "emission", "report", "study", "editor", *COMMON}
TORCH = {"torch", "torchvision", "torchmetrics", "onnx", "onnxruntime", "onnxscript"}


def reachable(package: str) -> set[str]:
    """The names of a package and of all packages below it."""
    return {package}.union(*(reachable(below) for below in IMPORTS[package]))


def allowed(package: str) -> set[str]:
    if package in ("cli", "__main__"):
        return {*IMPORTS, *COMMON, "cli"}
    if package in COMMON:
        return {package, *COMMON[package]}
    return reachable(package) | ({"errors"} if package == "operators" else set(COMMON))


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module named by an import, wherever in the file it is."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import in line {node.lineno}"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def package_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imported_packages(names: Set[str]) -> set[str]:
    """The packages of some imports, without `ssrdsl` itself."""
    packages = {name.split(".")[1] for name in names if name.startswith("ssrdsl.")}
    return packages & {*IMPORTS, *COMMON, "cli"}


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports_of(path: Path) -> frozenset[str]:
    return frozenset(imported(parsed(path)))


def test_imports_point_one_way() -> None:
    wrong = {}
    for path in MODULES:
        package, names = package_of(path), imports_of(path)
        assert package in {"cli", "__main__", *IMPORTS, *COMMON}, f"{package} is not in IMPORTS"
        torch = {name.split(".")[0] for name in names} & TORCH if package in WITHOUT_TORCH else set()
        if found := (imported_packages(names) - allowed(package)) | torch:
            wrong[str(path.relative_to(PACKAGE))] = found
    assert wrong == {}


def test_guard_sees_imports_inside_functions() -> None:
    source = "def f():\n    from ssrdsl.search import loop\n    import torch.nn as nn\n"
    names = set(imported(ast.parse(source)))
    assert imported_packages(names) == {"search"}
    assert "search" not in allowed("space")
    assert "torch.nn" in names


def module_of(path: Path) -> str:
    """The dotted name of a file of the package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def circles(imports: Mapping[str, Set[str]]) -> list[set[str]]:
    """The groups of modules that import each other, including imports in functions and for types only."""
    graph: networkx.DiGraph[str] = networkx.DiGraph()
    for module, every in imports.items():
        names = every & imports.keys() - {module}
        # `from package import module` reads the module, not the names of the package.
        through = {name.rpartition(".")[0] for name in names}
        graph.add_edges_from((module, name) for name in names - through)
    return [group for group in networkx.strongly_connected_components(graph) if len(group) > 1]


def test_no_modules_import_each_other() -> None:
    assert circles({module_of(path): imports_of(path) for path in MODULES}) == []


def test_circles_see_imports_in_functions_and_for_types() -> None:
    sources = {
        "a": "def f():\n    from b import g\n",
        "b": "if TYPE_CHECKING:\n    import c\n",
        "c": "import a\n",
        "d": "import a\n",
    }
    assert circles({name: set(imported(ast.parse(source))) for name, source in sources.items()}) == [{"a", "b", "c"}]


def type_names(tree: ast.Module) -> Iterator[str]:
    """The names of classes and aliases that a module defines, without a leading underscore."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield node.name.lstrip("_")
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [target.id.lstrip("_") for target in targets if isinstance(target, ast.Name)]
            yield from (name for name in names if name[0].isupper() and not name.isupper())


def test_type_names_have_one_meaning() -> None:
    defined = Counter(name for path in MODULES for name in type_names(parsed(path)))
    assert {name for name, count in defined.items() if count > 1} == set()


def test_type_names_are_those_of_classes_and_aliases() -> None:
    source = (
        "class A:\n    pass\nclass _Bc:\n    class De:\n        pass\nFg: TypeAlias = int\nHi = A\nTABLE = 1\nlow = 2\n"
    )
    assert list(type_names(ast.parse(source))) == ["A", "Bc", "Fg", "Hi"]


FRONT = {"torch", "numpy", "rich"}
UNLOADED = [
    ("--help", {*FRONT, "lark", "networkx", "pydantic"}),
    ("check spaces/erfnet.ssr", {*FRONT, "pydantic"}),
    ("check spaces/realtime.ssr", FRONT),
    ("compile examples/demo/streets.ssr -o OUT", {*TORCH, "matplotlib", "scipy"}),
]
"""Commands with modules that they do not load. One interpreter runs them all, and never unloads a module."""

MISTAKES = """
search SPACE --out OUT
search SPACE --out OUT --data street
search SPACE --out OUT --data streets --size 3y4
search SPACE --out OUT --data streets --device gpu
search SPACE --out OUT --data streets --set height=33
search SPACE --out OUT --data streets --resume
search SPACE --out OUT --data streets --search strategy=dart
search none.ssr --out OUT --data streets
search spaces/enet.ssr --out OUT --data streets --size 96x192
train none.py --out OUT --data streets
train CONTRIBUTING.md --out OUT --data nowhere/data
train CONTRIBUTING.md --out OUT --data streets --crop 3
evaluate none.py --weights none.pt --data streets
evaluate CONTRIBUTING.md --weights none.pt --data streets
predict none.py none.png --weights none.pt -o OUT
predict CONTRIBUTING.md none.png --weights CONTRIBUTING.md -o OUT
"""
"""Mistakes of usage that can be detected without torch: they are reported before it is loaded."""

RUN = """
import json, sys
from importlib import import_module
from ssrdsl.cli import main

modules, *lines = json.loads(sys.argv[1])
loaded = []
for line in lines:
    status = main(line.split())
    loaded.append((line, status, sorted({name.partition(".")[0] for name in sys.modules})))
for module in modules:
    import_module(module)
loaded.append(("import", 0, sorted({name.partition(".")[0] for name in sys.modules})))
print(json.dumps(loaded), file=sys.stderr)
"""


def test_commands_load_only_what_they_need(tmp_path: Path) -> None:
    mistakes = MISTAKES.strip().replace("SPACE", "examples/demo/streets.ssr").splitlines()
    expected = [*((line, 0, unloaded) for line, unloaded in UNLOADED), *((line, 2, TORCH) for line in mistakes)]
    lines = [line.replace("OUT", str(tmp_path / f"run-{at}")) for at, (line, _, _) in enumerate(expected)]
    modules = [module_of(path) for path in MODULES if package_of(path) == "cli"]
    given = json.dumps([modules, *lines])
    done = subprocess.run([sys.executable, "-c", RUN, given], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stderr.splitlines()[-1])
    for (line, status, loaded), (_, wanted, unloaded) in zip(found, [*expected, ("", 0, TORCH)], strict=True):
        assert status == wanted, line
        assert not unloaded & set(loaded), line
    assert [path.name for path in tmp_path.iterdir()] == ["run-3"]


def test_project_file_and_package_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == ssrdsl.__version__
    assert project["scripts"] == {"ssrdsl": "ssrdsl.cli:main"}


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in lines if "==" in line}
    wanted = [
        *project["dependencies"],
        *(each for extra in project["optional-dependencies"].values() for each in extra),
    ]
    names = {requirement.split(">")[0].lower() for requirement in wanted}
    assert names <= pinned
