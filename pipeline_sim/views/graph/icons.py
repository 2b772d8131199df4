"""The signs of a picture, drawn in fields of 16 by 16: no font is asked for them, so they look alike everywhere."""

from __future__ import annotations

from collections.abc import Mapping

_DISC = '<circle cx="8" cy="8" r="7.2" class="disc"/>'
_RING = '<circle cx="8" cy="8" r="6.4" class="ring"/>'


def _on(field: str, path: str) -> str:
    return f'{field}<path class="{"on" if field == _DISC else "line"}" d="{path}"/>'


_ICONS: Mapping[str, str] = {
    "Succeeded": _on(_DISC, "M4.6 8.2l2.4 2.5 4.5-5"),
    "Failed": _on(_DISC, "M5.3 5.3l5.4 5.4m0-5.4l-5.4 5.4"),
    "Errored": _on(_DISC, "M8 4.2v4.6m0 2.3v.6"),
    "InProgress": _on(_RING, "M8 4.4v3.8l2.8 1.7"),
    "Stopping": '<rect x="1.8" y="1.8" width="12.4" height="12.4" rx="2" class="ring"/>'
                '<rect x="5" y="5" width="6" height="6" class="disc"/>',
    "Stopped": '<rect x="1.2" y="1.2" width="13.6" height="13.6" rx="2.4" class="disc"/>'
               '<path class="on" d="M5.6 5.6h4.8v4.8h-4.8z"/>',
    "Superseded": _on(_RING, "M5 5.2l2.7 2.8L5 10.8m3.4-5.6l2.7 2.8-2.7 2.8"),
    "Cancelled": _on(_RING, "M3.6 12.4l8.8-8.8"),
    "Skipped": '<path class="line" d="M1.8 11.8C3 4.8 10 3.8 13.2 9.2M13.8 4.2v5.4H8.4"/>',
    "Abandoned": _on(_RING, "M4.8 8h6.4"),
    "Overridden": _on(_RING, "M4.8 9.8l3.2-4 3.2 4"),
    "DidntRun": _RING,
    "approval": '<circle cx="8" cy="4.8" r="3" class="ring"/><path class="line" d="M2.2 14.4c.3-3.6 2.6-5 5.8-5'
                's5.5 1.4 5.8 5"/>',
    "◇": '<path class="line" d="M8 1.8l6.2 6.2L8 14.2 1.8 8z"/>',
    "↻": '<path class="line" d="M13.4 8A5.4 5.4 0 1 1 11.6 4M12 1v3.4H8.6"/>',
    "↩": '<path class="line" d="M5.6 2.6L2.4 5.8 5.6 9M2.6 5.8h7.2a3.8 3.8 0 0 1 0 7.6H6"/>',
}


def icon(name: str) -> str:
    """The sign of a status (`marks.status_key`), of an approval, or of a condition's glyph."""
    return _ICONS[name]
