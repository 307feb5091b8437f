"""For test sets that are unlike the training set: one warp, and 0 to 3 moderate changes on top of each other.

A picture that was taken elsewhere has several moderate faults, and seldom one strong one. Changes follow each other as
light meets them: stain, what lies on the slide, lamp, lens, sensor, camera, file.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.random import Generator

from zoo.augment import filters, geometry, imaging, sensor_noise, texture
from zoo.augment.occlusion import draw_occlusion
from zoo.augment.policies.composite import draw_colour, draw_geometry
from zoo.augment.policy import Stage, policy
from zoo.augment.steps import Filter, Step, between, pick, whole
from zoo.utils.text import Size

# All at magnitude 1.
ZOOM = 1.5  # factor, or one over it
TRANSLATION = 0.2  # of the side
DYE = 0.5  # change of a dye's amount
MORE_DYE = 0.12  # optical density
LIGHT = 0.7  # change of the light's factor
GRID = (2, 4)  # values a side of a field of light
BLUR = {"gaussian": 0.03, "defocus": 0.05, "motion": 0.15}  # of the side
NOISE = (3.0, 45.0)  # deviation in levels
TEXTURE = (4.0, 40.0)  # deviation in levels
VEIL = (0.1, 0.7)  # the most that is covered
EXPONENT = (-1.0, 2.5)  # of a spectrum's fall
CYCLES = (1.5, 16.0)  # a side, of a spectrum's band
SOFT = 0.02  # of the side: blur of coarse noise
DEAD = (0.002, 0.1)  # share of the pixels
RESOLUTION = (0.7, 0.15)
QUALITY = (60.0, 8.0)  # of JPEG
SHARPNESS = (1.5, 4.0)  # factor


@policy(
    "robust",
    heeds=("magnitude", "operations", "share"),
    most_operations=8,
    version=2,  # since it draws textures
    magnitude=0.6,
    operations=(0, 3),
    share=1.0,
)
def draw_robust(random: Generator, size: Size, stage: Stage) -> list[Step]:
    """Draw a flip, a warp, and some of the eight changes."""
    steps: list[Step] = [pick(random, geometry.FLIPS)]
    steps += draw_geometry(random, size, stage.magnitude, largest_zoom=ZOOM, farthest=TRANSLATION)
    for place in sorted(random.permutation(len(CHANGES))[: whole(random, *stage.operations)]):
        steps += CHANGES[place](random, size, stage.magnitude)
    return steps


def draw_stain(random: Generator, size: Size, magnitude: float) -> list[Step]:
    """Draw more or less of each dye."""
    amounts = 1 + magnitude * DYE * random.uniform(-1, 1, 3)
    more = magnitude * MORE_DYE * random.uniform(-1, 1, 3)
    return [Filter(partial(filters.restain, amounts=amounts, more=more))]


def draw_light(random: Generator, size: Size, magnitude: float) -> list[Step]:
    """Draw a smooth field of light, grey or coloured."""
    side, coloured = whole(random, *GRID), random.random() < 0.5
    shape = (side, side, 3) if coloured else (side, side)
    change = magnitude * LIGHT * (0.5 if coloured else 1.0)
    return [Filter(partial(texture.lit, field=random.uniform(1 - change, 1 + change, shape).astype(np.float32)))]


def draw_blur(random: Generator, size: Size, magnitude: float) -> list[Step]:
    """Draw a blur by diffusion, defocus or motion."""
    kind = pick(random, tuple(BLUR))
    length = between(random, 0.2, 1.0) * magnitude * BLUR[kind] * min(size)
    if kind == "gaussian":
        return [Filter(partial(filters.gaussian_blur, sigma=max(length, 0.3)))]
    if kind == "defocus":
        return [Filter(partial(imaging.defocus, radius=length))]
    return [Filter(partial(imaging.motion_blur, length=length, angle=np.radians(between(random, 0, 180))))]


def draw_noise(random: Generator, size: Size, magnitude: float) -> list[Step]:
    """Draw noise of the amplifier, of counted or of coherent light, fine or coarse, or dead pixels."""
    if random.random() < 0.2:
        places = np.frombuffer(random.bytes(2 * size[0] * size[1]), np.uint16).reshape(size)
        return [Filter(partial(sensor_noise.impulses, share=between(random, *_up_to(DEAD, magnitude)), grain=places))]
    kind, grey, coarse = pick(random, tuple(sensor_noise.SCALES)), random.random() < 0.5, random.random() < 0.3
    shape = size if grey else (*size, 3)
    grain = np.frombuffer(random.bytes(int(np.prod(shape))), np.uint8).reshape(shape)
    deviation = between(random, *_up_to(NOISE, magnitude)) * (0.6 if coarse else 1.0)
    softness = between(random, 0.2, 1.0) * SOFT * min(size) if coarse else 0.0
    change = partial(sensor_noise.noise, kind=kind, deviation=deviation, grain=grain, softness=softness)
    return [Filter(change)]


def draw_texture(random: Generator, size: Size, magnitude: float) -> list[Step]:
    """Draw a texture that is added, or a veil of one."""
    veil, coloured, hard = random.random() < 0.4, random.random() < 0.5, random.random() < 0.3
    shape = size if veil or not coloured else (*size, 3)
    white = sensor_noise.QUANTILES[np.frombuffer(random.bytes(int(np.prod(shape))), np.uint8)].reshape(shape)
    drawn = texture.texture(white.astype(np.float32), _spectrum(random), hard=hard)
    if veil:
        colour = tuple(whole(random, 0, 255) for _ in range(3)) if coloured else (whole(random, 0, 255),) * 3
        thickness = between(random, *_up_to(VEIL, magnitude))
        return [Filter(partial(texture.veiled, texture=drawn, colour=colour, thickness=thickness))]
    return [Filter(partial(texture.added, texture=drawn, deviation=between(random, *_up_to(TEXTURE, magnitude))))]


def _spectrum(random: Generator) -> texture.Spectrum:
    if random.random() < 0.5:
        return "power", between(random, *EXPONENT)
    low, high = np.log(CYCLES)
    return "band", float(np.exp(between(random, low, high)))


def draw_file(random: Generator, size: Size, magnitude: float) -> list[Step]:
    """Draw a lower resolution, JPEG's losses or a sharpening."""
    kind = pick(random, ("resolution", "jpeg", "sharpen"))
    if kind == "resolution":
        resolution, smooth = between(random, *_up_to(RESOLUTION, magnitude)), pick(random, (False, True))
        return [Filter(partial(imaging.resample, resolution=resolution, smooth=smooth))]
    if kind == "jpeg":
        return [Filter(partial(imaging.jpeg, quality=round(between(random, *_up_to(QUALITY, magnitude)))))]
    return [Filter(partial(filters.sharpness, factor=between(random, *_up_to(SHARPNESS, magnitude))))]


def _up_to(limits: tuple[float, float], magnitude: float) -> tuple[float, float]:
    """From the weakest to ``magnitude`` of the way to the strongest."""
    weakest, strongest = limits
    return weakest, weakest + magnitude * (strongest - weakest)


CHANGES = (draw_stain, draw_occlusion, draw_light, draw_texture, draw_blur, draw_noise, draw_colour, draw_file)
