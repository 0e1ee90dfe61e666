"""Records: every test holds for frozen dataclasses with slots as well, so that the one may stand for the other."""

import copy
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from ssrdsl.records import record

DECLARATIONS: dict[str, Callable[..., Any]] = {
    "record": record,
    "dataclass": partial(dataclass, frozen=True, slots=True),
}


@pytest.fixture(params=DECLARATIONS)
def kinds(request: pytest.FixtureRequest) -> Any:
    """The same classes, declared as records and as dataclasses."""
    declare = DECLARATIONS[request.param]

    @declare(kw_only=True)
    class Placed:
        place: str = field(compare=False, repr=False)

    @declare
    class Name(Placed):
        name: str

    @declare
    class Call(Placed):
        name: str
        arguments: tuple[Name, ...] = ()
        notes: list[str] = field(default_factory=list, compare=False)
        length: int = field(init=False, compare=False)

        def __post_init__(self) -> None:
            object.__setattr__(self, "length", len(self.arguments))

    @declare
    class Nothing:
        pass

    @declare
    class Shown:
        value: int

        def __repr__(self) -> str:
            return f"<{self.value}>"

    return SimpleNamespace(Name=Name, Call=Call, Nothing=Nothing, Shown=Shown)


def test_arguments_are_taken_by_position_and_by_name(kinds: Any) -> None:
    call = kinds.Call("conv", (kinds.Name("x", place="5"),), place="3")
    assert (call.name, call.place, call.arguments[0].name, call.length) == ("conv", "3", "x", 1)
    assert kinds.Call(name="conv", place="3").arguments == ()
    with pytest.raises(TypeError, match="place"):
        kinds.Name("x")
    with pytest.raises(TypeError, match="other"):
        kinds.Name("x", place="1", other=2)
    with pytest.raises(TypeError, match="positional"):
        kinds.Name("x", "1")


def test_a_default_that_is_made_is_made_anew(kinds: Any) -> None:
    first, second = kinds.Call("a", place=""), kinds.Call("a", place="")
    first.notes.append("one")
    assert second.notes == []
    assert kinds.Call("a", (), ["two"], place="").notes == ["two"]


def test_equal_are_those_of_one_class_and_equal_fields(kinds: Any) -> None:
    assert kinds.Name("x", place="1") == kinds.Name("x", place="2") != kinds.Name("y", place="1")
    assert kinds.Name("x", place="1") != kinds.Call("x", place="1")
    assert kinds.Name("x", place="1") != "x"
    assert len({kinds.Name("x", place="1"), kinds.Name("x", place="2"), kinds.Nothing(), kinds.Nothing()}) == 2
    with pytest.raises(TypeError, match="unhashable"):
        hash(kinds.Shown([]))


def test_what_is_shown(kinds: Any) -> None:
    shown = repr(kinds.Call("conv", place="3"))
    assert shown.endswith("Call(name='conv', arguments=(), notes=[], length=0)")
    assert repr(kinds.Nothing()).endswith("Nothing()")
    assert repr(kinds.Shown(3)) == "<3>"


def test_nothing_can_be_set_or_deleted(kinds: Any) -> None:
    name = kinds.Name("x", place="1")
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'name'"):
        name.name = "y"
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'name'"):
        del name.name
    assert not hasattr(name, "__dict__")


def test_it_is_a_dataclass_to_others(kinds: Any) -> None:
    call = replace(kinds.Call("conv", place="3"), arguments=(1, 2))
    assert (call.arguments, call.place, call.length) == ((1, 2), "3", 2)
    assert [item.name for item in fields(call)] == ["place", "name", "arguments", "notes", "length"]
    match call:
        case kinds.Call(name, arguments=arguments):
            assert (name, arguments) == ("conv", (1, 2))
        case _:
            pytest.fail("no match")


def test_copies_are_equal_and_apart(kinds: Any) -> None:
    call = kinds.Call("conv", place="3")
    twin = copy.deepcopy(call)
    assert twin == call
    assert (twin.place, twin.notes) == ("3", [])
    assert twin.notes is not call.notes


@record
class Kept:
    value: int


def test_a_record_is_pickled() -> None:
    assert pickle.loads(pickle.dumps(Kept(3))) == Kept(3)
