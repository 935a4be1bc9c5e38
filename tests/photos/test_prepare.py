"""What is sent for a photo, and what becomes of it: everything but the colours stays behind."""

import threading
import time
import tracemalloc
import zipfile
from io import BytesIO

import pytest
from PIL import Image

from o2o.kernel.errors import BadInput, Busy
from o2o.photos import header, picture, rules
from tests.photos import pictures
from tests.photos.pictures import CANARY, scene, with_place, written


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_place_camera_and_comments_are_gone(kind: str) -> None:
    sent = with_place(kind)
    assert CANARY in sent
    kept = rules.prepare(sent)
    for content in (kept.large, kept.small):
        found = opened(content)
        assert found.format == "WEBP"
        assert dict(found.getexif()) == {}
        assert not {"exif", "xmp", "icc_profile", "comment", "XML:com.adobe.xmp"} & found.info.keys()
        assert CANARY not in content
        assert b"EXIF" not in content
        assert b"ICCP" not in content
        assert b"XMP " not in content


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stands_as_it_was_taken(orientation: int) -> None:
    upright = scene(400, 200)
    back = {2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}
    stored = upright.transpose(picture.TURNS[back[orientation]]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    kept = rules.prepare(written(stored, "JPEG", exif=exif, quality=95))
    assert (kept.width, kept.height) == (400, 200)
    red, green, blue = opened(kept.large).convert("RGB").getpixel((20, 20))
    assert red > 200
    assert green < 60
    assert blue < 60


def test_both_sizes() -> None:
    kept = rules.prepare(written(scene(4000, 3000), "JPEG"))
    assert (kept.width, kept.height) == opened(kept.large).size == (1600, 1200)
    assert opened(kept.small).size == (480, 360)
    assert len(kept.digest) == 64
    little = rules.prepare(written(scene(100, 50), "PNG"))
    assert opened(little.large).size == opened(little.small).size == (100, 50)
    long = rules.prepare(written(scene(8000, 4), "PNG"))
    assert (long.width, long.height) == (1600, 1)


SOUND = {
    "1x1": written(scene(1, 1), "PNG"),
    "progressive": written(scene(), "JPEG", progressive=True),
    "cmyk": written(scene().convert("CMYK"), "JPEG"),
    "grey": written(scene().convert("L"), "JPEG"),
    "grey alpha": written(scene().convert("LA"), "PNG"),
    "palette": written(scene().convert("P"), "PNG"),
    "one bit": written(scene().convert("1"), "PNG"),
    "lossless webp": written(scene(), "WEBP", lossless=True),
    "webp with alpha": written(scene().convert("RGBA"), "WEBP"),
    "another profile": pictures.swapped_colours(),
}


@pytest.mark.parametrize("name", SOUND)
def test_sound_pictures_are_taken(name: str) -> None:
    found = opened(rules.prepare(SOUND[name]).large)
    found.load()
    assert (found.format, found.mode) == ("WEBP", "RGB")


def near(pixel: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) < 14 for a, b in zip(pixel, wanted, strict=True))


def test_sixteen_bits_are_not_washed_out() -> None:
    grey = Image.new("I;16", (64, 64), 0x8000)
    assert near(opened(rules.prepare(written(grey, "PNG")).large).getpixel((30, 30)), (128, 128, 128))


def test_what_was_clear_is_white() -> None:
    clear = scene(64, 64).convert("P")
    index = clear.getpixel((1, 1))
    kept = rules.prepare(written(clear, "PNG", transparency=index))
    assert near(opened(kept.large).getpixel((3, 3)), (255, 255, 255))
    alpha = Image.new("RGBA", (64, 64), (200, 0, 0, 0))
    assert near(opened(rules.prepare(written(alpha, "PNG")).large).getpixel((30, 30)), (255, 255, 255))


def test_press_colours_come_out_as_they_were() -> None:
    red = Image.new("RGB", (64, 64), (200, 30, 30)).convert("CMYK")
    assert near(
        opened(rules.prepare(written(red, "JPEG", quality=95)).large).getpixel((30, 30)), (200, 30, 30)
    )


def test_other_colour_spaces_become_srgb() -> None:
    """The numbers of another profile would be shown as they are, were they not turned before it is left behind."""
    kept = rules.prepare(pictures.swapped_colours())
    assert near(opened(kept.large).getpixel((30, 30)), (30, 30, 200))
    broken = written(Image.new("RGB", (64, 64), (200, 30, 30)), "JPEG", icc_profile=b"no profile", quality=95)
    assert near(opened(rules.prepare(broken).large).getpixel((30, 30)), (200, 30, 30))


