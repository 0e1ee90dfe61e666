"""The algebra of expressions over decisions."""

from ssrdsl.space.expressions import add, multiply, switch


def test_a_multiple_of_a_sum_with_truths_has_the_values_of_its_options():
    total = add(switch("a", [(0, True), (1, 1)]), switch("b", [(0, 1), (1, 2)]))
    assert multiply(-2, total) is switch("b", [(0, -4), (1, -6)])
