"""Parts without motion: sky, skyline, ground, and the plots along both sides of a straight street."""

import numpy as np

from ssrdsl.segmentation.data.streets.canvas import Canvas, Labels, Patch, Segment
from ssrdsl.segmentation.data.streets.chance import FloatArray, Rng, between, grain, part, pick, rgb, vary
from ssrdsl.segmentation.data.streets.palette import PixelLabel

NEAR, FAR, WIDE = 0.6, 80.0, 60.0  # depths at which the street begins and ends, how far it reaches to both sides
GRASS, TREES, GREY, WHITE = (0.30, 0.42, 0.16), (0.20, 0.33, 0.14), (0.43, 0.43, 0.43), rgb(0.86, 0.86, 0.82)
GLASS = rgb(0.16, 0.19, 0.24)
WALLS = ((0.56, 0.31, 0.24), (0.72, 0.62, 0.46), (0.80, 0.76, 0.68), (0.50, 0.50, 0.52), (0.42, 0.37, 0.36))


def paint_street(canvas: Canvas, rng: Rng, half: float, facade: float) -> None:
    """Everything from the sky to the houses, far parts first, for half the width of the road and up to the facades."""
    _paint_sky(canvas, rng)
    _paint_skyline(canvas, rng)
    _lay(canvas.patch((-1e4, 1e4), (0, 0), (FAR, 1e4)), rgb(*GRASS), PixelLabel.VEGETATION)
    _paint_ground(canvas.patch((-WIDE, WIDE), (0, 0), (NEAR, FAR)), rng, half)
    houses = pick(rng, (8, 5, 2, 1))
    for side in (-1, 1):
        end = FAR + between(rng, 0, 8)
        while end > NEAR:
            paint = pick(rng, (_paint_park, _paint_junction) + (_paint_house,) * houses)
            start = max(end - between(rng, 8, 20), NEAR)
            paint(canvas, rng, side * (half if paint is _paint_junction else facade), (start, end))
            end = start


def _paint_sky(canvas: Canvas, rng: Rng) -> None:
    """A gradient from the skyline to the zenith, and clouds on a plane high above."""
    sky, light = canvas.patch((-1e5, 1e5), (0, 1e5), (1e3, 1e3)), canvas.light
    up = np.clip(sky.y * 0.003, 0, 1)
    far = 1 / (up + np.float32(0.2))
    body = grain(far + between(rng, 0, 9), sky.x * far * 0.0008 + between(rng, 0, 9), 48)
    cloud = np.clip((body - between(rng, 0.4, 0.75)) * 4, 0, 0.9) * np.clip(up * 4, 0, 1)
    clear = light.skyline + (light.zenith - light.skyline) * (up * (2 - up))
    sky.pixels[...] = clear + (light.skyline * 0.35 + 0.62 - clear) * cloud


def _paint_skyline(canvas: Canvas, rng: Rng) -> None:
    """A row of houses and trees beyond the end of the street."""
    row = canvas.patch((-500, 500), (0, 24), (240, 240))
    block = np.floor(row.x / between(rng, 12, 30))
    wooded, tall = grain(block, block, 53) < 0.45, grain(block, block, 37)
    top = np.where(wooded, 5 + 8 * tall * grain(row.y * 0, row.x, 3), 5 + 20 * tall)
    colour = np.where(wooded, rgb(*TREES), rgb(*WALLS[3])) * (0.8 + 0.4 * tall)
    row.paint(colour, np.where(wooded, PixelLabel.VEGETATION, PixelLabel.BUILDING), row.y < top)


def _paint_ground(plane: Patch, rng: Rng, half: float) -> None:
    """Pavements with kerbs, and the road with its markings, of similar greys: which is which follows from the place."""
    road, stone, across, slab = vary(rng, GREY, 0.15), vary(rng, GREY, 0.18), abs(plane.x), between(rng, 0.6, 1.2)
    paved = across > half
    _lay(plane, np.where(paved, stone, road), np.where(paved, PixelLabel.PAVEMENT, PixelLabel.ROAD))
    plane.darken(0.8, paved & (plane.z < 22) & ((part(plane.x / slab) < 0.06) | (part(plane.z / slab) < 0.07)))
    plane.paint(stone * 0.4 + 0.4, where=paved & (across < half + 0.2))
    dashes = (across < 0.09) & (part(plane.z / between(rng, 3, 7)) < 0.55)
    edges = abs(across - (half - 0.35)) < pick(rng, (0.07, 0.0))
    plane.paint(WHITE, where=(dashes | edges) & (grain(plane.z, plane.x, 64) > between(rng, 0.2, 0.5)))


