"""Cars, people, trees and poles. Each function paints one at the place x, z; what it looks like is drawn at random."""

import numpy as np

from ssrdsl.segmentation.data.streets.canvas import Canvas, Patch, Segment
from ssrdsl.segmentation.data.streets.chance import FloatArray, Rng, between, grain, pick, rgb, vary
from ssrdsl.segmentation.data.streets.palette import PixelLabel

PAINTS = (
    (0.74, 0.11, 0.12), (0.12, 0.22, 0.52), (0.88, 0.72, 0.18), (0.82, 0.83, 0.84),
    (0.10, 0.10, 0.12), (0.46, 0.48, 0.50), (0.30, 0.36, 0.30), (0.58, 0.52, 0.44),
)  # fmt: skip
SKINS = ((0.86, 0.68, 0.56), (0.62, 0.44, 0.32), (0.38, 0.26, 0.20))
LEAVES = ((0.20, 0.36, 0.12), (0.28, 0.42, 0.16), (0.16, 0.30, 0.14), (0.52, 0.40, 0.12), (0.56, 0.28, 0.12))
METALS = ((0.30, 0.31, 0.32), (0.56, 0.57, 0.58), (0.20, 0.26, 0.22))
GLASS, TYRE = rgb(0.13, 0.16, 0.20), rgb(0.07, 0.07, 0.08)
CARS = ((3.6, 1.45, 0.02), (4.4, 1.42, 0.2), (4.5, 1.5, 0.02), (5.2, 2.2, 0.0))  # length, height, bonnet


def paint_car(canvas: Canvas, rng: Rng, x: float, z: float) -> None:
    """A car or van, whose nearer end is at z, with its shadow. Those left of the middle of the road are oncoming."""
    length, height, boot = pick(rng, CARS)
    half, colour = between(rng, 0.82, 0.96), vary(rng, pick(rng, PAINTS))
    canvas.patch((x - half - 0.12, x + half + 0.12), (0, 0), (z - 0.15, z + length)).darken(0.42)
    edge = x - half if x > canvas.eye[0] else x + half
    flank = canvas.patch((edge, edge), (0, height), (z, z + length))
    along = (flank.z - z) / length
    wheels = np.minimum(abs(along - 0.19), abs(along - 0.81)) * length
    _paint_body(flank, colour * 0.87, height, (along - np.float32(boot)) / np.float32(0.8 - boot))
    flank.paint(TYRE, PixelLabel.CAR, wheels * wheels + (flank.y - 0.32) * (flank.y - 0.32) < 0.105)
    end = canvas.patch((x - half, x + half), (0, height), (z, z))
    across = abs(end.x - x) / half
    end.paint(TYRE, PixelLabel.CAR, (end.y < 0.4) & (across > 0.6) & (across < 0.94))
    _paint_body(end, colour, height, (across + 1) * np.float32(0.5))
    lamps = rgb(0.96, 0.95, 0.82) if x < 0 else rgb(0.78, 0.06, 0.05)
    end.paint(lamps, where=(abs(across - 0.8) < 0.15) & (abs(end.y / height - 0.47) < 0.08))


def _paint_body(side: Patch, colour: FloatArray, height: float, along: FloatArray) -> None:
    """One side of a car, with a cabin and its windows where `along` is between 0 and 1."""
    up, inset = side.y / height, 0.5 - abs(along - 0.5)
    slope = np.clip(up - 0.58, 0, 1) * 0.3
    body = (up > 0.18) & ((up < 0.58) | (inset > slope))
    side.paint(colour * (1 - np.float32(0.4) * (up < 0.35)), PixelLabel.CAR, body)
    side.paint(GLASS, where=(abs(up - 0.78) < 0.15) & (inset > slope + 0.06))


