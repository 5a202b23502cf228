"""`pictures/cmyk.jpg`: the JPEG of four inks that Pillow writes, with Adobe's inverted values."""

from PIL import Image

from fixture import FIXTURES

INKS = (0, 128, 255, 51)  # cyan, magenta, yellow, black


def main():
    folder = FIXTURES / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    Image.new("CMYK", (8, 8), INKS).save(folder / "cmyk.jpg", quality=100)


if __name__ == "__main__":
    main()
