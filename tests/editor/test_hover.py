import pytest

from ssrdsl.editor.analysis import Analysis
from ssrdsl.editor.hover import hover, is_about_size
from ssrdsl.editor.words.keywords import ABOUT
from ssrdsl.editor.words.signatures import FUNCTIONS
from ssrdsl.editor.words.wording import number_text
from ssrdsl.language.grammar import keywords
from ssrdsl.language.source import Source
from ssrdsl.space.elaborate.builtins import BUILTINS
from tests.editor.marked import SMALL, analyse, put

ANALYSIS = analyse(Source("small.ssr", SMALL))


def hover_text(words: str, nth: int = 0, analysis: Analysis = ANALYSIS) -> str:
    """The hover at the start of some words."""
    found = hover(analysis, put(analysis.source.text, words, nth))
    return "" if found is None else found.text


def test_the_tables_of_words_are_complete() -> None:
    assert ABOUT.keys() == keywords()
    assert FUNCTIONS.keys() == BUILTINS.keys()
    assert all(text.startswith(name) for name, (text, _) in FUNCTIONS.items())


def test_an_operator_shows_its_signature_its_meaning_and_the_shapes_here() -> None:
    text = hover_text("conv(mid")
    assert "conv(channels, kernel=1, stride=1" in text
    assert "weighted sums" in text
    assert "`16 x 16 x 16 -> {8, 16} x 16 x 16`" in text or "{8, 16} x 16 x 16`" in text


def test_an_operator_without_arguments_shows_the_shapes_here() -> None:
    assert "here: `" in hover_text("relu ->") or "here: " in hover_text("relu ->")
    assert "-> {8, 16} x 16 x 16`" in hover_text("relu ->")


def test_a_block_shows_its_parameters_and_its_comment() -> None:
    text = hover_text("narrow(16)")
    assert "block narrow(c, drop=0.1) of x" in text
    assert "Narrows by a choice of width." in text
    assert "3 x 16 x 16 -> {8, 16} x 16 x 16" in text


def test_a_block_of_the_prelude_says_so() -> None:
    analysis = analyse(Source("small.ssr", SMALL.replace("narrow(16), {1..2}", "conv_bn(16), {1..2}")))
    assert "from `std`" in hover_text("conv_bn(16)", analysis=analysis)


def test_an_argument_of_an_operator_is_explained() -> None:
    text = SMALL.replace("conv(mid, 3)", "conv(mid, 3, dilation=2)")
    printed = hover_text("dilation", analysis=analyse(Source("small.ssr", text)))
    assert "dilation=1" in printed
    assert "a parameter of `conv(channels" in printed
    assert "a number or a pair of numbers; a set of them is a dilation decision" in printed


def test_the_prelude_lists_its_blocks() -> None:
    assert "- `residual(f) of x`: x + f(x)" in hover_text("std")


def test_a_tensor_shows_its_shape() -> None:
    assert "tensor 3 x 16 x 16" in hover_text("half =")
    assert "tensor 3 x 16 x 16" in hover_text("half ->")
    assert "tensor 8..16 x 16 x 16" in hover_text("body ->")
    assert "tensor 3 x 32 x 32" in hover_text("image:")


def test_an_input_of_a_block_shows_the_shapes_in_all_places() -> None:
    text = hover_text("x ->")
    assert "tensor 3 x 16 x 16 in `body[0]" in text or "3 x 16 x 16" in text
    assert "in `deep" in text


def test_a_scalar_shows_its_value_and_its_decision() -> None:
    assert "0.2 in" in hover_text("drop)")
    assert "channel decision of 2 options: {8, 16}; `body.narrow[0].mid`" in hover_text("mid =")
    assert hover_text("size\n").endswith("32")


def test_a_set_and_a_choice_show_their_options() -> None:
    assert hover_text("{8, c}").startswith("channel decision of 2 options: {8, 16}")
    assert hover_text("{1..2}") == "depth decision of 2 options: {1, 2}; `body.repeat.depth`"
    assert "operator decision of 2 options: {narrow, skip}; `deep.choose`" in hover_text("choose")


def test_a_chosen_variable_shows_its_values() -> None:
    text = "space s {\n  input x: 3, 8, 8\n  output x -> choose k in {1, 3} { conv(4, k) }\n}\n"
    found = hover_text("k in", analysis=analyse(Source("s.ssr", text)))
    assert found.startswith("`k` is chosen from `{1, 3}`")
    assert "- 1 in `k=1`" in found
    assert "- 3 in `k=3`" in found


def test_an_extent_is_a_number() -> None:
    text = "space s {\n  input x: 3, 8, 16\n  output x -> conv(2 * x.width)\n}\n"
    assert hover_text("width", analysis=analyse(Source("s.ssr", text))) == "16"


def test_a_name_bound_again_and_again_shows_all_of_its_values() -> None:
    loop = "  for i in [1..2] {\n    c = 2 * c\n    x = x -> conv(c)\n  }\n"
    text = "space s {\n  input x: 3, 8, 8\n  c = 4\n" + loop + "  output x\n}\n"
    found = hover_text("c\n    x", analysis=analyse(Source("s.ssr", text)))
    assert "8" in found
    assert "16" in found


