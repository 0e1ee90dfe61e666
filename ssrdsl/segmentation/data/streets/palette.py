"""The eight classes of `streets`, with the colours they are shown in."""

from enum import IntEnum


class PixelLabel(IntEnum):
    """The class of a pixel; the value is the label."""

    SKY, BUILDING, ROAD, PAVEMENT, VEGETATION, POLE, CAR, PERSON = range(8)


CLASSES = tuple(label.name.lower() for label in PixelLabel)

COLOURS: tuple[tuple[int, int, int], ...] = (
    (122, 178, 224), (138, 116, 104), (92, 72, 124), (224, 152, 200),
    (104, 160, 72), (244, 208, 64), (48, 80, 200), (224, 52, 72),
)  # fmt: skip

IGNORE = 255  # label of pixels that count nowhere; the scenes have none, padded crops do
