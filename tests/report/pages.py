"""What a test looks for in HTML: its tags, attributes and texts, and whether it is well formed and acts."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "br"}
DRAWN = {"svg", "g", "path", "line", "text", "title", "rect", "circle", "defs", "clippath"}


class Page(HTMLParser):
    """The tags, attributes and texts of a page; a tag that is closed in the wrong place fails."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.headings: list[int] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in {f"h{level}" for level in range(1, 7)}:
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        assert "svg" in self.open

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def names(self) -> set[str]:
        return {tag for tag, _ in self.tags}

    @property
    def attributes(self) -> set[str]:
        return {name for _, found in self.tags for name in found}

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [found for name, found in self.tags if name == tag]

    def leads_outside(self) -> list[tuple[str, str | None]]:
        """Attributes that would load something or lead somewhere else than within the page."""
        loading = {"src", "href", "xlink:href", "srcset", "action", "data", "poster", "background", "cite", "ping"}
        found = [(name, value) for _, attrs in self.tags for name, value in attrs.items() if name in loading]
        return [(name, value) for name, value in found if name != "href" or not str(value).startswith("#")]
