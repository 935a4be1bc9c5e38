"""Pictures of at most 256 colours: a browser counts them, this writes them."""

import base64
import struct
import zlib

from playwright.sync_api import Browser

# Averages the colours of 32768 boxes, keeps the 256 fullest, and gives every pixel the nearest of them.
COUNT = """async (address) => {
    const picture = await createImageBitmap(await (await fetch(address)).blob());
    const { width, height } = picture;
    const brush = new OffscreenCanvas(width, height).getContext("2d");
    brush.drawImage(picture, 0, 0);
    const { data } = brush.getImageData(0, 0, width, height);
    const boxes = new Map();
    const box = (i) => (data[i] >> 3 << 10) | (data[i + 1] >> 3 << 5) | data[i + 2] >> 3;
    for (let i = 0; i < data.length; i += 4) {
        const sums = boxes.get(box(i)) ?? [0, 0, 0, 0];
        boxes.set(box(i), [sums[0] + 1, sums[1] + data[i], sums[2] + data[i + 1], sums[3] + data[i + 2]]);
    }
    const colours = [...boxes.values()].sort((a, b) => b[0] - a[0]).slice(0, 256)
        .map(([n, ...sums]) => sums.map((sum) => Math.round(sum / n)));
    const known = new Map();
    const nearest = (i) => {
        const key = (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
        if (!known.has(key)) {
            let best = 0, least = Infinity;
            colours.forEach(([r, g, b], number) => {
                const far = (r - data[i]) ** 2 + (g - data[i + 1]) ** 2 + (b - data[i + 2]) ** 2;
                if (far < least) [best, least] = [number, far];
            });
            known.set(key, best);
        }
        return known.get(key);
    };
    let text = "";
    for (let i = 0; i < data.length; i += 4) text += String.fromCharCode(nearest(i));
    return [width, height, colours.flat(), btoa(text)];
}"""


def small_png(browser: Browser, png: bytes) -> bytes:
    """Give the picture with a palette; about a third of the bytes for what a page looks like."""
    page = browser.new_page()
    address = "data:image/png;base64," + base64.b64encode(png).decode()
    width, height, colours, pixels = page.evaluate(COUNT, address)
    page.close()
    body = base64.b64decode(pixels)
    rows = b"".join(b"\0" + body[start : start + width] for start in range(0, width * height, width))
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", head), (b"PLTE", bytes(colours)), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