def test_a_name_bound_anew_in_a_row_shows_the_shape_there() -> None:
    text = "space s {\n  input image: 3, 8, 8\n  y = image -> conv(4)\n  y = y -> conv(5)\n  output y\n}\n"
    analysis = analyse(Source("s.ssr", text))
    assert "tensor 4 x 8 x 8" in hover_text("y ->", analysis=analysis)
    assert "tensor 5 x 8 x 8" in hover_text("y\n}", analysis=analysis)


def test_a_setting_shows_its_default() -> None:
    text = hover_text("ssr.depth")
    assert "ssr.depth" in text
    assert "default: 0.3" in text


def test_a_setting_without_a_default_says_so() -> None:
    printed = hover_text(
        "target", analysis=analyse(Source("small.ssr", SMALL.replace("ssr.depth = 0.3", "target.macs = 1M")))
    )
    assert "Target MACs of the network." in printed
    assert "no default, > 0" in printed


def test_sets_are_written_as_in_the_language_and_only_once() -> None:
    text = "space s {\n  input x: 3, 8, 8\n  c = {4..40 step 4}\n  output x -> conv(c) -> relu\n}\n"
    analysis = analyse(Source("s.ssr", text))
    assert hover_text("c =", analysis=analysis).endswith("\n\nchannel decision of 10 options: {4..40 step 4}; `c`")
    assert "`{4..40 step 4} x 8 x 8 -> {4..40 step 4} x 8 x 8`" in hover_text("relu", analysis=analysis)


def test_values_visible_in_the_text_are_not_repeated() -> None:
    text = "space s {\n  input x: 3, 8, 8\n  f = conv(4) -> bn\n  output x -> f\n}\n"
    assert hover_text("f\n}", analysis=analyse(Source("s.ssr", text))).count("conv(4) -> bn") == 1


def test_tensors_that_are_alike_are_counted() -> None:
    text = "space s {\n  input x: 3, 8, 8\n  y = [x -> conv(4) for i in [1..3]]\n  output add(y)\n}\n"
    assert "[3 tensors 4 x 8 x 8]" in hover_text("y)", analysis=analyse(Source("s.ssr", text)))


def test_a_network_without_decisions_says_so() -> None:
    text = "space s {\n  input x: 3, 8, 8\n  output x -> conv(4) -> relu\n}\n"
    assert "no decisions: one network of 4 nodes" in hover_text("s {", analysis=analyse(Source("s.ssr", text)))


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("relu", "operator `relu`"),
        ("narrow", "block `narrow`"),
        ("conv(4) -> bn", "layer `conv(4) -> bn`"),
        ("(3, 1)", "(3, 1)"),
        ("1/3", "1/3"),
        ("true", "true"),
    ],
)
def test_what_is_given_to_a_parameter_is_shown(given: str, value: str) -> None:
    blocks = "block narrow = conv(4)\nblock f(what) = relu\n"
    text = f"{blocks}space s {{\n  input x: 3, 8, 8\n  output x -> f({given})\n}}\n"
    assert hover_text("what", analysis=analyse(Source("s.ssr", text))).endswith(f"\n\n{value}")


def test_keywords_and_costs_are_explained() -> None:
    assert hover_text("require").startswith("`require macs")
    assert "Multiply-accumulate" in hover_text("macs")


def test_the_space_shows_its_size() -> None:
    offset = put(SMALL, "small(")
    assert is_about_size(ANALYSIS, offset)
    assert not is_about_size(ANALYSIS, 0)
    text = hover_text("small(")
    assert "architectures: not counted yet" in text
    assert "configurations: 32" in text
    counted = Analysis(ANALYSIS.reading, (), ANALYSIS.meaning, 12)
    assert "architectures: 12" in hover_text("small(", analysis=counted)
    uncounted = Analysis(ANALYSIS.reading, (), ANALYSIS.meaning, "too wide")
    assert "architectures: not counted: too wide" in hover_text("small(", analysis=uncounted)


def test_a_broken_text_still_shows_what_was_known() -> None:
    broken = analyse(Source("small.ssr", SMALL.replace("half = image", "new = \n  half = image")), before=ANALYSIS)
    assert broken.diagnostics
    assert "tensor 3 x 16 x 16" in hover_text("half ->", analysis=broken)


def test_comments_spaces_and_operators_have_no_hover() -> None:
    assert hover_text("# Narrows") == ""
    assert hover(ANALYSIS, put(SMALL, "\n\n") + 1) is None
    assert hover_text("= {8") == ""


@pytest.mark.parametrize(
    ("number", "text"), [(12, "12"), (1_500_000, "1,500,000 (1.50e6)"), (9_999_999, "9,999,999 (1.00e7)")]
)
def test_large_numbers_are_also_abbreviated(number: int, text: str) -> None:
    assert number_text(number) == text
    assert number_text(10**60) == "1.00e60"
