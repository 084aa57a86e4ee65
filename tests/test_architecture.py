"""The rooms: imports and foreign keys go down only, connectors know only themselves."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
CONNECTORS = sorted(p.parent.name for p in ROOT.glob("connectors/*/README.md"))

# Who may know whom, from the top down.
LAYERS = ["integration_hub", "flows", "mapping", "connectors", "integration_hub.core"]


def layer_of(module: str) -> str | None:
    for name in sorted(LAYERS, key=len, reverse=True):
        if module == name or module.startswith(f"{name}."):
            return name
    return None


def modules() -> list[tuple[str, Path]]:
    found = []
    for top in ("integration_hub", "flows", "mapping", "connectors"):
        for path in sorted((ROOT / top).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found.append((".".join(parts), path))
    return found


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{a.name}" for a in node.names}
    return names


@pytest.mark.parametrize(
    ("module", "path"), modules(), ids=lambda value: str(value)[-60:]
)
def test_imports_go_down_only(module: str, path: Path) -> None:
    mine = LAYERS.index(layer_of(module) or "integration_hub")
    upward = [
        name
        for name in imports(path)
        if (layer := layer_of(name)) and LAYERS.index(layer) < mine
    ]
    assert upward == []


@pytest.mark.parametrize(
    ("module", "path"), modules(), ids=lambda value: str(value)[-60:]
)
def test_the_hub_never_imports_its_tests(module: str, path: Path) -> None:
    assert not [n for n in imports(path) if n == "tests" or n.startswith("tests.")]


@pytest.mark.parametrize("name", CONNECTORS)
def test_connectors_do_not_know_each_other(name: str) -> None:
    others = [f"connectors.{other}" for other in CONNECTORS if other != name]
    for module, path in modules():
        if module.startswith(f"connectors.{name}."):
            foreign = [i for i in imports(path) if i.startswith(tuple(others))]
            assert foreign == [], module


@pytest.mark.parametrize("name", CONNECTORS)
def test_nobody_else_spells_a_connectors_name(name: str) -> None:
    spelled = []
    for module, path in modules():
        if module.startswith((f"connectors.{name}", "integration_hub.demo")):
            continue
        if module.startswith("integration_hub.management.commands.demo"):
            continue
        text = path.read_text(encoding="utf-8")
        if name in code_words(text).lower():
            spelled.append(module)
    assert spelled == []


def code_words(text: str) -> str:
    """The text of a module without its docstrings and comments."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value.value = ""
    return ast.unparse(tree)


def test_foreign_keys_go_down_only() -> None:
    upward = []
    for model in apps.get_models():
        mine = layer_of(model.__module__)
        if mine is None:
            continue
        for field in model._meta.get_fields():
            other = getattr(field, "related_model", None)
            if other is None or field.auto_created or not field.is_relation:
                continue
            theirs = layer_of(other.__module__)
            if theirs and LAYERS.index(theirs) < LAYERS.index(mine):
                upward.append(f"{model.__name__}.{field.name}")
    assert upward == []


def test_every_connector_has_the_same_files() -> None:
    for name in CONNECTORS:
        folder = ROOT / "connectors" / name
        for file in ("connector.py", "client.py", "README.md", "sandbox/app.py"):
            assert (folder / file).exists(), f"{name}/{file}"
