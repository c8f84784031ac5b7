"""Muon: equal steps in all directions, as long as they should be, the same after resuming."""

import copy
import math

import torch
from torch import nn

from livestyle.train.muon import STRETCH, Muon, even_directions


def test_all_directions_become_alike_and_none_is_turned():
    torch.manual_seed(0)
    for shape in ((16, 108), (64, 27)):
        left, sizes, right = torch.linalg.svd(torch.randn(shape), full_matrices=False)
        sizes = torch.logspace(0, -1.5, len(sizes))  # the largest is thirty times the smallest
        even = even_directions(left @ sizes.diag() @ right)
        turned = left.T @ even @ right.T
        assert 0.5 < float(turned.diagonal().min()) <= float(turned.diagonal().max()) < 1.3
        assert float((turned - turned.diagonal().diag()).abs().max()) < 1e-3


def test_a_step_is_as_long_as_its_rate_says_however_small_the_gradient():
    torch.manual_seed(0)
    for scale in (1e-6, 1.0):
        weight = nn.Parameter(torch.zeros(32, 32, 3, 3))
        weight.grad = scale * torch.randn(weight.shape)
        Muon([weight], lr=0.5).step()
        length = float(weight.detach().square().mean().sqrt())
        assert math.isclose(length, 0.5 * STRETCH, rel_tol=0.2)


def test_what_decays_stops_growing_where_all_steps_go_one_way():
    torch.manual_seed(0)
    lengths = []
    for decay in (0.0, 0.3):
        weight = nn.Parameter(torch.zeros(32, 32, 3, 3))
        optimizer = Muon([weight], lr=0.5, decay=decay)
        weight.grad = torch.randn(weight.shape)
        for _ in range(100):
            optimizer.step()
        lengths.append(float(weight.detach().square().mean().sqrt()))
    assert lengths[0] > 80 * 0.5 * STRETCH
    assert math.isclose(lengths[1], STRETCH / 0.3, rel_tol=0.2)


def test_it_goes_down_a_valley_in_which_plain_descent_sticks():
    """Least squares with directions that differ a thousandfold: all of them are learned."""
    torch.manual_seed(0)
    given = torch.randn(512, 27) * torch.logspace(0, -3, 27)
    wanted = torch.randn(16, 27)
    weight = nn.Parameter(torch.zeros(16, 3, 3, 3))
    optimizer = Muon([weight], lr=0.5)

    def loss() -> torch.Tensor:
        return (given @ (weight.flatten(1) - wanted).T).square().mean()

    first = loss().item()
    for step in range(200):
        optimizer.param_groups[0]["lr"] = 0.5 * (1 - step / 200)
        weight.grad = None
        loss().backward()
        optimizer.step()
    assert loss().item() < 1e-4 * first
    assert (weight.flatten(1) - wanted)[:, 20:].square().mean().item() < 0.5


def test_it_goes_on_from_its_state_as_if_unbroken():
    torch.manual_seed(0)
    gradients = torch.randn(4, 16, 3, 3, 3)
    weight = nn.Parameter(torch.zeros(16, 3, 3, 3))
    optimizer = Muon([weight], lr=0.1)
    for number, gradient in enumerate(gradients):
        if number == 2:
            resumed = nn.Parameter(weight.detach().clone())
            other = Muon([resumed], lr=0.1)
            other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
        weight.grad = gradient
        optimizer.step()
        if number >= 2:
            resumed.grad = gradient
            other.step()
    assert torch.equal(weight, resumed)
