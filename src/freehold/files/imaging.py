"""Opens, turns, strips and resizes one image in a process of its own, which may be killed.

Run as a script: `imaging.py keep|thumb|model SOURCE TARGET`. It prints one JSON object:
{"media_type", "width", "height"} or {"error": "type" | "pixels" | "broken" | "full"}. It needs nothing of Freehold.
"""

import errno
import json
import sys
import warnings
from pathlib import Path

from PIL import Image, ImageOps, ImageSequence

MAX_PIXELS = 50_000_000  # a phone's largest photograph
MAX_ANIMATION_PIXELS = 100_000_000  # over all frames; a longer one becomes its first frame
MAX_FRAMES = 500
THUMB_SIDE = 512
MODEL_SIDE = 2048
CPU_SECONDS = 30
MEMORY_BYTES = 768 * 1024 * 1024  # address space: 50 million pixels, their turned copy and the libraries
FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}


class Refused(Exception):
    """The image is not taken; the argument is the reason as printed."""


def limit_resources() -> None:
    """Bound time and memory where the system can (not on Windows; there the parent's deadline does)."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def open_image(source: Path) -> Image.Image:
    """The image, its header read and its size judged before a pixel is unpacked."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        image = Image.open(source, formats=list(FORMATS))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused("pixels") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise Refused("type") from error
    if image.width * image.height > MAX_PIXELS:
        raise Refused("pixels")
    return image


def keep(image: Image.Image, target: Path) -> tuple[str, Image.Image]:
    """Write the image anew in its own format: upright, colours kept, everything else that came along left behind."""
    kind = image.format or "PNG"
    frames = getattr(image, "n_frames", 1) if kind in {"GIF", "WEBP"} else 1
    if 1 < frames <= MAX_FRAMES and frames * image.width * image.height <= MAX_ANIMATION_PIXELS:
        return _keep_animation(image, kind, target)
    profile = image.info.get("icc_profile")
    upright = _upright(image)
    if kind == "JPEG":
        if upright.mode not in {"RGB", "L", "CMYK"}:
            upright = upright.convert("RGB")
        upright.save(target, "JPEG", quality=92, icc_profile=profile, optimize=False, progressive=True)
    elif kind == "WEBP":
        upright.save(target, "WEBP", quality=92, method=2, icc_profile=profile or "")
    elif kind == "GIF":
        upright.save(target, "GIF")
    else:
        upright.save(target, "PNG", icc_profile=profile)
    return kind, upright


def _keep_animation(image: Image.Image, kind: str, target: Path) -> tuple[str, Image.Image]:
    durations = [int(frame.info.get("duration", 100)) for frame in ImageSequence.Iterator(image)]
    loop = int(image.info.get("loop", 0))
    image.seek(0)
    first = image.copy()
    rest = (frame.copy() for frame in ImageSequence.Iterator(image) if image.tell() > 0)
    first.info = {}
    first.save(target, kind, save_all=True, append_images=rest, duration=durations, loop=loop)
    return kind, first


def thumb(image: Image.Image, target: Path) -> tuple[str, Image.Image]:
    """At most 512 pixels on the longest side, as WebP."""
    small = _fit(image, THUMB_SIDE)
    small.save(target, "WEBP", quality=80, method=2)
    return "WEBP", small


def model(image: Image.Image, target: Path) -> tuple[str, Image.Image]:
    """What models take everywhere: PNG where there is transparency, else JPEG, at most 2048 pixels wide or high."""
    small = _fit(image, MODEL_SIDE)
    if small.mode == "RGBA":
        small.save(target, "PNG")
        return "PNG", small
    small.save(target, "JPEG", quality=90)
    return "JPEG", small


def _fit(image: Image.Image, side: int) -> Image.Image:
    image.draft("RGB", (side, side))  # a JPEG is decoded small at once
    small = _upright(image)
    has_alpha = small.mode in {"RGBA", "LA", "PA"} or "transparency" in small.info
    small = small.convert("RGBA" if has_alpha else "RGB")
    small.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    small.info = {}
    return small


def _upright(image: Image.Image) -> Image.Image:
    upright = ImageOps.exif_transpose(image)
    # Pillow writes what it finds in info (EXIF, comments, XMP); transparency alone is part of the picture
    upright.info = {key: value for key, value in upright.info.items() if key == "transparency"}
    return upright


def main(action: str, source: Path, target: Path) -> dict[str, object]:
    """Do one of the three and say what came out."""
    limit_resources()
    try:
        kind, image = {"keep": keep, "thumb": thumb, "model": model}[action](open_image(source), target)
    except Refused as refused:
        return {"error": str(refused)}
    except MemoryError:
        return {"error": "pixels"}
    except OSError as error:
        return {"error": "full" if error.errno in {errno.ENOSPC, errno.EDQUOT} else "broken"}
    except (ValueError, SyntaxError, EOFError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return {"error": "broken"}
    return {"media_type": FORMATS[kind], "width": image.width, "height": image.height}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))))
