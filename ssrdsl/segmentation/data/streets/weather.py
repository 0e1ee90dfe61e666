"""Light: what colour the sky has, where the sun stands, how far one sees, and what the sensor makes of it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ssrdsl.segmentation.data.streets.chance import Array, Rng, between, pick, rgb, vary

__all__ = ["Weather", "draw_weather", "expose"]


@dataclass(frozen=True, slots=True)
class Weather:
    """The light of one scene.

    `sun` is -1 or +1 for the side of the street that is lit, 0 for an overcast sky; `shade` is what is left of the
    light in shadow; `haze` is the depth in metres at which an object is half as clear.
    """

    zenith: Array
    skyline: Array
    light: Array
    sun: int
    shade: float
    haze: float
    clouds: float
    lamps: float
    noise: float

    def seen(self, colour: Array, depth: Array | float) -> Array:
        """The surface [3, h, w] in this light, through the air up to a depth in metres, a number or a map [h, w]."""
        # depth^2 / (depth^2 + haze^2): clear nearby, and free of exponentials.
        veil = depth * depth / (depth * depth + self.haze * self.haze)
        return np.asarray(colour * (self.light * (1 - veil)) + self.skyline * (veil * 0.9), dtype=np.float32)

    def on_side(self, side: int) -> float:
        """Light that falls on a wall of the left (-1) or right (+1) side of the street."""
        return 1.0 if self.sun == 0 else (1.12 if side == -self.sun else self.shade + 0.12)


KINDS: tuple[tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...], float, float], ...] = (
    # zenith, skyline, light, shade, lamps
    ((0.28, 0.52, 0.86), (0.76, 0.86, 0.96), (1.06, 1.03, 0.97), 0.56, 0.0),
    ((0.36, 0.60, 0.90), (0.88, 0.92, 0.96), (1.02, 1.02, 1.00), 0.64, 0.0),
    ((0.66, 0.69, 0.73), (0.84, 0.86, 0.88), (0.88, 0.90, 0.92), 1.00, 0.1),
    ((0.38, 0.44, 0.68), (0.98, 0.76, 0.56), (1.06, 0.92, 0.78), 0.58, 0.3),
    ((0.16, 0.20, 0.36), (0.62, 0.52, 0.60), (0.56, 0.56, 0.66), 0.86, 0.7),
)


def draw_weather(rng: Rng) -> Weather:
    """A clear or hazy day, an overcast one, an evening or dusk."""
    zenith, skyline, light, shade, lamps = pick(rng, (*KINDS[:3], *KINDS))
    gain = between(rng, 0.82, 1.12)
    return Weather(
        zenith=vary(rng, zenith, 0.05),
        skyline=vary(rng, skyline, 0.04),
        light=rgb(*(channel * gain * between(rng, 0.95, 1.05) for channel in light)),
        sun=0 if shade == 1.0 else pick(rng, (-1, 1)),
        shade=shade,
        haze=between(rng, 90.0, 320.0),
        clouds=between(rng, 0.0, 1.0),
        lamps=lamps,
        noise=between(rng, 0.008, 0.035),
    )


def expose(rng: Rng, colours: Array, fine: int, noise: float) -> npt.NDArray[np.uint8]:
    """The final picture, uint8 [H, W, 3]: fine pixels averaged, corners darker, sensor noise, rounding."""
    picture = _shrunk(colours, fine)
    _, height, width = picture.shape
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    picture *= 1 - np.float32(0.09) * (x * x + y * y)
    grain = rng.random((2, *picture.shape), dtype=np.float32)
    picture += (grain[0] + grain[1] - 1) * np.float32(noise * 1.7)
    rounded = np.clip(picture * 255 + np.float32(0.5), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(rounded.transpose(1, 2, 0))


def _shrunk(colours: Array, fine: int) -> Array:
    """Means of fine x fine pixels, added in a fixed order."""
    total = np.zeros((3, colours.shape[1] // fine, colours.shape[2] // fine), dtype=np.float32)
    for row in range(fine):
        for column in range(fine):
            total += colours[:, row::fine, column::fine]
    return np.asarray(total / (fine * fine), dtype=np.float32)
