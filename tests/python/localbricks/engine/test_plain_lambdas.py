"""Lambdas of Spark's that are classes of ours: sound ones, that do what the lambdas did, and no others are left."""

from __future__ import annotations

import zipfile
from typing import Any

import pytest
from py4j.java_gateway import get_field
from tasks import sent

from localbricks.engine.class_path import ClassPath
from localbricks.engine.classes import PLAIN_LAMBDAS
from localbricks.engine.plain_lambdas import PLAIN, plain_lambdas
from localbricks.engine.redirected import read_class

FACTORY = "java/lang/invoke/LambdaMetafactory"
INVOKEDYNAMIC = 6


def test_every_class_of_our_jar_is_sound(view: Any, class_path: ClassPath) -> None:
    """Java looks at a class's code before it makes it ready."""
    files = [name for name in zipfile.ZipFile(class_path.own).namelist() if name.endswith(".class")]
    assert sum("$PlainLambda$" in name for name in files) > 100
    loader = view.java.lang.ClassLoader.getSystemClassLoader()
    for name in (file.removesuffix(".class").replace("/", ".") for file in files):
        assert view.java.lang.Class.forName(name, True, loader).getName() == name


@pytest.mark.parametrize("name", PLAIN)
def test_no_lambda_that_holds_values_is_left(view: Any, name: str) -> None:
    held = [
        get_field(instruction, "desc")
        for method in get_field(read_class(view, name), "methods")
        for instruction in get_field(method, "instructions").iterator()
        if instruction.getType() == INVOKEDYNAMIC and get_field(instruction, "bsm").getOwner() == FACTORY
    ]
    assert all(description.startswith("()") for description in held), held


def test_a_tree_that_went_to_a_task_and_back_is_the_same(view: Any) -> None:
    """Nodes hold lambdas, which are sent with them."""
    integer = view.java.lang.Class.forName("org.apache.spark.sql.types.IntegerType$").getField("MODULE$").get(None)
    one = view.org.apache.spark.sql.catalyst.expressions.Literal.create(1, integer)
    back = sent(view, one)
    assert back.equals(one)
    assert back.fastEquals(one)
    assert back.treePatternBits().equals(one.treePatternBits())
    assert back.containsChild().isEmpty()


def test_a_class_without_such_lambdas_is_another_sparks(view: Any) -> None:
    turn = view.java.lang.Class.forName(PLAIN_LAMBDAS).newInstance()
    assert list(turn.apply("java/lang/Object")) == ["java/lang/Object"]
    with pytest.raises(LookupError, match="Found no lambda that holds values in java/lang/Object"):
        plain_lambdas(turn, ["java/lang/Object"])
    with pytest.raises(Exception, match="Found no class org/apache/spark/Nothing"):
        plain_lambdas(turn, ["org/apache/spark/Nothing"])
