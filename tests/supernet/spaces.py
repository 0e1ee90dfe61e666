"""Small spaces that between them use every construct of the supernet."""

from functools import cache

from ssrdsl.language.source import Source
from ssrdsl.space import Graph
from ssrdsl.space.program import open_source

JOINT = """
use std with bn = bn(eps=1e-3)
block reduce(c) of x {
  concat(x -> conv(c - x.channels, 3, stride=2), x -> maxpool(2)) -> bn -> relu
}
block joint(c, drop) {
  choose d in {1, 2}, s in {1, 2} {
    mid = {c - 4..c step 2}
    out = {c - 4..c step 2}
    residual(
      maxpool(s)
      -> conv(mid, (3, 1), dilation=(d, 1), bias=true) -> bn -> relu
      -> conv(out, (1, 3), dilation=(1, d), bias=true) -> bn
      -> upsample(s, align_corners=true) -> dropout2d(drop))
  } -> relu
}
block pyramid(c, grids) of x {
  concat([x -> adaptive_avgpool(g) -> conv_bn(c, 1) -> resize(x) for g in grids] + [x])
}
space joint_space(classes=3) {
  input image: 3, 16, 32
  half    = image -> reduce(6)
  quarter = half -> reduce(8) -> repeat(joint(8, 0.1), {1..2})
  eighth  = quarter -> reduce(12) -> repeat(joint(12, 0.3), {1..3})
  detail  = concat(quarter, half -> avgpool(2)) -> conv_bn_relu(6, 3)
  context = eighth -> pyramid(4, [1, 2]) -> conv_bn_relu(8, 1) -> dropout2d(0.1) -> resize(quarter)
  output concat(context, detail) -> conv_bn_relu(8, 1) -> dropout2d(0.1) -> conv(classes, 1) -> resize(image)
}
"""

PATHS = """
use std
block layer(c) {
  mid = {c - 4..c step 2}
  choose d in {1, 2} {
    residual(conv(mid, 3, dilation=d) -> bn -> relu -> conv(c, 1) -> bn)
  } -> relu
}
space paths_space(classes=3) {
  input image: 3, 16, 16
  y = image -> conv_bn_relu(8, 3, stride=2) -> choose n in {1..3} { repeat(layer(8), n) }
  output y -> conv(classes, 1) -> resize(image)
}
"""

ELASTIC = """
use std
block mobile(c, stride=1) of x {
  k = {3, 5, 7}
  m = {1, 2, 3} * x.channels
  tied act = choose { relu | hswish }
  f = conv(m, 1) -> bn -> act -> depthwise(k, stride=stride) -> bn -> act
    -> choose { squeeze_excite(round_to(m / 4, 2), gate=hsigmoid) | skip } -> conv(c, 1) -> bn
  x -> (residual(f) if stride == 1 else f)
}
block wide(c) = conv(c, {1, 3, 5}, dilation={1, 2}) -> relu -> conv({c - 2, c}, {3, 5}) -> sigmoid
space elastic_space(classes=5) {
  input image: 3, 16, 16
  y = image -> conv({4, 6}, 3, stride=2) -> bn -> hswish
    -> mobile({4, 6}, stride=2) -> repeat(mobile({4..8 step 2}), {0..2}) -> wide(6)
  output y -> global_pool -> linear({6, 8}) -> relu -> linear(classes)
}
"""

CELLS = """
use std
block op(c) = choose { conv_bn_relu(c, 3) | maxpool(3, stride=1) -> bn | avgpool(3, stride=1) | skip | zero }
tied block cell(c) of a, b {
  nodes = [a, b]
  for i in [1..2] {
    nodes = nodes + [select({1, 2}, [n -> op(c) for n in nodes])]
  }
  concat(nodes[2..])
}
space cells_space(classes=3) {
  input image: 3, 8, 8
  a = image -> conv_bn(4, 3)
  b = a -> relu
  y = (a, b) -> cell(4) -> conv_bn(4, 1)
  z = (b, y) -> cell(4)
  auxiliary early: y -> conv(classes, 1)
  output z -> deconv({4, 6}, 3) -> softmax -> dropout(0.2) -> conv(classes, 1)
}
"""

SIZES = """
use std
space sizes_space(classes=3) {
  size = {8..16 step 4}
  input image: 3, size, size
  y = image -> conv_bn_relu({4, 6}, 3)
  output y -> resize((size / 2, size / 2)) -> conv(classes, 1) -> resize(image)
}
"""

ORDERS = """
use std
space orders_space(classes=3) {
  input image: 3, 8, 8
  tied act = choose { relu | hswish }
  x = image -> conv_bn(4, 3)
  for i in permutation([0..2]) {
    x = x -> [conv_bn({2, 4}, 3), conv_bn(4, 1) -> relu, maxpool(3, stride=1)][i]
  }
  width, kernel = [(4, 1), (6, 3), (6, 5)][{0..2}]
  y = x -> repeat(conv(width, kernel) -> bn -> act, {1..2})
  k = {1..2}
  output select(k, [y -> conv(classes, 1), y -> conv(classes, 3), x -> conv(classes, 1)])
}
"""

TEXTS = {"joint": JOINT, "paths": PATHS, "elastic": ELASTIC, "cells": CELLS, "sizes": SIZES, "orders": ORDERS}


@cache
def space(name: str) -> Graph:
    """The graph of one of the spaces."""
    return open_source(Source(f"{name}.ssr", TEXTS[name])).graph
