from pathlib import Path

import pytest

from ssrdsl.editor.completion import Other, Proposal, complete
from ssrdsl.editor.words.settings import settings
from ssrdsl.space.binding import read_source
from ssrdsl.space.binding.symbols import SymbolKind
from tests.editor.marked import SMALL, cut, read


def proposed(marked: str, before: str | None = SMALL) -> list[Proposal]:
    """The proposals at the cursor."""
    text, offset = cut(marked)
    return complete(read(text, before), offset, read_source, lambda: ["blocks.ssr"])


def names(marked: str, before: str | None = SMALL) -> list[str]:
    return [proposal.name for proposal in proposed(marked, before)]


def at(words: str, instead: str) -> str:
    """The small space with something else, and a cursor, in place of some words."""
    assert words in SMALL
    return SMALL.replace(words, instead, 1)


def test_names_in_scope_follow_an_arrow_nearest_first() -> None:
    found = names(at("half -> repeat", "half -> ‸ -> repeat"))
    assert found.index("half") < found.index("narrow") < found.index("conv_bn") < found.index("conv")
    assert {"repeat", "choose", "small"} & set(found) == {"repeat", "choose"}
    assert "mid" not in found
    assert "body" not in found


def test_a_begun_word_selects() -> None:
    assert names(at("-> bn", "-> nar‸"))[0] == "narrow"
    assert all("n" in name and "w" in name for name in names(at("-> bn", "-> nw‸")))


def test_the_text_of_a_proposal_replaces_the_begun_word() -> None:
    text, offset = cut(at("-> bn", "-> nar‸"))
    assert {text[proposal.start : offset] for proposal in proposed(at("-> bn", "-> nar‸"))} == {"nar"}


def test_parameters_of_what_is_called_come_first() -> None:
    assert names(at("narrow(16)", "narrow(‸)"))[:2] == ["c=", "drop="]
    assert names(at("narrow(16)", "narrow(16, ‸)"))[0] == "drop="
    assert "c=" not in names(at("narrow(16)", "narrow(16, ‸)"))
    found = names(at("conv(mid, 3)", "conv(mid, stride=2, ‸)"))
    assert found[:3] == ["kernel=", "dilation=", "groups="]
    assert "stride=" not in found


def test_inside_of_brackets_within_a_call_there_are_no_parameters() -> None:
    assert "kernel=" not in names(at("conv(mid, 3)", "conv(mid, (3, ‸"))


def test_a_space_takes_its_statements_and_a_body_those_of_bodies() -> None:
    inside = names(at("  half = image", "  ‸\n  half = image"))
    assert inside.index("input") < inside.index("half") if "half" in inside else "input" in inside
    assert {"input", "output", "auxiliary", "require", "for", "tied", "block"} <= set(inside)
    body = names(at("  x -> conv", "  ‸\n  x -> conv"))
    assert {"for", "choose", "require", "mid"} <= set(body)
    assert not {"input", "output", "space", "search"} & set(body)


def test_definitions_are_proposed_at_file_level() -> None:
    assert names("‸", None) == ["block", "search", "space", "tied", "use"]
    assert names(at("use std", "use std\n‸")) == ["block", "search", "space", "tied", "use"]


def test_keywords_that_continue_follow_an_expression() -> None:
    assert names(at("maxpool(2)", "maxpool(2) ‸")) == ["and", "if", "or"]
    assert names(at("{1..2}", "{1..2 ‸")) == ["step"]
    assert "else" in names(at("maxpool(2)", "maxpool(2) if true ‸"))


def test_new_names_are_nobodys_guess() -> None:
    assert names("block ‸", None) == []
    assert names("space s { input ‸", None) == []
    assert names("block f(‸", None) == []


def test_use_names_libraries_files_and_what_can_be_rebound() -> None:
    assert names(at("use std", "use ‸")) == ["std"]
    assert names(at("use std", "use std ‸")) == ["with"]
    assert "bn" in names(at("use std", "use std with ‸"))
    assert "relu6" in names(at("use std", "use std with relu = ‸"))
    (file,) = proposed(at("use std", 'use "bl‸"'))
    assert (file.name, file.kind) == ("blocks.ssr", Other.FILE)


def test_extents_follow_a_tensor() -> None:
    found = proposed(at("{8, c}", "{8, x.‸}"))
    assert [(proposal.name, proposal.kind) for proposal in found] == [
        ("channels", Other.EXTENT), ("height", Other.EXTENT), ("width", Other.EXTENT),
    ]  # fmt: skip


def test_a_requirement_names_costs() -> None:
    assert names(at("macs <= 1G", "‸"))[:2] == ["macs", "parameters"]


def test_settings_are_proposed_whole_and_by_their_parts() -> None:
    every = [setting.name for setting in settings()]
    assert names(at("ssr.depth = 0.3", "‸")) == every
    parts = names(at("ssr.depth = 0.3", "ssr.‸"))
    assert set(parts) == {name.removeprefix("ssr.") for name in every if name.startswith("ssr.")}
    assert "kernel" in parts
    assert names(at("ssr.depth = 0.3", "ssr.dep‸")) == ["depth"]


@pytest.mark.parametrize("marked", ["# a ‸", 'x = "bi‸', "‸# a"])
def test_comments_and_strings_get_no_names(marked: str) -> None:
    assert not [p for p in proposed(marked, None) if p.kind in (SymbolKind.OPERATOR, SymbolKind.BLOCK)]


def test_statements_that_are_broken_above_do_not_matter() -> None:
    text = at("half = image -> maxpool(2)", "half = = (3\n  half = image -> ‸")
    assert "narrow" in names(text)


def test_details_show_how_a_thing_is_called(tmp_path: Path) -> None:
    by_name = {proposal.name: proposal for proposal in proposed(at("-> bn", "-> ‸"))}
    assert by_name["narrow"].detail == "block narrow(c, drop=0.1) of x"
    assert by_name["narrow"].about == "Narrows by a choice of width."
    assert by_name["conv"].detail.startswith("conv(channels, kernel=1")
    assert by_name["mid"].detail == "mid = {8, c}"


def test_the_values_of_an_argument_with_few_are_proposed() -> None:
    assert names(at("resize(image)", "resize(image, mode=‸)"))[:2] == ['"bilinear"', '"nearest"']
    assert names(at("resize(image)", "resize(image, align_corners=‸)"))[:2] == ["true", "false"]
    assert names(at("resize(image)", "upsample(2, align_corners=‸)"))[:2] == ["true", "false"]
    assert '"bilinear"' not in names(at("resize(image)", "resize(image, scale=‸)"))


def test_inside_the_string_of_such_an_argument_they_have_no_quotes() -> None:
    found = proposed(at("resize(image)", 'resize(image, mode="near‸")'))
    assert [proposal.name for proposal in found][:2] == ["bilinear", "nearest"]
    text, _ = cut(at("resize(image)", 'resize(image, mode="near‸")'))
    assert {proposal.start for proposal in found} == {text.index("near")}
    assert names(at("resize(image)", 'resize(image, "‸")')) == []


def test_a_default_and_the_bindings_of_the_file_follow_a_setting() -> None:
    text = "goal = 4M\n" + SMALL
    found = names(text.replace("ssr.depth = 0.3", "ssr.depth = ‸"), text)
    assert found == ["0.3", "goal"]
    assert names(at("ssr.depth = 0.3", "sdarts.perturbation = ‸"))[0] == '"random"'
    assert names(at("ssr.depth = 0.3", "target.macs = ‸")) == []
