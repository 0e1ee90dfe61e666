"""Small networks whose connections pictures must show, and the pictures of the shipped spaces."""

from functools import cache

from ssrdsl.report.picture import _NetworkPicture
from tests.spaces.shipped import graph_of

UNET = """use std
block double(c) {
  conv(c, 3) -> bn -> relu -> conv(c, 3) -> bn -> relu
}
space unet(classes=2) {
  input image: 3, 64, 64
  e1 = image -> double(16)
  e2 = e1 -> maxpool(2) -> double(32)
  e3 = e2 -> conv(32, 3, stride=2) -> double(64)
  middle = e3 -> maxpool(2) -> double(128)
  d3 = concat(middle -> deconv(64, 2), e3) -> double(64)
  d2 = concat(d3 -> deconv(32, 2), e2) -> double(32)
  d1 = concat(d2 -> deconv(16, 2), e1) -> double(16)
  output d1 -> conv(classes, 1)
}
"""

UNET_OF_LOOPS = """use std
block double(c) {
  conv(c, 3) -> bn -> relu -> conv(c, 3) -> bn -> relu
}
block unet(classes) of x {
  skips = []
  for c in [16, 32, 64] {
    x = x -> double(c)
    skips = skips + [x]
    x = x -> maxpool(2)
  }
  x = x -> double(128)
  for i in [2, 1, 0] {
    x = concat(x -> deconv(16, 2), skips[i]) -> double(16)
  }
  x -> conv(classes, 1)
}
space loops(classes=2) {
  input image: 3, 64, 64
  output image -> unet(classes)
}
"""

BRANCHES = """use std
block inception(c) of x {
  concat(
    x -> conv(c, 1) -> bn -> relu,
    x -> conv(c / 2, 1) -> bn -> relu -> conv(c, 3) -> bn -> relu,
    x -> maxpool(3, stride=1) -> conv(c, {1, 3}))
}
space branches(classes=2) {
  input image: 3, 32, 32
  x = image -> conv(16, 3, stride=2) -> inception(32) -> inception(64)
  y = concat(x -> conv(8, 1), x -> conv(16, 3), x -> maxpool(3, stride=1))
  z = concat([y -> conv(8, 3, dilation=d) -> bn for d in [1, 2, 4, 8]])
  output z -> conv(classes, 1)
}
"""

TWO_INPUTS = """use std
space two(classes=2) {
  input left: 3, 32, 32
  input right: 3, 32, 32
  a = left -> conv(16, 3, stride=2) -> bn -> relu
  b = right -> conv(16, 3, stride=2) -> bn -> relu
  both = concat(a, b) -> conv(32, 3) -> relu
  output both -> conv(classes, 1)
  output edges: add(a, both -> conv(16, 1))
}
"""

SEARCHED = """use std
block unit(c) {
  mid = {c / 2..c step c / 4}
  choose { conv(mid, 3) -> bn | conv(mid, 5) -> bn | depthwise(3) -> conv(mid, 1) -> bn } -> relu -> conv(c, 3)
}
block up(c) of x, skip {
  concat(x -> deconv(c, 2), skip) -> repeat(unit(c), {1..2})
}
space searched(classes=2) {
  input image: 3, 64, 64
  e1 = image -> unit(16)
  e2 = e1 -> maxpool(2) -> repeat(unit(32), {1..3})
  output (e2, e1) -> up(16) -> conv(classes, 1)
}
"""

NETWORKS = {
    "unet": UNET,
    "unet of loops": UNET_OF_LOOPS,
    "branches": BRANCHES,
    "two inputs": TWO_INPUTS,
    "searched": SEARCHED,
}


@cache
def shipped(name: str) -> _NetworkPicture:
    """The picture of a shipped space."""
    return _NetworkPicture(graph_of(name))


@cache
def shipped_svg(name: str) -> str:
    """The picture of a shipped space, as `space_svg` draws it."""
    return shipped(name).svg(dark=True)
