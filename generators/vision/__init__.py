"""A vision-language model is shown evidence, and what it writes is grounded in that."""

from .generator import VisionGenerator as VisionGenerator
