"""How much of a delivery is borne before it is refused."""

from dataclasses import dataclass

# Below this size a delivery may unfold as far as it likes: nobody is harmed.
_HARMLESS_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """`max_bytes` bounds what is kept of a delivery, compressed or not, and `max_ratio` to how many times
    its size it may unfold. `max_entries` bounds the files of a folder or an archive, `fetch_seconds` the
    whole fetching of an address."""

    max_bytes: int
    max_ratio: int
    max_entries: int
    fetch_seconds: int

    def unfolded(self, size: int) -> int:
        """How many bytes `size` compressed ones may become."""
        return max(_HARMLESS_BYTES, size * self.max_ratio)
