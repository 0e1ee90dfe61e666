import pytest

from ssrdsl.errors import UserError
from ssrdsl.language.source import Source
from ssrdsl.space.program import Program, open_source
from ssrdsl.space.setting_overrides import read_settings, with_settings


def program() -> Program:
    text = """
space s {
  input x: 3, 8, 8
  output x -> conv({1, 2}, 3)
}
search {
  epochs = 5
  target.macs = 40M
}
"""
    return open_source(Source("s.ssr", text))


def test_values_take_the_place_of_those_of_the_file() -> None:
    values = read_settings(["strategy=darts", "target.macs = 30M", "target.macs=20.5k", 'sdarts.perturbation="random"'])
    assert values == {"strategy": "darts", "target.macs": "20.5k", "sdarts.perturbation": '"random"'}
    settings = with_settings(program(), values).settings
    assert settings.strategy == "darts"
    assert settings.target.macs == 20_500
    assert settings.epochs == 5
    assert with_settings(program(), {}).settings.target.macs == 40e6


def test_the_text_of_the_space_is_the_same() -> None:
    assert with_settings(program(), {"epochs": "3"}).sha256 == program().sha256


@pytest.mark.parametrize(
    ("text", "message", "help"),
    [
        ("strategy", "`--search strategy`: expected KEY=VALUE", "target.macs=30M"),
        ("=3", "`--search =3`: expected KEY=VALUE", "target.macs=30M"),
        ("strategy=dart", '`strategy` takes one of "ssr", "darts"', "did you mean `darts`?"),
        ("stratgy=darts", "unknown setting `stratgy`", "did you mean `strategy`?"),
        ("target.mac=3", "unknown setting `target.mac`", "did you mean `target.macs`?"),
        ("target=3", "`target` is a group of settings", "target.macs"),
        ("epochs=many", '`epochs` takes an integer above 0, not "many"', ""),
        ("epochs=2.5", "`epochs` takes an integer above 0, not 2.5", ""),
        ("epochs=1e999", "a number with more than 40 digits or beyond 1e40", ""),
    ],
)
def test_mistakes_are_named_with_the_option(text: str, message: str, help: str) -> None:
    with pytest.raises(UserError) as caught:
        read_settings([text])
    assert message in caught.value.message
    assert f"--search {text}" in caught.value.message
    assert help in (caught.value.help or "")