def _lay(plane: Patch, colour: FloatArray, label: PixelLabel | Labels) -> None:
    """Paint flat ground: coarse patches along the way, and fine speckle."""
    rough = 0.78 + 0.26 * grain(plane.x, plane.z * 0.25, 24) + 0.18 * grain(plane.x, plane.z, 96)
    plane.paint(colour * rough, label)


def _paint_junction(canvas: Canvas, rng: Rng, x: float, z: Segment) -> None:
    """A side street between pavements of its own, and a zebra crossing where the nearer of these meets the road."""
    walk = 0.2 * (z[1] - z[0])
    street = canvas.patch((x, WIDE) if x > 0 else (-WIDE, x), (0, 0), (z[0] + walk, z[1] - walk))
    _lay(street, vary(rng, GREY, 0.15), PixelLabel.ROAD)
    zebra = canvas.patch((0.3 - abs(x), abs(x) - 0.3), (0, 0), (z[0], z[0] + walk))
    zebra.paint(WHITE, where=part(zebra.x) < 0.5)


def _paint_park(canvas: Canvas, rng: Rng, x: float, z: Segment) -> None:
    """A lawn, and on it a hedge or a row of trees with a ragged top."""
    _lay(canvas.patch((x, WIDE) if x > 0 else (-WIDE, x), (0, 0), z), vary(rng, GRASS), PixelLabel.VEGETATION)
    x, height = x * between(rng, 1.05, 1.4), between(rng, *pick(rng, ((1.2, 2.2), (4.5, 10.0))))
    hedge = canvas.patch((x, x), (0, height), z)
    leaves, top = grain(hedge.y, hedge.z, 64), height * (0.6 + 0.4 * grain(hedge.z * 0, hedge.z, 15))
    shade = (0.45 + 0.7 * leaves + 0.35 / height * hedge.y) * canvas.light.on_wall(x)
    hedge.paint(vary(rng, TREES) * shade, PixelLabel.VEGETATION, hedge.y + leaves * (0.14 * height) < top)


def _paint_house(canvas: Canvas, rng: Rng, x: float, z: Segment) -> None:
    """The gable end that faces the camera, the front, and the shadow on the street."""
    floor, wall, light = between(rng, 2.9, 3.7), vary(rng, pick(rng, WALLS), 0.08), canvas.light
    height = floor * int(between(rng, 2, 7)) + between(rng, 0.4, 1.4)
    gable = canvas.patch((x, x + 12) if x > 0 else (x - 12, x), (0, height), (z[0], z[0]))
    gable.paint(wall * (0.72 + 0.3 * grain(gable.y, gable.x, 64)), PixelLabel.BUILDING)
    front = canvas.patch((x, x), (0, height), z)
    wall *= light.on_wall(x)
    front.paint(wall * (0.84 + 0.32 * grain(front.y, front.z, 64)), PixelLabel.BUILDING)
    _paint_windows(front, rng, wall * 0.6 + 0.3, floor)
    if x * light.sun > 0:
        ground = canvas.patch((-WIDE, WIDE), (0, 0), z)
        ground.darken(light.shade, ground.x / x > between(rng, -0.2, 0.6))


def _paint_windows(front: Patch, rng: Rng, frame: FloatArray, floor: float) -> None:
    """Framed windows, some of them lit, above a shop or more windows."""
    bays, floors = front.z / between(rng, 1.7, 3.4) + between(rng, 0, 8), front.y / floor
    gap = np.maximum(abs(part(bays) - 0.5) - between(rng, 0.18, 0.36), abs(part(floors) - 0.56) - 0.29)
    upper = front.y > pick(rng, (floor, 0.5))
    pane = np.where(upper, gap < 0, (front.y > 0.5) & (front.y < 2.2) & (part(bays * 0.6) > 0.12))
    tint, glass = grain(np.floor(floors), np.floor(bays), 37), pick(rng, (front.light.skyline * 0.75, GLASS, GLASS))
    front.paint(frame, where=upper & (gap < 0.05))
    front.paint(glass * (0.7 + 0.6 * tint), where=pane)
    front.paint(rgb(1.5, 1.3, 0.8), where=pane & (tint < front.light.lamps * between(rng, 0.2, 0.6)))
