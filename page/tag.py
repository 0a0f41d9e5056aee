"""Tag: an HTML element with a text and attributes, of which only what changes is sent."""

from __future__ import annotations

from nicegui.elements.mixins.text_element import TextElement


class Tag(TextElement):
    """`Tag("h1", "Nightlight", id="name")`. Its children are made in its `with` block, as NiceGUI does it.

    Whatever it is given is text, and never HTML, so that nothing from the network can become more than that.
    An attribute that is None is left out; `_` in a name stands for `-`, and one at the end for nothing.
    """

    def __init__(self, name: str, text: str = "", /, **attributes: object) -> None:
        super().__init__(tag=name, text=text)
        self._put(attributes)

    def show(self, text: str | None = None, /, **attributes: object) -> None:
        """Change what differs from what is shown."""
        is_new = self._put(attributes)
        if text is not None and text != self.text:
            self.text = text  # sends it all
        elif is_new:
            self.update()

    def _put(self, attributes: dict[str, object]) -> bool:
        """Whether any of them is new."""
        named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        new = {name: value for name, value in named.items() if self.props.get(name) != value}
        with self.props.suspend_updates():
            for name, value in new.items():
                self.props.set_optional(name, value)
        return bool(new)
