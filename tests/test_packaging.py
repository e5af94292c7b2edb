"""What a user installs: the pins, the wheel, and that neither knows the machine it was made on."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from docs.rooms import FILES, imports
from prodigy_core.engine import xla

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
UNPINNED_EXTRAS = {"gpu", "bench"}  # gigabytes for a few users: neither installed nor tested here


def _direct_requirements() -> list[Requirement]:
    extras = PROJECT["optional-dependencies"]
    texts = [*PROJECT["dependencies"], *(text for name in extras.keys() - UNPINNED_EXTRAS for text in extras[name])]
    return [requirement for requirement in map(Requirement, texts) if requirement.name != PROJECT["name"]]


def _pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


def test_constraints_are_pins_and_nothing_else():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("#")
    assert not [line for line in lines[1:] if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line)]


@pytest.mark.parametrize("requirement", sorted(_direct_requirements(), key=str), ids=str)
def test_constraints_pin_every_direct_dependency_within_its_bounds(requirement):
    pins = _pins()
    assert canonicalize_name(requirement.name) in pins
    assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)])


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert process.returncode == 0, process.stdout + process.stderr
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def test_wheel_has_the_app_under_a_name_of_its_own(wheel):
    names = set(wheel.namelist())
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"prodigy_core", "prodigy_lab"}
    assert {"prodigy_lab/main.py", "prodigy_lab/.streamlit/config.toml", "prodigy_core/cli.py"} <= names


def test_wheel_has_every_file_of_the_source(wheel):
    """A lesson or a data file that stays behind is missed only by who installs the wheel."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "app", "prodigy_core"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    present = [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]
    assert {re.sub("^app/", "prodigy_lab/", name) for name in present} <= set(wheel.namelist())


def test_wheel_says_that_it_has_types(wheel):
    """Without the marker a type checker takes everything that is imported from the package for Any."""
    assert "Typing :: Typed" in PROJECT["classifiers"]
    assert "prodigy_core/py.typed" in wheel.namelist()


def test_every_imported_package_is_declared():
    """A package that another one happens to bring is gone when that one changes its mind."""
    names = {"sklearn": "scikit-learn", "google": "protobuf"}
    inside = {name for name in FILES if name.partition(".")[0] in ("prodigy_core", "app")}
    imported = {name.partition(".")[0] for module in inside for name in imports(module)}
    declared = {canonicalize_name(requirement.name) for requirement in _direct_requirements()}
    foreign = imported - set(sys.stdlib_module_names) - {"prodigy_core", "app"}
    assert not {name for name in foreign if canonicalize_name(names.get(name, name)) not in declared}


def test_the_bounds_of_jax_are_the_versions_whose_options_are_known():
    """With a newer one the fast loops would be off, and nobody told."""
    texts = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["gpu"]]
    bounds = [requirement.specifier for requirement in map(Requirement, texts) if requirement.name in ("jax", "jaxlib")]
    first, last = (".".join(map(str, version)) for version in xla.KNOWN)
    assert len(bounds) == 3
    for specifier in bounds:
        assert specifier.contains(first)
        assert not specifier.contains(last)


def test_wheel_installs_the_command_line_and_the_licence(wheel):
    (entry_points,) = [name for name in wheel.namelist() if name.endswith(".dist-info/entry_points.txt")]
    assert "prodigy-lab = prodigy_core.cli:main" in wheel.read(entry_points).decode()
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in wheel.namelist())


def test_no_module_of_the_wheel_imports_the_app_by_its_name_in_the_checkout(wheel):
    imported = {
        f"{name}: {module}"
        for name in wheel.namelist()
        if name.endswith(".py") and re.search(rb"\bapp\b", source := wheel.read(name))  # most do not hold the word at all
        for node in ast.walk(ast.parse(source))
        for module in _modules(node)
        if module.split(".")[0] == "app"
    }
    assert not imported, f"write a relative import: {sorted(imported)}"


def _modules(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return [node.module or ""]
    return []


def test_app_of_the_wheel_draws_its_first_page(wheel, tmp_path):
    wheel.extractall(tmp_path)
    code = f"""
import sys
sys.path[:] = [{str(tmp_path)!r}] + [entry for entry in sys.path if entry not in ("", {str(ROOT)!r})]
from streamlit.testing.v1 import AppTest
page = AppTest.from_file({str(tmp_path / "prodigy_lab" / "main.py")!r}, default_timeout=60).run()
assert not page.exception, page.exception
assert not [name for name in sys.modules if name.split(".")[0] == "app"], "the checkout's app was imported"
import prodigy_core
assert prodigy_core.__file__.startswith({str(tmp_path)!r}), prodigy_core.__file__
"""
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert process.returncode == 0, process.stderr


def test_files_name_no_package_registry():
    """Where packages come from is the business of who installs: an address in a file fails behind a mirror."""
    address = r"(?:index-url|find-links)[ =]|\w:/{2}\S+/simple\b|\w:/{2}\S+\.(?:whl|tar\.gz)\b"
    faults = [
        path.relative_to(ROOT).as_posix() for path in _text_files() if re.search(address, path.read_text(encoding="utf-8"))
    ]
    assert not faults


def _text_files():
    suffixes = {".py", ".toml", ".txt", ".md", ".cfg", ".yml", ".yaml", ".json", ".sh", ""}
    hidden_or_built = {".git", ".venv", "build", "dist", "node_modules", "test-results"}
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        skipped = hidden_or_built.intersection(parts) or any(part.endswith(("_cache", "__pycache__")) for part in parts)
        if not skipped and path.is_file() and path.suffix in suffixes and ".hypothesis" not in parts:
            yield path