def test_the_first_picture_of_an_animation_is_taken() -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    for kind in ("WEBP", "PNG"):
        moving = written(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
        still = opened(rules.prepare(moving).large)
        assert getattr(still, "n_frames", 1) == 1
        assert near(still.getpixel((30, 30)), (255, 0, 0))


def polyglots() -> dict[str, bytes]:
    """Make files that are a picture and something else."""
    sound = written(scene(), "JPEG")
    page = b"<html><script>alert(1)</script></html>" + CANARY
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.html", page)
        file.writestr("canary", CANARY)
    comment = b"\xff\xfe" + (len(page) + 2).to_bytes(2) + page
    script = b"*/=alert(1);/*" + CANARY
    return {
        "html behind": sound + page,
        "html inside": sound[:2] + comment + sound[2:],
        "zip behind": sound + archive.getvalue(),
        "script inside": sound[:2] + b"\xff\xfe" + (len(script) + 2).to_bytes(2) + script + sound[2:],
        "png with html": written(scene(), "PNG") + page,
        "php": sound + b"<?php system($_GET['c']); ?>" + CANARY,
    }


@pytest.mark.parametrize("name", polyglots())
def test_what_hides_in_a_picture_stays_behind(name: str) -> None:
    kept = rules.prepare(polyglots()[name])
    for content in (kept.large, kept.small):
        assert not any(
            word in content for word in (CANARY, b"<html", b"<script", b"PK\x03\x04", b"<?php", b"alert(")
        )
        assert not zipfile.is_zipfile(BytesIO(content))


def refused(content: bytes) -> tuple[int, str, str]:
    with pytest.raises(BadInput) as error:
        rules.prepare(content)
    assert error.value.params["field"] == "photos"
    return error.value.status, error.value.code, error.value.sentence


JPEG = written(scene(), "JPEG")
REFUSED = {
    "empty": (b"", 422, "broken", header.EMPTY),
    "gif": (pictures.GIF, 415, "not_a_photo", header.GIF),
    "svg": (pictures.SVG, 415, "not_a_photo", header.SVG),
    "svg after a mark": (b"\xef\xbb\xbf \n" + pictures.SVG, 415, "not_a_photo", header.SVG),
    "heic": (pictures.HEIC, 415, "not_a_photo", header.HEIC),
    "bmp": (written(scene(8, 8), "BMP"), 415, "not_a_photo", header.KINDS),
    "tiff": (written(scene(8, 8), "TIFF"), 415, "not_a_photo", header.KINDS),
    "avif": (b"\0\0\0\x18ftypavif" + b"\0" * 99, 415, "not_a_photo", header.KINDS),
    "pdf": (b"%PDF-1.7", 415, "not_a_photo", header.KINDS),
    "html": (b"<!doctype html><script>alert(1)</script>", 415, "not_a_photo", header.KINDS),
    "text": ("照片".encode(), 415, "not_a_photo", header.KINDS),
    "bomb": (pictures.png_bomb(), 422, "too_many_pixels", header.PIXELS),
    "25 million": (pictures.png_bomb(5000, 5000), 422, "too_many_pixels", header.PIXELS),
    "long": (pictures.png_bomb(30_000, 8), 422, "too_many_pixels", header.PIXELS),
    "webp bomb": (
        b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xff\x3f\0" * 2, 422, "too_many_pixels", header.PIXELS,
    ),
    "no width": (b"\x89PNG\r\n\x1a\n" + pictures.chunk(b"IHDR", b"\0" * 13), 422, "broken", header.BROKEN),
    "text bomb": (pictures.text_bomb(b"zTXt"), 422, "broken", header.BROKEN),
    "profile bomb": (pictures.text_bomb(b"iCCP"), 422, "broken", header.BROKEN),
    "scan bomb": (pictures.scan_bomb(60), 422, "broken", header.BROKEN),
    "only a header": (JPEG[:400], 422, "broken", header.BROKEN),
    "only a start": (b"\xff\xd8\xff", 422, "broken", header.BROKEN),
    "png without rows": (written(scene(), "PNG")[:60], 422, "broken", header.BROKEN),
    "riff of nothing": (b"RIFF\0\0\0\0WEBP", 422, "broken", header.BROKEN),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_bad_files_are_refused_with_their_sentence(name: str) -> None:
    content, status, code, sentence = REFUSED[name]
    assert len(content) <= rules.MOST_BYTES
    assert refused(content) == (status, code, sentence)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.3, 0.7, 0.97])
def test_half_a_picture_is_no_picture(kind: str, share: float) -> None:
    whole = written(scene(1200, 900), kind)
    assert refused(whole[: int(len(whole) * share)])[1] == "broken"


def test_more_than_six_megabytes_are_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "redraw", None)
    assert refused(JPEG + b"\0" * rules.MOST_BYTES)[:2] == (413, "too_large")
    assert refused(BytesIO(JPEG + b"\0" * rules.MOST_BYTES).read())[:2] == (413, "too_large")


def test_a_bomb_is_refused_from_its_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "redraw", None)
    bomb = pictures.png_bomb()
    tracemalloc.start()
    refused(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_twelve_million_pixels_take_no_second() -> None:
    """Counted in this thread's own time: the machine may have others to serve."""
    noise = Image.effect_noise((500, 375), 90).resize((4000, 3000))
    sent = written(
        Image.merge("RGB", (noise, noise.transpose(Image.Transpose.ROTATE_180), noise)), "JPEG", quality=88
    )
    times = []
    for _ in range(3):
        start = time.thread_time()
        rules.prepare(sent)
        times.append(time.thread_time() - start)
    assert min(times) < 1.0, times


def test_only_so_many_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The third waits; one who waits too long is told to come back."""
    monkeypatch.setattr(rules, "PATIENCE", 0.05)
    inside, leave = threading.Barrier(rules.AT_ONCE + 1), threading.Event()

    def slow(data: bytes) -> picture.Drawn:
        inside.wait(5)
        leave.wait(5)
        return picture.Drawn(b"l", b"s", 1, 1)

    monkeypatch.setattr(rules, "redraw", slow)
    workers = [threading.Thread(target=rules.prepare, args=(JPEG,)) for _ in range(rules.AT_ONCE)]
    for worker in workers:
        worker.start()
    inside.wait(5)
    with pytest.raises(Busy):
        rules.prepare(JPEG)
    leave.set()
    for worker in workers:
        worker.join()
    monkeypatch.setattr(rules, "redraw", lambda data: picture.Drawn(b"l", b"s", 1, 1))
    assert rules.prepare(JPEG).width == 1
