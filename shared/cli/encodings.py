"""In which encoding is a text file written, and is that one in which texts are written at all?"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from shared.errors import Rejected

KNOWN = (
    *("utf-8", "utf-16", "utf-32", "ascii"),
    *("gb18030", "gbk", "gb2312", "big5", "big5hkscs", "cp950"),
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258"),
    *(f"iso8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16)),
    *("cp437", "cp850", "cp852", "cp866", "cp874", "koi8-r", "koi8-u", "mac-roman"),
    *("shift_jis", "cp932", "euc_jp", "iso2022_jp", "euc_kr", "cp949"),
)
"""What registers, spreadsheets and databases write, by Python's own names."""
_MARKS = (
    # The longer ones first: the mark of UTF-32 begins like that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_VARIANTS = {"utf-8-sig": "utf-8", "utf-16-le": "utf-16", "utf-16-be": "utf-16", "utf-32-le": "utf-32"}
_VARIANTS["utf-32-be"] = "utf-32"

FOREIGN = "kesu.foreign"
"""What to do with bytes of another encoding: each becomes a lone surrogate, and that byte again."""


def _foreign(error: UnicodeError) -> tuple[str | bytes, int]:
    # As surrogateescape, but for bytes below 128 too, of which UTF-16 is made.
    if isinstance(error, UnicodeDecodeError):
        return "".join(chr(_ASIDE + byte) for byte in error.object[error.start : error.end]), error.end
    if isinstance(error, UnicodeEncodeError):
        places = [ord(char) - _ASIDE for char in error.object[error.start : error.end]]
        if all(place in range(256) for place in places):
            return bytes(places), error.end
    raise error


_ASIDE = 0xDC00
codecs.register_error(FOREIGN, _foreign)


@dataclass(frozen=True, slots=True)
class Encoding:
    """How bytes are text: by which of Python's codecs, after which byte order mark."""

    codec: str
    mark: bytes = b""

    def decoded(self, head: bytes) -> str:
        """What a file that begins so says at its beginning; what is cut or foreign is replaced."""
        return head.removeprefix(self.mark).decode(self.codec, "replace")

    def encoded(self, text: str) -> bytes:
        """The text as bytes; bytes that were of another encoding come back as they were."""
        try:
            return text.encode(self.codec, FOREIGN)
        except UnicodeEncodeError:
            return text.encode(self.codec, "backslashreplace")


def encoding_of(name: str | None, head: bytes) -> Encoding:
    """The encoding of that name, of a file that begins so; without a name by its mark, else UTF-8.

    Raises Rejected('unknown-encoding') with those that are known, 'encoding-differs' from its mark.
    """
    marked = next((Encoding(codec, mark) for mark, codec in _MARKS if head.startswith(mark)), None)
    if name is None:
        # Half of western UTF-16 is NUL; one in a single cell is that row's own fault.
        if marked is None and head.count(0) * 4 > len(head):
            raise Rejected(
                "unknown-encoding",
                "the file begins with bytes that are no UTF-8 text",
                field="encoding",
                remedy="If a spreadsheet wrote it as Unicode text, give --encoding utf-16-le or utf-16-be.",
            )
        return marked or Encoding("utf-8")
    codec = _known(name)
    family = _VARIANTS.get(codec, codec)
    if marked is not None and _VARIANTS.get(marked.codec, marked.codec) == family:
        return marked
    if marked is not None:
        raise Rejected(
            "encoding-differs",
            f"the file begins with the byte order mark of {marked.codec}, not like {name}",
            field="encoding",
            remedy="Leave --encoding out: the mark says how it is written.",
        )
    # Without a mark UTF-16 is what Windows writes.
    return Encoding(f"{codec}-le" if codec in {"utf-16", "utf-32"} else codec.removesuffix("-sig"))


def _known(name: str) -> str:
    try:
        codec = codecs.lookup(name).name
    except (LookupError, ValueError):
        codec = ""
    if _VARIANTS.get(codec, codec) not in KNOWN:
        raise Rejected(
            "unknown-encoding",
            f"{name} is no encoding of text files",
            field="encoding",
            remedy=f"Chinese spreadsheets are often gb18030, western ones cp1252. Known: {', '.join(KNOWN)}.",
        )
    return codec
