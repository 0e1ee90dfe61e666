"""Random numbers per seed, pass and node."""

import torch

from ssrdsl.supernet.draws import Draws

CPU = torch.device("cpu")


def test_numbers_follow_from_seed_pass_and_name_alone():
    first = Draws(1, 2, CPU)
    first.uniform("other", 100)
    assert torch.equal(first.uniform("node", 5), Draws(1, 2, CPU).uniform("node", 5))
    for other in (Draws(2, 2, CPU).uniform("node", 5), Draws(1, 3, CPU).uniform("node", 5), first.uniform("nod", 5)):
        assert not torch.equal(other, first.uniform("node", 5))


def test_fewer_channels_draw_the_beginning_of_what_more_would():
    draws = Draws(7, 0, CPU)
    for rest in ((4,), (4, 16, 32)):
        assert torch.equal(draws.uniform("x", 3, *rest), draws.uniform("x", 64, *rest)[:3])


def test_torchs_own_generator_is_left_alone():
    before = torch.random.get_rng_state()
    Draws(0, 0, CPU).kept("x", 0.5, 10)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_dropouts_keep_their_share_and_the_mean():
    kept = Draws(3, 1, CPU).kept("x", 0.25, 10000)
    assert set(kept.tolist()) == {0.0, torch.tensor(1 / 0.75).item()}
    assert abs(kept.mean().item() - 1) < 0.03
    assert Draws(3, 1, CPU).kept("x", 1.0, 4).tolist() == [0, 0, 0, 0]