def paint_person(canvas: Canvas, rng: Rng, x: float, z: float) -> None:
    """An adult or, one time in six, a child. Parts are in shares of the height."""
    height = between(rng, *pick(rng, ((1.05, 1.4),) + ((1.58, 1.92),) * 5))
    body = canvas.patch((x - height * 0.3, x + height * 0.3), (0, height), (z, z))
    across, up = abs(body.x - x) / height, body.y / height
    legs = abs(across - between(rng, 0.08, 0.26) * (0.5 - up)) < max(0.05, canvas.metres(0.4, z) / height)
    body.paint(vary(rng, pick(rng, PAINTS[1:])) * 0.8, PixelLabel.PERSON, legs & (up < 0.5))
    torso = (up > pick(rng, (0.46, 0.46, 0.26))) & (up < 0.845) & (across < 0.145 - abs(up - 0.72) * 0.14)
    body.paint(vary(rng, pick(rng, PAINTS)) * (1 - np.float32(0.24) * (body.x > x)), PixelLabel.PERSON, torso)
    head = across * across * 1.25 + (up - 0.92) * (up - 0.92) < 0.0049
    body.paint(vary(rng, pick(rng, SKINS)) * (1 - np.float32(0.6) * (up > 0.945)), PixelLabel.PERSON, head)


def paint_tree(canvas: Canvas, rng: Rng, x: float, z: float) -> None:
    """Paint a trunk, and a crown with holes."""
    crown, trunk, shift = between(rng, 1.2, 2.4), between(rng, 1.6, 2.8), between(rng, 0, 8)
    _paint_bar(canvas, (x, z), 0.15, (0, trunk + crown / 2), vary(rng, (0.30, 0.25, 0.21)), PixelLabel.VEGETATION)
    leaves = canvas.patch((x - crown, x + crown), (trunk - crown * 0.3, trunk + crown * 1.7), (z, z))
    u, v = (leaves.x - x) / crown, (leaves.y - trunk) / crown - 0.7
    boughs, twigs, squared = grain(v + shift, u, 32), grain(v + shift, u, 128), u * u + v * v
    where = (boughs * 0.62 + twigs * 0.38 > squared - between(rng, 0.05, 0.4)) & (squared < 1)
    lit = (0.62 + 0.22 * v - 0.16 * canvas.light.sun * u + 0.55 * twigs) * (0.62 + 0.7 * boughs)
    leaves.paint(vary(rng, pick(rng, (*LEAVES[:3], *LEAVES))) * lit, PixelLabel.VEGETATION, where)


def _paint_bar(
    canvas: Canvas, place: Segment, half: float, y: Segment, colour: FloatArray, label: PixelLabel = PixelLabel.POLE
) -> None:
    """An upright bar, at least as wide as a pixel of the final picture: far ones would be seen in parts."""
    x, z = place
    half = max(half, canvas.metres(0.52, z))
    canvas.patch((x - half, x + half), y, (z, z)).paint(colour, label)


def paint_lamp(canvas: Canvas, rng: Rng, x: float, z: float) -> None:
    """A street lamp, whose arm reaches over the road."""
    top, colour = between(rng, 5, 8), vary(rng, pick(rng, METALS))
    _paint_bar(canvas, (x, z), between(rng, 0.05, 0.1), (0, top), colour)
    arm = canvas.patch((x - 1.8, x) if x > 0 else (x, x + 1.8), (top - max(0.15, canvas.metres(1, z)), top), (z, z))
    bulb = rgb(1.6, 1.5, 1.1) if rng.random() < canvas.light.lamps else colour + 0.3
    arm.paint(np.where(abs(arm.x - x) > 1, bulb, colour), PixelLabel.POLE)


def paint_sign(canvas: Canvas, rng: Rng, x: float, z: float) -> None:
    """A traffic sign: a disc, a square or a triangle."""
    top, size = between(rng, 2.2, 2.9), max(0.36, canvas.metres(0.8, z))
    _paint_bar(canvas, (x, z), between(rng, 0.05, 0.1), (0, top), vary(rng, pick(rng, METALS)))
    plate = canvas.patch((x - size, x + size), (top - size, top + size), (z, z))
    u, v = abs(plate.x - x) / size, (plate.y - top) / size
    shape = pick(rng, (u * u + v * v, np.maximum(u, abs(v)) * 1.16, np.maximum(v * -1.4, u * 1.8 + v)))
    plate.paint(
        np.where(shape < 0.4, rgb(0.90, 0.90, 0.88), vary(rng, pick(rng, PAINTS[:3]))), PixelLabel.POLE, shape < 1
    )
